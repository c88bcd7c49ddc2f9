"""What only the Unix socket has: modes, links, the kernel's word about a peer, a longest path."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from tests.integration.control.app import STATUS, echo
from tests.windows.mark import not_on_windows
from traycreds.adapters import controlclient
from traycreds.adapters.controlserver import Answer, ControlServer

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
    assert "no commands are taken" in caplog.text


def test_nothing_is_left_behind(folder):
    with ControlServer(folder, echo):
        assert controlclient.ask(folder, STATUS)["did"] == "status"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the way around the limit is Linux's")
def test_a_path_longer_than_a_socket_address_works(tmp_path):
    deep = tmp_path / ("d" * 120) / "run"
    with ControlServer(deep, echo):
        assert controlclient.ask(deep, STATUS)["did"] == "status"


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
    heard = []

    def listen(request, gone):
        heard.append(request)
        return Answer(content={"ok": True})

    with ControlServer(folder, listen):
        folder.chmod(0o711)
        (folder / "control.sock").chmod(0o666)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert (done.stdout.strip(), done.stderr) == ("b''", "")
        assert not heard
        assert controlclient.ask(folder, STATUS)["ok"]
        folder.chmod(0o700)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert "PermissionError" in done.stderr, "with the folder as we make it he does not even get there"
