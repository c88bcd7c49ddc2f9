"""The end of a process that is none of ours: heard of at once, by whatever way the system has."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from traycreds.adapters import lifetime


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        yield running
        running.kill()


def forbidden(_pid, _flags=0):
    raise PermissionError(1, "forbidden")


@pytest.mark.parametrize("way", ["as the system has it", "forbidden"])
def test_it_blocks_until_the_end(process, monkeypatch, way):
    monkeypatch.setattr(lifetime, "_STEP", 0.01)
    if way == "forbidden":
        monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    ended = threading.Event()
    wait = lifetime.end_of(process.pid)
    waiting = threading.Thread(target=lambda: (wait(), ended.set()), daemon=True)
    waiting.start()
    assert not ended.wait(0.1)
    process.communicate(b"\n", timeout=10)
    assert ended.wait(10)
    waiting.join(10)


@pytest.mark.parametrize("way", ["as the system has it", "forbidden"])
def test_a_process_that_is_gone_already_has_ended(process, monkeypatch, way):
    process.communicate(b"\n", timeout=10)
    if way == "forbidden":
        monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    lifetime.end_of(process.pid)()


def test_another_users_process_is_there_all_the_same(monkeypatch):
    looks = []

    def kill(_pid, _number):
        looks.append(1)
        raise PermissionError if len(looks) == 1 else ProcessLookupError

    monkeypatch.setattr(lifetime, "_STEP", 0)
    monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    monkeypatch.setattr(os, "kill", kill)
    lifetime.end_of(1)()
    assert len(looks) == 2
