"""Whole files on disk: read one, replace one in a single step, back one up.

Owns the order of system calls that makes a replace safe on each platform. Knows nothing of what the bytes mean, and
never leaves a file half written while it can be helped.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from traycreds.adapters import fileswindows
from traycreds.adapters.fileerrors import trouble
from traycreds.adapters.fileswindows import patiently
from traycreds.core.errors import CredentialsFileError

_MOUNT_ERRORS = (errno.EBUSY, errno.EXDEV)
"""What a rename onto a file says that is itself a mount point, as in a container."""
_STRAY_AGE = 60.0
"""Seconds after which a temporary file is litter even if we hold no lock that proves it."""
_OWNER_ONLY = 0o600
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
"""O_BINARY, or Windows writes "\\r\\n" for "\\n"; O_NOINHERIT, or our children there hold the file open too."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What `stat` says of a file's content, so that a change shows without reading."""

    device: int
    inode: int
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The bytes of a file; None and no stamp when there is no file. The bytes never show in a repr."""

    data: bytes | None
    stamp: Stamp | None

    def __repr__(self) -> str:
        return f"Reading(stamp={self.stamp})"


class ChangedMeanwhileError(Exception):
    """Somebody else wrote the file between our reading and our replacing it; nothing was changed."""


def stamp(path: Path) -> Stamp | None:
    """The stamp of a file, links followed, or None if it cannot be had; one `stat`, never raises."""
    try:
        return _stamp(path.stat())
    except (OSError, ValueError):
        return None


def real_path(path: Path) -> Path:
    """Where the bytes are: links and chains of links followed, also one that leads to nothing yet.

    Raises:
        CredentialsFileError: a link leads back to itself, or is of a drive that is away.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError up to Python 3.12, for a link to itself
        raise trouble(error if isinstance(error, OSError) else OSError(errno.ELOOP, "loop"), path) from error


def read(path: Path) -> Reading:
    """Read a file, which need not exist.

    Raises:
        CredentialsFileError: it cannot be read, or is no regular file.
    """
    try:
        return patiently(lambda: _read(path))
    except OSError as error:
        raise trouble(error, path) from error


