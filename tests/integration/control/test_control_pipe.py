"""What only the named pipe of Windows has: an access list, an owner, instances that can be all taken."""

from __future__ import annotations

import sys
import time
from contextlib import closing

import pytest

from tests.integration.control.app import STATUS, echo
from tests.support.wait_until import PATIENCE
from tests.windows.mark import windows_only
from traycreds.control import client, transport
from traycreds.control.server import CommandReply, ControlServer
from traycreds.core.errors import NotRunningError

if sys.platform == "win32":
    import _winapi

    from traycreds.control import named_pipe, windows_security

pytestmark = windows_only


def access_list(handle) -> str:
    """As Windows writes it (SDDL)."""
    import ctypes
    from ctypes import byref, c_void_p, c_wchar_p

    security, descriptor, text = ctypes.WinDLL("advapi32"), c_void_p(), c_wchar_p()
    assert security.GetSecurityInfo(handle, 6, 0x5, None, None, None, None, byref(descriptor)) == 0
    convert = security.ConvertSecurityDescriptorToStringSecurityDescriptorW
    assert convert(descriptor, 1, 0x5, byref(text), None)
    return str(text.value)


def test_only_the_user_may_touch_it(folder):
    me = windows_security.sid()
    assert me.startswith("S-1-5-")
    with ControlServer(folder, echo):
        connection = transport.connect(folder, seconds=2)
        assert connection is not None
        with closing(connection):
            assert windows_security.owner(connection._handle) == me
            owner, _, entries = access_list(connection._handle).partition("D:")
            assert owner == f"O:{me}"
            flags, *each = entries.rstrip(")").split("(")
            assert (flags, len(each)) == ("P", 1), "nothing is inherited, and there is one entry"
            kind, *_, whose = each[0].split(";")
            assert (kind, whose) == ("A", me)


def test_nobody_comes_over_the_network(folder, monkeypatch):
    made = []
    create = _winapi.CreateNamedPipe
    monkeypatch.setattr(_winapi, "CreateNamedPipe", lambda *how: made.append(how) or create(*how))
    with ControlServer(folder, echo):
        assert client.ask(folder, STATUS)["did"] == "status"
    assert made
    assert all(how[2] & 0x8 for how in made), "PIPE_REJECT_REMOTE_CLIENTS"
    assert made[0][1] & _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE


def test_a_pipe_of_someone_else_is_not_spoken_to(folder, monkeypatch):
    received = []

    def listen(request, gone):
        received.append(request)
        return CommandReply(content={"ok": True})

    with ControlServer(folder, listen):
        monkeypatch.setattr(windows_security, "sid", lambda: "S-1-5-21-1-2-3-1001")
        with pytest.raises(NotRunningError, match="another user is listening there"):
            client.ask(folder, STATUS)
        assert not received


@pytest.mark.logs_warnings
def test_a_name_that_is_already_taken_is_reported(folder, monkeypatch, caplog):
    taken = transport.listen(folder)
    assert taken is not None
    monkeypatch.setattr(windows_security, "owner", lambda handle: "S-1-5-21-1-2-3-1001")
    with ControlServer(folder, echo):
        assert "commands are not accepted" in caplog.text
    taken.close()


def test_a_pipe_whose_app_accepts_nobody_is_given_up_in_time(folder):
    taken = transport.listen(folder)
    assert taken is not None
    first = transport.connect(folder, seconds=1)
    assert first is not None
    begun = time.monotonic()
    with pytest.raises(OSError, match="busy"):
        transport.connect(folder, seconds=0.3)
    assert 0.25 < time.monotonic() - begun < PATIENCE
    first.close()
    taken.close()


def test_a_peer_that_came_and_went_leaves_the_place_to_the_next(folder):
    listening = transport.listen(folder)
    assert listening is not None
    # Nobody accepts yet, so the pipe only learns of these peers when someone does.
    for _ in range(3):
        hasty = transport.connect(folder, seconds=1)
        assert hasty is not None
        hasty.close()
        assert listening.accept() is None
    ours = transport.connect(folder, seconds=1)
    theirs = listening.accept()
    assert ours is not None
    assert theirs is not None
    for one in (ours, theirs, listening):
        one.close()


@pytest.fixture
def ends(folder):
    """The two ends of a connection: the command's and the app's."""
    listening = transport.listen(folder)
    assert listening is not None
    ours = transport.connect(folder, seconds=1)
    theirs = listening.accept()
    assert ours is not None
    assert theirs is not None
    with closing(listening), closing(theirs), closing(ours):
        yield ours, theirs


def test_what_the_peer_sent_before_it_went_is_read(ends):
    ours, theirs = ends
    assert not theirs.is_gone()
    ours.send(b"x" * 10_000, seconds=1)
    ours.close()
    got = b""
    while more := theirs.receive(seconds=1):
        got += more
    assert got == b"x" * 10_000
    assert theirs.is_gone()


def test_a_peer_that_does_not_read_is_given_up_in_time(ends):
    _, theirs = ends
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        theirs.send(b"x" * 5_000_000, seconds=0.3)
    with pytest.raises(TimeoutError):
        theirs.receive(seconds=0.3)
    assert time.monotonic() - begun < PATIENCE


def test_each_folder_has_a_pipe_of_its_own(tmp_path):
    one, other = named_pipe.name_of(tmp_path / "One"), named_pipe.name_of(tmp_path / "other")
    assert one != other
    assert one == named_pipe.name_of(tmp_path / "oNE")
    assert str(tmp_path) not in one
