"""Replaces a whole file in a single step, and backs one up: owns the safe order of system calls on each platform."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from traycreds.core.errors import CredentialsFileError
from traycreds.files import atomic_write_windows, attributes, contents, replaced_file, writers
from traycreds.files.atomic_write_windows import patiently
from traycreds.files.errors import file_error
from traycreds.files.private_files import make_folder

if sys.platform != "win32":
    import fcntl

_log = logging.getLogger(__name__)

_MOUNT_ERRORS = (errno.EBUSY, errno.EXDEV)
"""The errors of a rename onto a mount point, as in a container."""
_STRAY_AGE = 60.0
"""Seconds after which a temporary file is litter even if we hold no lock that proves it."""
_OWNER_ONLY = 0o600
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
"""O_BINARY, or Windows writes "\\r\\n" for "\\n"; O_NOINHERIT, or our children there hold the file open too."""


class ChangedMeanwhileError(Exception):
    """Another program wrote the file between our read and our replace; nothing was changed."""


Watch: TypeAlias = Callable[[int, bytes, bool], None]
"""Takes over a handle on a file that was replaced; what was expected in it; and whether it is not the file
looked at before, so that it holds what a program has put there since."""


def replace(
    path: Path,
    data: bytes,
    *,
    expected: bytes | None,
    private: bool = True,
    watch: Watch | None = None,
    patient: bool = False,
) -> contents.Stamp:
    """Replace a file's content by `data`; readers see old or new bytes, never a mixture. Return the new stamp.

    The mode becomes 0600 or what the old file had of it, unless not `private`; owner, extended attributes and access
    list stay. A file that is a mount point is written in place, with a backup beside it for as long as that takes.
    `path` has its links resolved; `expected` is what was read before, None for no file. `watch` gets the replaced file;
    without it, a file that another program has just put there is put back. It is never called on Windows, where a file
    that a program has open for writing is not replaced; if `patient`, nowhere that the system tells.

    Raises ChangedMeanwhileError: not as expected, or about to be written. Raises CredentialsFileError: unchanged.
    """
    try:
        make_folder(path.parent)
        # Up to Python 3.12, `tempfile` may hang in a folder that Windows denies (gh-66305).
        temporary = path.with_name(f"{_stray_prefix(path)}{os.urandom(6).hex()}.tmp")
        handle = os.open(temporary, _NEW_FILE, _OWNER_ONLY)
        try:
            with os.fdopen(handle, "wb") as file:
                _take_after(file.fileno(), temporary, path, private=private)
                file.write(data)
                file.flush()
                _sync(file.fileno())
            try:
                # NTFS may set the time only once the file is closed.
                written = contents.stamp_of(temporary.stat())
                patiently(lambda: _exchange(temporary, path, expected, watch, patient=patient))
            except (FileNotFoundError, FileExistsError) as error:
                # A process without our lock may have removed the temporary file, or the file came or went.
                raise ChangedMeanwhileError from error
            except OSError as error:
                if error.errno not in _MOUNT_ERRORS:
                    raise
                return _write_in_place(path, data, expected or b"")
        finally:
            with contextlib.suppress(OSError):
                patiently(lambda: _discard(temporary))
        _sync_folder(path.parent)
    except OSError as error:
        raise file_error(error, path) from error
    return written


def back_up(path: Path, data: bytes, now: datetime) -> Path:
    """Keep `data` in a new file (0600) beside `path` and return its path. Raises CredentialsFileError."""
    target = path.with_name(f"{path.name}.backup-{now:%Y%m%dT%H%M%SZ}")
    for number in range(1, 100):
        try:
            handle = os.open(target, _NEW_FILE, _OWNER_ONLY)
        except FileExistsError:
            target = path.with_name(f"{path.name}.backup-{now:%Y%m%dT%H%M%SZ}-{number}")
            continue
        except OSError as error:
            raise file_error(error, target) from error
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                _sync(file.fileno())
        except OSError as error:
            target.unlink(missing_ok=True)
            raise file_error(error, target) from error
        return target
    raise CredentialsFileError(
        f"Too many backups are beside {path}.",
        f"Delete the ones that you do not need, named {path.name}.backup-…",
    )


def sweep(path: Path, *, alone: bool) -> None:
    """Remove temporary files of our killed processes beside `path`: only old ones, unless `alone` (under the lock)."""
    for stray in strays(path):
        with contextlib.suppress(OSError):
            if alone or time.time() - stray.lstat().st_mtime > _STRAY_AGE:
                _discard(stray)


def strays(path: Path) -> tuple[Path, ...]:
    """Our temporary files beside `path`, some perhaps in use; never raises."""
    try:
        return tuple(each for each in path.parent.iterdir() if each.match(f"{_stray_prefix(path)}*.tmp"))
    except OSError:
        return ()


def _stray_prefix(path: Path) -> str:
    return f".{path.name}.traycreds-"


def _take_after(handle: int, temporary: Path, path: Path, *, private: bool) -> None:
    """Give the new file the old one's owner, attributes and mode; a private one at most 0600 of the mode."""
    if sys.platform == "win32":
        atomic_write_windows.take_after(temporary, path)
        return
    mode = _OWNER_ONLY
    with contextlib.suppress(FileNotFoundError):
        old, new = path.stat(), os.fstat(handle)
        mode = stat.S_IMODE(old.st_mode) & (_OWNER_ONLY if private else 0o777)
        if old.st_uid != new.st_uid:
            os.fchown(handle, old.st_uid, old.st_gid)
        elif old.st_gid != new.st_gid:
            # We may have left the group, and nobody but the owner reads the file anyway.
            with contextlib.suppress(PermissionError):
                os.fchown(handle, -1, old.st_gid)
    os.fchmod(handle, mode)
    attributes.carry_over(path, handle, private=private)
    if private and attributes.mode(handle) & 0o077:
        _log.warning("%s ignores file modes: others on this machine may read the credentials", path.parent)


