"""Carries over a file's extended attributes and access lists on POSIX; see `atomic_write_windows` for Windows."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_ACL = "system.posix_acl_access"
"""Of Linux: a version, then entries of tag, permissions and id (linux/posix_acl_xattr.h)."""
_HEAD, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_OWNER, _GROUP, _OTHERS = 0x01, 0x04, 0x20
"""Tags of the entries that repeat the mode; named users and groups have others."""
_READ_AND_WRITE = 0o6
_COPYFILE_ACL, _COPYFILE_XATTR = 1 << 0, 1 << 2
"""Of fcopyfile(3) (copyfile.h)."""


def carry_over(old: Path, new: int, *, private: bool) -> None:
    """Copy what the file system takes to the handle of a new file; users and groups named by the owner keep access.

    Call it once the mode is set, before anything is written. With `private`, group and others get nothing.
    """
    if sys.platform == "linux":
        _carry_over_linux(old, new, private=private)
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, AttributeError), old.open("rb") as file:
            flags = _COPYFILE_ACL | _COPYFILE_XATTR
            ctypes.CDLL(None).fcopyfile(file.fileno(), new, None, ctypes.c_uint32(flags))


def mode(file: Path | int) -> int:
    """The mode without an access list, whose mask replaces the group's bits. Raises OSError."""
    found = os.stat(file).st_mode  # noqa: PTH116 - of a handle too
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            group = next(bits for tag, bits, _ in _entries(os.getxattr(file, _ACL)) if tag == _GROUP)
            return found & ~0o070 | group << 3
    return found


def _carry_over_linux(old: Path, new: int, *, private: bool) -> None:
    if sys.platform == "linux":
        names = set[str]()
        with contextlib.suppress(OSError):
            names = set(os.listxattr(old))
        # The folder may have given the new file an ACL of its own.
        if _ACL not in names:
            with contextlib.suppress(OSError):
                os.removexattr(new, _ACL)
        for name in names:
            # Most often this is a label that only the administrator can set.
            with contextlib.suppress(OSError):
                value = os.getxattr(old, name)
                os.setxattr(new, name, _narrowed(value) if private and name == _ACL else value)


def _narrowed(acl: bytes) -> bytes:
    allowed = {_OWNER: _READ_AND_WRITE, _GROUP: 0, _OTHERS: 0}
    entries = (_ENTRY.pack(tag, bits & allowed.get(tag, bits), id_) for tag, bits, id_ in _entries(acl))
    return acl[: _HEAD.size] + b"".join(entries)


def _entries(acl: bytes) -> Iterator[tuple[int, int, int]]:
    return _ENTRY.iter_unpack(acl[_HEAD.size :])
