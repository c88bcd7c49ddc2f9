"""Starts programs, on Windows without their own window. Never reads or writes what they do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

if sys.platform == "win32":
    import ctypes

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""For `creationflags`: Windows gives a console program below one without a console a window, which would flash up."""


_DETACHED: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""For `creationflags`: no console, and no Ctrl-C of another one."""


def started(program: Sequence[str] | str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a program, on Windows without a console window unless it shares ours. Raises OSError, naming it."""
    try:
        return subprocess.Popen(program, creationflags=_without_window(), **options)
    except OSError as error:
        error.filename = error.filename or (program if isinstance(program, str) else program[0])
        raise


def detached(program: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program that outlives this one and its terminal, without streams. Raises OSError."""
    none = subprocess.DEVNULL
    return subprocess.Popen(
        program, creationflags=_DETACHED, start_new_session=True, stdin=none, stdout=none, stderr=none
    )


def _without_window() -> int:
    if sys.platform == "win32":
        console = ctypes.WinDLL("kernel32").GetConsoleWindow
        console.restype = ctypes.c_void_p
        if not console():
            return NO_WINDOW
    return 0
