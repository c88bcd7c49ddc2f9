"""Extended attributes and access lists: what others have put on the file stays through a replace."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from pathlib import Path

import pytest

from tests.integration.credentials_file.folders import TEXT, mode
from traycreds.core.model import Batch
from traycreds.files import atomic_write, attributes

ACL = "system.posix_acl_access"
OWNER, USER, GROUP, MASK, OTHERS, NOBODY = 0x01, 0x02, 0x04, 0x10, 0x20, 0xFFFFFFFF


def acl(*, user, group=0, others=0):
    """A list that names user 1234, as `setfacl -m u:1234:...` writes it."""
    entries = [(OWNER, 6, NOBODY), (USER, user, 1234), (GROUP, group, NOBODY), (MASK, user, NOBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in [*entries, (OTHERS, others, NOBODY)])


def _takes_them(folder: Path) -> bool:
    file = folder / "tried"
    file.touch()
    try:
        os.setxattr(file, "user.tried", b"1")
        os.setxattr(file, ACL, acl(user=4))
    except OSError:
        return False
    return True


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux has them")


@pytest.fixture
def file(on_disk, tmp_path):
    if not _takes_them(tmp_path):
        pytest.skip("needs a file system with extended attributes")
    on_disk.put(TEXT)
    return on_disk.path


@linux_only
def test_extended_attributes_stay(on_disk, file, a_write):
    os.setxattr(file, "user.backup", b"daily")
    os.setxattr(file, "user.empty", b"")
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()
    assert (os.getxattr(file, "user.backup"), os.getxattr(file, "user.empty")) == (b"daily", b"")


@linux_only
def test_a_user_whom_the_owner_has_named_keeps_the_access_and_nobody_else_gets_any(on_disk, file, a_write, caplog):
    os.setxattr(file, ACL, acl(user=4, group=4, others=4))
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert os.getxattr(file, ACL) == acl(user=4)
    assert attributes.mode(file) & 0o777 == 0o600
    assert "ignores file modes" not in caplog.text


@linux_only
def test_a_list_that_the_folder_hands_down_is_not_taken(on_disk, file, a_write):
    os.setxattr(file.parent, "system.posix_acl_default", acl(user=7))
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert ACL not in os.listxattr(file)
    assert mode(file) == 0o600


@linux_only
def test_an_attribute_that_the_system_refuses_stops_no_write(on_disk, file, a_write, monkeypatch):
    os.setxattr(file, "user.backup", b"daily")

    def refuse(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "setxattr", refuse)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another call")
def test_macos_is_asked_to_copy_attributes_and_access_list(on_disk, a_write, monkeypatch):
    asked = []

    class Library:
        @staticmethod
        def fcopyfile(old, new, state, flags):
            asked.append((os.fstat(old).st_ino, os.fstat(new).st_size, state, flags.value))

    on_disk.put(TEXT)
    inode = on_disk.path.stat().st_ino
    monkeypatch.setattr(attributes.sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library)
    with on_disk.path.with_name("new").open("wb") as new:
        attributes.carry_over(on_disk.path, new.fileno(), private=True)
    assert asked == [(inode, 0, None, 0b101)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has another call")
@pytest.mark.parametrize("known", [True, False], ids=["by the file system", "by none"])
def test_macos_is_asked_to_write_through_the_cache_of_the_disk(on_disk, a_write, monkeypatch, known):
    """Before the rename, of what is written; after it, of the folder."""
    full, asked, plain = 51, [], []

    def sync_fully(handle, command, *more):
        assert (command, more) == (full, ())
        asked.append((stat.S_ISDIR(os.fstat(handle).st_mode), on_disk.text()))
        if not known:
            raise OSError(errno.ENOTSUP, "not supported")

    on_disk.put(TEXT)
    monkeypatch.setattr(atomic_write.sys, "platform", "darwin")
    monkeypatch.setattr(atomic_write.fcntl, "F_FULLFSYNC", full, raising=False)
    monkeypatch.setattr(atomic_write.fcntl, "fcntl", sync_fully)
    monkeypatch.setattr(atomic_write.os, "fsync", plain.append)
    monkeypatch.setattr(attributes, "carry_over", lambda *_, **__: None)
    atomic_write.replace(on_disk.path, b"new", expected=TEXT.encode())
    assert asked == [(False, TEXT), (True, "new")]
    assert len(plain) == (0 if known else 2), "the usual call where the file system has no other"
