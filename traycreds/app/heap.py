"""Keeps this process small: its threads share one heap, and freed memory goes back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3) of glibc."""
_LARGE = 64 * 1024
"""Size from which a block is mapped separately, and free bytes at the heap's end that are returned.

glibc raises both limits to what the process once had.
"""
# Garbage is collected after this many more objects: with Python's 700, that takes 5 % of the start. The more of it
# there is later, the more memory stays in pieces that cannot be returned: after a day of refreshes 3 MB with 10,000.
_AT_START, _RUNNING = 10_000, 2_000


def stay_small() -> None:
    """Call it before the first thread starts: docs/decisions.md#one-heap-for-all-threads, which is for glibc alone."""
    gc.set_threshold(_AT_START)
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _LARGE)
            mallopt(_TRIM_THRESHOLD, _LARGE)


def stay_whole() -> None:
    """Call it once the app works."""
    gc.set_threshold(_RUNNING)
