"""What only the Unix socket has: modes, links, the kernel's word about a peer, a longest path."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from tests.integration.control.app import STATUS, echo
from tests.windows.mark import not_on_windows
from traycreds.control import client
from traycreds.control.server import CommandReply, ControlServer
from traycreds.core.errors import NotRunningError

if sys.platform != "win32":
    from traycreds.control import unix_socket

pytestmark = not_on_windows


def test_only_the_user_can_reach_it(folder):
    with ControlServer(folder, echo):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (file,) = folder.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_others_could_enter_is_closed_to_them(folder):
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with ControlServer(folder, echo):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.logs_warnings
def test_a_folder_that_is_a_link_elsewhere_is_not_used(folder, tmp_path, caplog):
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with ControlServer(folder, echo):
        assert not list((tmp_path / "elsewhere").iterdir())
    assert "commands are not accepted" in caplog.text


def test_nothing_is_left_behind(folder):
    with ControlServer(folder, echo):
        assert client.ask(folder, STATUS)["did"] == "status"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the way around the limit is Linux's")
def test_a_path_longer_than_a_socket_address_works(tmp_path):
    deep = tmp_path / ("d" * 120) / "run"
    with ControlServer(deep, echo):
        assert client.ask(deep, STATUS)["did"] == "status"


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """A folder too deep for a socket, on a system that has no way around it."""
    monkeypatch.setattr(unix_socket, "OPEN_FOLDERS", tmp_path / "none")
    return tmp_path / ("d" * 120) / "run"


def test_if_the_path_is_too_long_the_socket_is_in_a_short_folder_that_both_sides_find(deep):
    another = deep.with_name("another")
    folders = short, of_another = unix_socket._short_folder(deep), unix_socket._short_folder(another)
    assert all(folder.match(f"/tmp/traycreds-{os.getuid()}-*") for folder in folders)
    with ControlServer(deep, echo):
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert client.ask(deep, STATUS)["did"] == "status"
        assert not of_another.exists(), "each runtime folder has one of its own"
        with ControlServer(another, echo):
            assert of_another.exists()
    assert not any(folder.exists() for folder in folders), "nothing is left behind"


@pytest.mark.logs_warnings
def test_a_short_folder_that_someone_else_made_is_not_used(deep, tmp_path, caplog):
    short = unix_socket._short_folder(deep)
    short.symlink_to(tmp_path)
    try:
        with ControlServer(deep, echo):
            assert not list(tmp_path.glob("*.sock"))
    finally:
        short.unlink()
    assert "it is not this user's own folder" in caplog.text


@pytest.mark.logs_warnings
def test_a_path_that_fits_nowhere_is_described_in_words(deep, monkeypatch, caplog):
    monkeypatch.setattr(unix_socket, "LONGEST_PATH", 20)
    with ControlServer(deep, echo):
        assert "the path is too long for a socket" in caplog.text
        with pytest.raises(NotRunningError, match="Could not reach the running app: the path is too long for a socket"):
            client.ask(deep, STATUS)


STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(5)
peer.connect("control.sock")
try:
    peer.sendall(b'{"v":1,"id":"1","do":"status"}\\n')
    print(peer.recv(1000))
except OSError as error:
    print(b"")
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become another user")
def test_another_user_is_turned_away_unheard_even_where_modes_let_him_in(folder):
    received = []

    def listen(request, gone):
        received.append(request)
        return CommandReply(content={"ok": True})

    with ControlServer(folder, listen):
        folder.chmod(0o711)
        (folder / "control.sock").chmod(0o666)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert (done.stdout.strip(), done.stderr) == ("b''", "")
        assert not received
        assert client.ask(folder, STATUS)["ok"]
        folder.chmod(0o700)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert "PermissionError" in done.stderr, "with the folder as we make it he does not even get there"
