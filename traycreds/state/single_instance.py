"""One running app per user, by a system lock that ends with the process. filelock would take 9 ms to import."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import final

from traycreds.files import private_files

if sys.platform == "win32":
    import ctypes
    import msvcrt
else:
    import fcntl


_LOCK_VIOLATION = 33
"""ERROR_LOCK_VIOLATION (winerror.h): someone else has the lock."""


@final
class SingleInstance:
    """Holds the lock while entered; `first`: no other app runs."""

    def __init__(self, state_dir: Path) -> None:
        """Take nothing yet."""
        self._state_dir = state_dir
        self._file: int | None = None
        self.first = False

    def __enter__(self) -> SingleInstance:
        """Try to take the lock; a folder that allows no locks (some network homes) counts as first."""
        try:
            private_files.make_folder(self._state_dir)
            self._file = os.open(self._state_dir / "app.lock", os.O_RDWR | os.O_CREAT, 0o600)
            self.first = _locked(self._file)
        except OSError:
            self.first = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _locked(file: int) -> bool:
    """Take the lock of an open file; False when another process has it. Raises OSError: there are no locks here."""
    # Windows' own call may lose the reason for a failure.
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if kernel.LockFile(ctypes.c_void_p(msvcrt.get_osfhandle(file)), 0, 0, 1, 0):
            return True
        if (error := ctypes.get_last_error()) == _LOCK_VIOLATION:
            return False
        raise ctypes.WinError(error)
    else:  # noqa: RET506 - or the type checker does not see that this is another platform
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
