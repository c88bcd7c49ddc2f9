"""The heap of a process whose threads come and go."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys

import pytest

from traycreds.app import heap

THREADS = """
import ctypes, sys, threading
from pathlib import Path
from traycreds.app import heap

if sys.argv[1] == "small":
    heap.stay_small()
ready, over = threading.Barrier(5), threading.Event()

def hold():
    piece = bytearray(4000)
    ready.wait(10)
    over.wait(10)

threads = [threading.Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
ready.wait(10)
maps = Path("/proc/self/maps").read_text().splitlines()
starts = [int(line.partition("-")[0], 16) for line in maps if line.split()[1] == "rw-p" and len(line.split()) == 5]
print(sum(start % (64 << 20) == 0 for start in starts))
over.set()
"""
"""Counts the heaps of threads: glibc has each begin at a multiple of 64 MiB."""
GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")


@pytest.mark.skipif(not GLIBC, reason="glibc alone gives each thread a heap")
@pytest.mark.parametrize(("how", "heaps"), [("small", False), ("as it is", True)])
def test_threads_share_one_heap(how, heaps):
    done = subprocess.run([sys.executable, "-c", THREADS, how], capture_output=True, text=True, check=True, timeout=30)
    assert (int(done.stdout) > 0) is heaps


def test_an_app_that_works_collects_garbage_sooner_than_one_that_starts():
    before = gc.get_threshold()
    try:
        heap.stay_small()
        at_start = gc.get_threshold()[0]
        heap.stay_whole()
        assert 700 <= gc.get_threshold()[0] < at_start
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("error", [AttributeError, OSError])
def test_another_c_library_is_left_alone(monkeypatch, error):
    def unknown(_):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", unknown)
    heap.stay_small()
