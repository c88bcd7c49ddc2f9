"""Whether a stream is a console of Windows, and one that takes escape sequences; `isatty` says yes of NUL too."""

from __future__ import annotations

import sys
from typing import IO

if sys.platform == "win32":
    import ctypes
    import msvcrt

_SEQUENCES = 0x0004
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING (consoleapi.h)."""


def is_console(stream: IO[str] | None) -> bool:
    """Whether a person can sit before it."""
    return _mode(stream) is not None


def takes_sequences(stream: IO[str] | None) -> bool:
    """Have a console take escape sequences, which that of Windows 10 does only if asked; returns whether it does."""
    mode = _mode(stream)
    if sys.platform == "win32" and stream is not None and mode is not None:
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
        return bool(ctypes.WinDLL("kernel32").SetConsoleMode(handle, mode | _SEQUENCES))
    return False


def _mode(stream: IO[str] | None) -> int | None:
    if sys.platform == "win32" and stream is not None and stream.isatty():
        mode = ctypes.c_uint32()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
        if ctypes.WinDLL("kernel32").GetConsoleMode(handle, ctypes.byref(mode)):
            return mode.value
    return None
