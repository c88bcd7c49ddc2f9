"""A file that was replaced, in one step that leaves it to us; a program that has it open may still write into it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from pathlib import Path

from traycreds.files import writers

_CHUNK = 1 << 20
_CALL, _WORKING_FOLDER = ("renameatx_np", -2) if sys.platform == "darwin" else ("renameat2", -100)
"""The call that exchanges two files, and AT_FDCWD of its system (fcntl.h)."""
_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux (linux/fs.h), RENAME_SWAP of macOS (sys/stdio.h)."""
_UNKNOWN = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM})
"""The errors of file systems without support, such as NFS; EPERM is a sandbox's."""


def exchange(one: Path, other: Path) -> bool:
    """Swap two files' names in one step; False if unsupported. Raises OSError: both are unchanged."""
    call = getattr(ctypes.CDLL(None, use_errno=True), _CALL, None)
    if call is None:
        return False
    if call(_WORKING_FOLDER, os.fsencode(one), _WORKING_FOLDER, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))


class ReplacedFile:
    """Owns a handle on such a file until `close` or garbage collection."""

    def __init__(self, handle: int) -> None:
        """Take over a handle that was opened for reading alone, before the file was replaced."""
        self._handle: int | None = handle

    def __del__(self) -> None:
        self.close()

    def read(self) -> tuple[bytes | None, bool | None]:
        """The content (None if unreadable) and whether a program has it open for writing (None if unknown)."""
        parts: list[bytes] = []
        try:
            if self._handle is None:
                return None, None
            with writers.held_off(self._handle) as held:
                os.lseek(self._handle, 0, os.SEEK_SET)
                while part := os.read(self._handle, _CHUNK):
                    parts.append(part)
        except OSError:
            return None, None
        return b"".join(parts), held.is_open

    def close(self) -> None:
        """Close it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