def _exchange(temporary: Path, path: Path, expected: bytes | None, watch: Watch | None, *, patient: bool) -> None:
    """Rename right after a check; each attempt checks again, because a program may have written the file."""
    if sys.platform == "win32":
        if not atomic_write_windows.exchange(temporary, path, expected):
            raise ChangedMeanwhileError
        return
    if not path.is_file():
        if contents.read_once(path).data != expected:
            raise ChangedMeanwhileError
        _create(temporary, path)
        return
    with path.open("rb") as file:
        with writers.held_off(file.fileno()) as held:
            data = file.read()
            if data != expected or (patient and held.is_open) or held.one_waits():
                raise ChangedMeanwhileError
        if not replaced_file.exchange(temporary, path):
            temporary.replace(path)
            handle, unread = os.dup(file.fileno()), False
        else:
            handle, unread = _opened(temporary, path, file.fileno(), put_back=watch is None)
        if watch is not None:
            watch(handle, data, unread)
        else:
            os.close(handle)


def _create(temporary: Path, path: Path) -> None:
    """Rename to a free name, without replacing a file that appears at the last moment, if the file system can."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        temporary.replace(path)


def _opened(temporary: Path, path: Path, checked: int, *, put_back: bool) -> tuple[int, bool]:
    """A handle on the file that an exchange moved to the temporary name, and whether it differs from `checked`.

    With `put_back` such a file gets its name again. Raises ChangedMeanwhileError: it did, as a link does.
    """
    found = temporary.lstat()
    unread = not os.path.samestat(found, os.fstat(checked))
    if unread and (put_back or not stat.S_ISREG(found.st_mode)):
        temporary.replace(path)
        raise ChangedMeanwhileError
    handle = os.open(temporary, os.O_RDONLY) if unread else os.dup(checked)
    # If this process is killed now, the file stays under one of our names, so only its owner may read it.
    if found.st_nlink == 1:
        with contextlib.suppress(OSError):
            temporary.chmod(stat.S_IMODE(found.st_mode) & _OWNER_ONLY)
    return handle, unread


def _discard(temporary: Path) -> None:
    if sys.platform == "win32" and temporary.exists():
        # Windows deletes no read-only file, and this one may have inherited that from the old file.
        temporary.chmod(stat.S_IWRITE)
    temporary.unlink(missing_ok=True)


def _write_in_place(path: Path, data: bytes, old: bytes) -> contents.Stamp:
    _log.warning("%s is a mount point and cannot be replaced: writing in place, with a backup", path)
    backup = back_up(path, old, datetime.now().astimezone())
    try:
        written = _overwrite(path, data)
    except OSError:
        # If this fails too, the backup stays.
        _overwrite(path, old)
        backup.unlink()
        raise
    backup.unlink()
    return written


def _overwrite(path: Path, data: bytes) -> contents.Stamp:
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        _sync(file.fileno())
        return contents.stamp_of(os.fstat(file.fileno()))


def _sync(handle: int) -> None:
    """Make a write survive a power cut; macOS keeps it in the disk's cache unless asked for more."""
    if sys.platform == "darwin":
        # Some file systems do not support this.
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    # Some network file systems refuse this, but the rename is done all the same.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _sync(handle)
        finally:
            os.close(handle)
