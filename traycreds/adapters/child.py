"""Programs that run below this one, on Windows without a window of their own.

Never reads or writes what the program does.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""For `creationflags`: Windows gives a console program below one without a console a window, which would flash up."""


def started(program: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program as `subprocess.Popen` does, but without the window that Windows opens for it below our app.

    A console program has a console: ours in a terminal, where it may ask something, and else one of its own.

    Raises:
        OSError: it cannot be run; names the program, which Windows does not.
    """
    try:
        return subprocess.Popen(program, creationflags=_without_window(), **options)  # noqa: S603 - what the user has configured
    except OSError as error:
        error.filename = error.filename or program[0]
        raise


def _without_window() -> int:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows needs it

        console = ctypes.WinDLL("kernel32").GetConsoleWindow
        console.restype = ctypes.c_void_p
        if not console():
            return NO_WINDOW
    return 0
