"""Renames a new file onto an old one on Windows, and carries over access list and attributes.

Not by ReplaceFile, which moves the old file away first, so that for a moment, or after a crash forever, there is none
(ERROR_UNABLE_TO_MOVE_REPLACEMENT_2). Waits for programs that have the file open.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

_T = TypeVar("_T")

PATIENCE, _STEP = 2.5, 0.01
"""Seconds during which a refusal is not believed, and between tries at most, since who reads all the time leaves short
gaps."""
REFUSED_FOR_NOW: tuple[type[OSError], ...] = (PermissionError,) if sys.platform == "win32" else ()
"""What may pass: Windows says the same of a file that a virus scanner or an SDK has open (ERROR_SHARING_VIOLATION,
ERROR_LOCK_VIOLATION, and of a rename ERROR_ACCESS_DENIED) as of one that is denied; `open` does not tell which, since
the C library forgets."""
_KEPT = (
    stat.FILE_ATTRIBUTE_READONLY
    | stat.FILE_ATTRIBUTE_HIDDEN
    | stat.FILE_ATTRIBUTE_SYSTEM
    | stat.FILE_ATTRIBUTE_NOT_CONTENT_INDEXED
)
"""Attributes that someone gave the file and that SetFileAttributes can give another."""
_ACCESS_LIST = 4
"""DACL_SECURITY_INFORMATION (winnt.h)."""
_READ, _DELETE, _OPEN_EXISTING, _SHARING_VIOLATION = 0x80000000, 0x10000, 3, 32
"""GENERIC_READ and DELETE (winnt.h), OPEN_EXISTING (fileapi.h), ERROR_SHARING_VIOLATION (winerror.h)."""
_SHARE_READ, _SHARE_WRITE, _SHARE_DELETE = 1, 2, 4
"""FILE_SHARE_* (winnt.h): what others may do with a file while a handle on it is open."""
_RENAME_INFO_EX, _REPLACE_IF_EXISTS, _POSIX_SEMANTICS = 22, 1, 2
"""FileRenameInfoEx (minwinbase.h), FILE_RENAME_* (ntifs.h)."""


def patiently(action: Callable[[], _T]) -> _T:
    """Retry for a while if Windows says that another program has the file open."""
    deadline, pause = time.monotonic() + PATIENCE, 0.001
    while True:
        try:
            return action()
        except REFUSED_FOR_NOW:
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _STEP)


def take_after(new: Path, old: Path) -> None:
    """Copy the old file's access list to a new one before anything opens it; if refused, the folder's applies."""
    if sys.platform == "win32":
        security, size = ctypes.WinDLL("advapi32"), ctypes.c_ulong()
        security.GetFileSecurityW(str(old), _ACCESS_LIST, None, 0, ctypes.byref(size))
        descriptor = ctypes.create_string_buffer(size.value)
        if security.GetFileSecurityW(str(old), _ACCESS_LIST, descriptor, size, ctypes.byref(size)):
            # Set the list as it is, so that the file inherits nothing from its folder.
            security.SetFileSecurityW(str(new), _ACCESS_LIST, descriptor)


def exchange(new: Path, old: Path, expected: bytes | None) -> bool:
    """Rename a file onto another that holds what is expected, in one step; False, and nothing done, if it does not.

    The name keeps its attributes, such as hidden. Where the file system renames as POSIX does, nobody can write the old
    file between check and rename; elsewhere, only within microseconds.

    Raises OSError: both are unchanged; PermissionError while a program has one of them open.
    """
    if sys.platform == "win32":
        try:
            handle = _opened(old, _READ, _SHARE_READ | _SHARE_DELETE)
        except FileNotFoundError:
            if expected is None:
                new.replace(old)
            return expected is None
        with os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb") as kept_as_it_is:
            if kept_as_it_is.read() != expected:
                return False
            _move(new, old, kept_as_it_is)
    return True


def _move(new: Path, old: Path, kept_as_it_is: BinaryIO) -> None:
    """Rename onto a file that we hold open to keep writers out; if that fails, close it first."""
    if sys.platform == "win32":
        attributes = old.stat().st_file_attributes & _KEPT
        if attributes & stat.FILE_ATTRIBUTE_READONLY:
            # Windows renames no file onto a read-only one.
            old.chmod(stat.S_IWRITE)
        try:
            if attributes:
                # The archive attribute shows backup programs that the file has changed.
                _set_attributes(new, attributes | stat.FILE_ATTRIBUTE_ARCHIVE)
            if not renamed_as_posix(new, old):
                kept_as_it_is.close()
                new.replace(old)
        except OSError:
            if attributes & stat.FILE_ATTRIBUTE_READONLY:
                with contextlib.suppress(OSError):
                    old.chmod(stat.S_IREAD)
            raise


def renamed_as_posix(new: Path, old: Path) -> bool:
    """Rename onto a file that programs have open but let be deleted (NTFS, Windows 10 1709 on); False if refused."""
    if sys.platform == "win32":
        name = str(old)

        class Renaming(ctypes.Structure):
            """FILE_RENAME_INFO (winbase.h)."""

            _fields_ = (
                ("flags", wintypes.DWORD),
                ("root", wintypes.HANDLE),
                ("name_length", wintypes.DWORD),
                ("name", wintypes.WCHAR * (len(name) + 1)),
            )

        kernel = ctypes.WinDLL("kernel32")
        kernel.SetFileInformationByHandle.argtypes = (
            wintypes.HANDLE,
            ctypes.c_int,
            ctypes.c_void_p,
            wintypes.DWORD,
        )
        flags, length = _REPLACE_IF_EXISTS | _POSIX_SEMANTICS, len(name.encode("utf-16-le"))
        renaming = Renaming(flags, None, length, name)
        try:
            handle = _opened(new, _DELETE, _SHARE_READ | _SHARE_WRITE | _SHARE_DELETE)
        except OSError:
            return False
        try:
            size = ctypes.sizeof(renaming)
            return bool(kernel.SetFileInformationByHandle(handle, _RENAME_INFO_EX, ctypes.byref(renaming), size))
        finally:
            _close(handle)
    return False


def is_held(path: Path) -> bool:
    """Whether some program has the file open: opening without sharing fails then."""
    if sys.platform == "win32":
        try:
            _close(_opened(path, _READ, 0))
        except OSError as error:
            return error.winerror == _SHARING_VIOLATION
    return False


def _opened(path: Path, access: int, share: int) -> int:
    """A handle on an existing file that limits others to `share`. Raises OSError; PermissionError: open elsewhere."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = wintypes.HANDLE
        handle = kernel.CreateFileW(str(path), access, share, None, _OPEN_EXISTING, 0, None)
        if handle == wintypes.HANDLE(-1).value:
            raise ctypes.WinError(ctypes.get_last_error())
        return int(handle)
    raise NotImplementedError


def _close(handle: int) -> None:
    if sys.platform == "win32":
        ctypes.WinDLL("kernel32").CloseHandle(wintypes.HANDLE(handle))


def _set_attributes(path: Path, attributes: int) -> None:
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if not kernel.SetFileAttributesW(str(path), attributes):
            raise ctypes.WinError(ctypes.get_last_error())
