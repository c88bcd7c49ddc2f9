"""Keeps this process small: its threads share one heap, and freed memory goes back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3) of glibc."""
_LARGE = 64 * 1024
"""Size from which a block is mapped separately, and free bytes at the heap's end that are returned.

glibc raises both limits to what the process once had.
"""


def stay_small() -> None:
    """Call it before the first thread starts, for glibc alone: docs/decisions.md#one-heap-for-all-threads."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _LARGE)
            mallopt(_TRIM_THRESHOLD, _LARGE)
