"""The end of a process that we did not start: noticed at once, by whatever way the system has."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import types

import pytest

from tests.support.wait_until import PATIENCE
from tests.windows.mark import not_on_windows, windows_only
from traycreds.process import wait_for_exit


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield running
        running.kill()


def forbidden(_pid, _flags=0):
    raise PermissionError(1, "forbidden")


@pytest.mark.parametrize("way", ["as the system has it", "forbidden"])
def test_it_blocks_until_the_end(process, monkeypatch, way):
    monkeypatch.setattr(wait_for_exit, "STEP", 0.01)
    if way == "forbidden":
        monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    ended = threading.Event()
    wait = wait_for_exit.end_of(process.pid)
    waiting = threading.Thread(target=lambda: (wait(), ended.set()), daemon=True)
    waiting.start()
    assert not ended.wait(0.1)
    process.communicate(b"\n", timeout=PATIENCE)
    assert ended.wait(PATIENCE)
    waiting.join(PATIENCE)


@pytest.mark.parametrize("way", ["as the system has it", "forbidden"])
def test_a_process_that_is_gone_already_has_ended(process, monkeypatch, way):
    process.communicate(b"\n", timeout=PATIENCE)
    if way == "forbidden":
        monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    wait_for_exit.end_of(process.pid)()


@not_on_windows
def test_another_users_process_is_there_all_the_same(monkeypatch):
    checks = []

    def kill(_pid, _number):
        checks.append(1)
        raise PermissionError if len(checks) == 1 else ProcessLookupError

    monkeypatch.setattr(wait_for_exit, "STEP", 0)
    monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    monkeypatch.setattr(os, "kill", kill)
    wait_for_exit.end_of(1)()
    assert len(checks) == 2


@windows_only
def test_windows_says_that_another_users_process_is_there(monkeypatch):
    """OpenProcess is refused by ERROR_ACCESS_DENIED until there is no such process: ERROR_INVALID_PARAMETER."""
    answers = [5, 5, 5, 87]
    kernel = types.SimpleNamespace(OpenProcess=lambda right, inherited, pid: None)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name, use_last_error: kernel)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: answers.pop(0))
    monkeypatch.setattr(wait_for_exit, "STEP", 0)
    wait_for_exit.end_of(1)()
    assert answers == []
