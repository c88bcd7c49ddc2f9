"""Who has a file open for writing: true on Linux, unknown elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.support.wait_until import PATIENCE
from traycreds.files import writers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[a]\n")
    handle = os.open(path, os.O_RDONLY)
    yield path, handle
    os.close(handle)


def open_elsewhere(handle):
    with writers.held_off(handle) as held:
        return held.is_open


def test_a_file_that_others_only_read_is_open_for_writing_nowhere(file):
    path, handle = file
    with path.open():
        assert open_elsewhere(handle) is False


def test_a_file_that_a_program_has_open_for_writing_says_so_until_it_is_closed(file):
    path, handle = file
    with path.open("r+"):
        assert open_elsewhere(handle) is True
    assert open_elsewhere(handle) is False
    with path.open("r+"):
        path.unlink()
        assert open_elsewhere(handle) is True, "also when it is gone from its folder"


def test_a_program_that_comes_to_write_waits_while_it_is_held_off_and_harms_nobody(file):
    path, handle = file
    with writers.held_off(handle) as held:
        assert held.is_open is False
        assert not held.one_waits()
        rival = subprocess.Popen([sys.executable, "-c", f"open({str(path)!r}, 'w').write('[b]')"])
        while not held.one_waits():
            assert rival.poll() is None
        assert path.read_text() == "[a]\n"
    assert rival.wait(PATIENCE) == 0
    assert path.read_text() == "[b]"
    assert signal.getsignal(signal.SIGIO) is signal.SIG_DFL


def test_what_the_system_does_not_report_is_unknown(file, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(writers.fcntl, "fcntl", refuse)
    assert open_elsewhere(file[1]) is None
    with writers.held_off(file[1]) as held:
        assert not held.one_waits()
    monkeypatch.setattr(writers.sys, "platform", "darwin")
    assert open_elsewhere(file[1]) is None