def replace(path: Path, data: bytes, *, expected: bytes | None, private: bool = True) -> Stamp:
    """Put `data` in place of what the file holds; readers see the old or the new bytes, never a mixture.

    The mode becomes 0600 or what the old file had of it; the owner stays. A file that is a mount of its own cannot be
    replaced: it is written in place, with a backup beside it for as long as that takes.

    Args:
        path: the real path, symbolic links resolved.
        data: all that the file shall hold.
        expected: what was read before, None for no file.
        private: False keeps a wider mode of the old file, for files without secrets.

    Returns:
        The stamp of what was written, even if somebody else has written again since.

    Raises:
        ChangedMeanwhileError: the file does not hold `expected` any more.
        CredentialsFileError: it could not be written; the old file is whole and nothing is left beside it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f"{_stray_prefix(path)}{os.urandom(6).hex()}.tmp")  # as tempfile, which may hang:
        handle = os.open(temporary, _NEW_FILE, _OWNER_ONLY)  # gh-66305, in a folder that Windows denies, until 3.12
        try:
            with os.fdopen(handle, "wb") as file:
                _take_after(file.fileno(), temporary, path, private=private)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            try:
                written = _stamp(temporary.stat())  # once it is closed: NTFS may set the time only then
                patiently(lambda: _exchange(temporary, path, expected))
            except FileNotFoundError as error:  # a process without our lock took it for litter
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
        raise trouble(error, path) from error
    return written


def back_up(path: Path, data: bytes, now: datetime) -> Path:
    """Keep `data` in a new file beside `path`, 0600, and return its path.

    Raises:
        CredentialsFileError: it could not be written.
    """
    target = path.with_name(f"{path.name}.backup-{now:%Y%m%dT%H%M%SZ}")
    for number in range(1, 100):
        try:
            handle = os.open(target, _NEW_FILE, _OWNER_ONLY)
        except FileExistsError:
            target = path.with_name(f"{path.name}.backup-{now:%Y%m%dT%H%M%SZ}-{number}")
            continue
        except OSError as error:
            raise trouble(error, target) from error
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            target.unlink(missing_ok=True)
            raise trouble(error, target) from error
        return target
    raise CredentialsFileError(
        f"There are too many backups beside {path}.", f"Remove those that are not needed, named {path.name}.backup-…"
    )


def sweep(path: Path, *, alone: bool) -> None:
    """Remove temporary files that killed processes of ours left beside `path`; never raises.

    Args:
        path: the real path of the file.
        alone: we hold the lock, so that whatever lies there is litter; else only what is old.
    """
    for stray in strays(path):
        with contextlib.suppress(OSError):
            if alone or time.time() - stray.lstat().st_mtime > _STRAY_AGE:
                _discard(stray)


def strays(path: Path) -> tuple[Path, ...]:
    """Temporary files of processes of ours beside `path`, one of which may be at work; never raises."""
    try:
        return tuple(each for each in path.parent.iterdir() if each.match(f"{_stray_prefix(path)}*.tmp"))
    except OSError:
        return ()


def _stamp(result: os.stat_result) -> Stamp:
    return Stamp(result.st_dev, result.st_ino, result.st_size, result.st_mtime_ns)


def _read(path: Path) -> Reading:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # before opening: a FIFO would block for ever
            raise OSError(errno.EISDIR, "no regular file")
        with path.open("rb") as file:
            seen = _stamp(os.fstat(file.fileno()))  # before reading: a later change must show as one
            return Reading(file.read(), seen)
    except FileNotFoundError:
        return Reading(None, None)


def _stray_prefix(path: Path) -> str:
    return f".{path.name}.traycreds-"


def _take_after(handle: int, temporary: Path, path: Path, *, private: bool) -> None:
    """Give the new file the old one's owner, and its mode; a private one no more than 0600 of it."""
    if sys.platform == "win32":
        fileswindows.take_after(temporary, path)
        return
    mode = _OWNER_ONLY
    with contextlib.suppress(FileNotFoundError):
        old, new = path.stat(), os.fstat(handle)
        mode = stat.S_IMODE(old.st_mode) & (_OWNER_ONLY if private else 0o777)
        if old.st_uid != new.st_uid:
            os.fchown(handle, old.st_uid, old.st_gid)
        elif old.st_gid != new.st_gid:
            with contextlib.suppress(PermissionError):  # a group we left; nobody but the owner reads it anyway
                os.fchown(handle, -1, old.st_gid)
    os.fchmod(handle, mode)
    if private and os.fstat(handle).st_mode & 0o077:
        _log().warning("%s ignores file modes: others on this machine may read the credentials", path.parent)


def _exchange(temporary: Path, path: Path, expected: bytes | None) -> None:
    """Rename right after a look; each try looks anew, as who had the file open may have written it meanwhile."""
    if _read(path).data != expected:
        raise ChangedMeanwhileError
    if sys.platform == "win32":
        fileswindows.move(temporary, path)
    else:
        temporary.replace(path)


def _discard(temporary: Path) -> None:
    if sys.platform == "win32" and temporary.exists():
        temporary.chmod(stat.S_IWRITE)  # else Windows keeps one that took after a read-only file
    temporary.unlink(missing_ok=True)


def _write_in_place(path: Path, data: bytes, old: bytes) -> Stamp:
    _log().warning("%s is a mount of its own and cannot be replaced: writing in place, with a backup", path)
    backup = back_up(path, old, datetime.now().astimezone())
    try:
        written = _overwrite(path, data)
    except OSError:
        _overwrite(path, old)  # if this fails too, the backup stays
        backup.unlink()
        raise
    backup.unlink()
    return written


def _overwrite(path: Path, data: bytes) -> Stamp:
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
        return _stamp(os.fstat(file.fileno()))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last through a power cut, where folders can be synced."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse; the rename is done all the same
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _log() -> Any:
    import logging  # noqa: PLC0415 - 5 ms that a file which is only read need not cost

    return logging.getLogger(__name__)
