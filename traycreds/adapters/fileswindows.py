"""What a file on Windows has besides its bytes, and the rename that puts a new one in its place.

Owns the calls to Windows that `files` needs, and the patience for others who have a file open. MoveFileEx and no
ReplaceFile: that one moves the old file away first, so that for a moment, or after an end in the middle for ever, there
is none (ERROR_UNABLE_TO_MOVE_REPLACEMENT_2); what it would have kept, access list and attributes, is carried over here.
"""

from __future__ import annotations

import contextlib
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")

_PATIENCE, _STEP = 2.5, 0.01
"""Seconds during which a refusal is not believed, and between tries at most, since who reads all the time leaves short
gaps."""
_REFUSED_FOR_NOW: tuple[type[OSError], ...] = (PermissionError,) if sys.platform == "win32" else ()
"""What may pass: Windows says the same of a file that a virus scanner or an SDK has open (ERROR_SHARING_VIOLATION,
ERROR_LOCK_VIOLATION, and of a rename ERROR_ACCESS_DENIED) as of one that is denied; `open` does not tell which, since
the C library forgets."""
_KEPT = (
    stat.FILE_ATTRIBUTE_READONLY
    | stat.FILE_ATTRIBUTE_HIDDEN
    | stat.FILE_ATTRIBUTE_SYSTEM
    | stat.FILE_ATTRIBUTE_NOT_CONTENT_INDEXED
)
"""Attributes that somebody gave the file and that SetFileAttributes can give another."""
_ACCESS_LIST = 4
"""DACL_SECURITY_INFORMATION (winnt.h)."""
_READ, _OPEN_EXISTING, _SHARING_VIOLATION = 0x80000000, 3, 32
"""GENERIC_READ (winnt.h), OPEN_EXISTING (fileapi.h), ERROR_SHARING_VIOLATION (winerror.h)."""


def patiently(action: Callable[[], _T]) -> _T:
    """Do it again for a while when Windows says that somebody else has the file open."""
    deadline, pause = time.monotonic() + _PATIENCE, 0.001
    while True:
        try:
            return action()
        except _REFUSED_FOR_NOW:
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _STEP)


def take_after(new: Path, old: Path) -> None:
    """Let those open a new file who may open the old one; it keeps its folder's access list where that is refused.

    Args:
        new: a file of ours that nobody looks for yet.
        old: the file that it shall replace; it need not exist.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows needs it

        security, size = ctypes.WinDLL("advapi32"), ctypes.c_ulong()
        security.GetFileSecurityW(str(old), _ACCESS_LIST, None, 0, ctypes.byref(size))
        descriptor = ctypes.create_string_buffer(size.value)
        if security.GetFileSecurityW(str(old), _ACCESS_LIST, descriptor, size, ctypes.byref(size)):
            security.SetFileSecurityW(str(new), _ACCESS_LIST, descriptor)  # as it stands: nothing is inherited anew


def move(new: Path, old: Path) -> None:
    """Rename a file onto another in one step; the name keeps its attributes, such as hidden and read-only.

    Raises:
        OSError: both are as they were; PermissionError while anybody has the old one open, or the new one.
    """
    if sys.platform == "win32":
        attributes = 0
        with contextlib.suppress(FileNotFoundError):
            attributes = old.stat().st_file_attributes & _KEPT
        if attributes & stat.FILE_ATTRIBUTE_READONLY:
            old.chmod(stat.S_IWRITE)  # MoveFileEx replaces none that is read-only
        try:
            if attributes:
                _set_attributes(new, attributes | stat.FILE_ATTRIBUTE_ARCHIVE)  # changed, for who makes backups
            new.replace(old)
        except OSError:
            if attributes & stat.FILE_ATTRIBUTE_READONLY:
                with contextlib.suppress(OSError):
                    old.chmod(stat.S_IREAD)
            raise


def is_held(path: Path) -> bool:
    """Whether some program has the file open: nobody else may have what is opened without sharing."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows needs it

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = ctypes.c_void_p
        handle = kernel.CreateFileW(str(path), _READ, 0, None, _OPEN_EXISTING, 0, None)
        if handle == ctypes.c_void_p(-1).value:
            return ctypes.get_last_error() == _SHARING_VIOLATION
        kernel.CloseHandle(ctypes.c_void_p(handle))
    return False


def _set_attributes(path: Path, attributes: int) -> None:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows needs it

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.SetFileAttributesW(str(path), attributes):
            raise ctypes.WinError(ctypes.get_last_error())
