"""Keeps this process small: its threads share one heap, and what is freed of it goes back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3) of glibc."""
_LARGE = 64 * 1024
"""Bytes from which a piece is mapped by itself, and free bytes at the end of the heap from which they are given back.

glibc raises both limits to what the process once had.
"""


def stay_small() -> None:
    """Call it before the first thread starts; does nothing where the C library is not glibc.

    glibc gives each thread a heap of its own, for programs whose threads allocate at the same moment. Python's do not,
    since one runs at a time, and the heaps of threads that have ended are never given back: 8 MiB for 200 roles.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _LARGE)
            mallopt(_TRIM_THRESHOLD, _LARGE)
