"""A file that is replaced, in one step that leaves it in our hands; who has it open may still write into it."""

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
"""What a file system says that cannot do it, as NFS; EPERM is a sandbox's."""


def exchange(one: Path, other: Path) -> bool:
    """Give two files each other's name in one step; False where the system or the file system cannot.

    Raises:
        OSError: one of them is not there, or may not be renamed; both are as they were.
    """
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
    """Owns a handle on such a file until `close`, or until nobody refers to it any more."""

    def __init__(self, handle: int) -> None:
        """Take over a handle that was opened for reading alone, before the file was replaced."""
        self._handle: int | None = handle

    def __del__(self) -> None:
        self.close()

    def read(self) -> tuple[bytes | None, bool | None]:
        """What it holds now, and whether a program has it open for writing (None where the system does not tell).

        The first is None if it cannot be read any more, as on a network drive that is away.
        """
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
        """Let it go for good."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
