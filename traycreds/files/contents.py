"""Reads whole files and detects changes by stamps. Apart from `atomic_write`, so that readers do not load it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from traycreds.core.errors import CredentialsFileError
from traycreds.core.value_class import value_class
from traycreds.files import private_files, writers
from traycreds.files.atomic_write_windows import patiently
from traycreds.files.errors import file_error
from traycreds.shell.quoting import shell_word

LIMIT = 8 * 1024 * 1024
"""Bytes of a file that is read whole: a thousand roles with long tokens are less."""
TOKEN_LIMIT = 64 * 1024
"""Bytes of a file that holds one token; AWS takes 20,000."""


@value_class
class Stamp:
    """A file's `stat`, to notice a change without reading."""

    device: int
    inode: int
    size: int
    modified_ns: int


@value_class
class Reading:
    """The bytes of a file, never shown; None and no stamp without a file. The stamp is from before the read.

    `is_open`: a program had it open for writing (None: unknown); if none had, the bytes are consistent.
    """

    data: bytes | None
    stamp: Stamp | None
    is_open: bool | None = None

    def __repr__(self) -> str:
        return f"Reading(stamp={self.stamp})"


def stamp(path: Path) -> Stamp | None:
    """The stamp of a file, links followed, or None on error; one `stat`, never raises."""
    try:
        return stamp_of(path.stat())
    except (OSError, ValueError):
        return None


def real_path(path: Path) -> Path:
    """The path with links followed. Raises CredentialsFileError: dangling, circular, or on a missing drive."""
    try:
        real = path.resolve()
        # From Python 3.13 on, only a link to itself is a link still.
        if not real.exists() and any(each.is_symlink() for each in (real, *real.parents)):
            raise OSError(errno.ELOOP, "loop")  # noqa: TRY301 - as `resolve` does before
        _check_link(path, real)
    except (OSError, RuntimeError) as error:
        # Up to Python 3.12, a link to itself raises a `RuntimeError`.
        raise file_error(error if isinstance(error, OSError) else OSError(errno.ELOOP, "loop"), path) from error
    return real


def read(path: Path) -> Reading:
    """Read a file, which may be missing. Raises TooLargeError: above LIMIT. Raises CredentialsFileError."""
    try:
        reading = patiently(lambda: read_once(path))
    except OSError as error:
        raise file_error(error, path) from error
    if reading.data is not None and len(reading.data) > LIMIT:
        raise TooLargeError(f"{path} is larger than {LIMIT // 1024**2} MiB.", "Check its contents.")
    if reading.stamp is None:
        # Raises if it is a link to nothing.
        real_path(path)
    return reading


class PathError(CredentialsFileError):
    """The problem is in the path, and the hint fits any file; `reason` is a few words."""

    reason = "a file cannot be read"


class LinkToNothingError(PathError):
    """A file is a dangling link, for example to a volume that is not mounted."""

    reason = "the target of a link is missing"
    is_gone = True


class EmptiedError(LinkToNothingError):
    """The folder that a file was in is a link to an empty folder."""

    reason = "a linked folder is empty"


class TooLargeError(PathError):
    """A file is larger than any real one."""


def token(path: Path) -> bytes:
    """The content of a file with one token. Raises OSError: unreadable, not regular, or above TOKEN_LIMIT."""
    return bounded(path, TOKEN_LIMIT, "too large for a token")


def bounded(path: Path, limit: int = LIMIT, too_large: str = "larger than 8 MiB") -> bytes:
    """The content of a file. Raises OSError: unreadable, not regular, or above the limit, with the given words."""
    _check_regular(path)
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, too_large, str(path))
    return data


def end_of(path: Path, most: int) -> bytes:
    """The last bytes of a file, however large it is. Raises OSError: it cannot be read, or is not a regular file."""
    _check_regular(path)
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most))
        return file.read(most)


def check_bounded(path: Path) -> None:
    """Check a file before a foreign parser reads it. Raises OSError: missing, not regular, or above LIMIT."""
    _check_regular(path)
    if path.stat().st_size > LIMIT:
        raise OSError(errno.EFBIG, "larger than 8 MiB", str(path))


def is_null(path: Path) -> bool:
    """Whether it is the system's empty device, which counts as an empty file; never raises."""
    try:
        return path.is_char_device() if sys.platform == "win32" else path.samefile(os.devnull)
    except (OSError, ValueError):
        return False


def _read_to_limit(file: BinaryIO, size: int) -> bytes:
    """A file's content, even if it grew just now; at most one byte more than LIMIT."""
    data = file.read(min(size, LIMIT) + 1)
    return data if len(data) <= size else data + file.read(LIMIT + 1 - len(data))


def _check_regular(path: Path) -> None:
    """Before opening: a FIFO would block forever. Raises OSError: it is not a regular file, or not there."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EISDIR, "not a regular file", str(path))


def _check_link(path: Path, real: Path) -> None:
    """Refuse a dangling link, of the file or its folder: a write would land elsewhere. Raises LinkToNothingError."""
    for link, target in ((path, real), (path.parent, real.parent)):
        if link.is_symlink() and not target.exists():
            hint = _mount(target, file=link is path)
            raise LinkToNothingError(f"{link} is a link to {target}, which is missing.", hint)


def place(folder: Path) -> tuple[int, int] | None:
    """Which folder a path leads to, by device and inode: another one while a volume is not mounted; never raises."""
    found = stamp(folder)
    return None if found is None else (found.device, found.inode)


def remember_linked(path: Path, marks: Path) -> None:
    """Mark in `marks` that a file exists whose folder is a link, for `refuse_emptied`; never raises."""
    # Without a mark, the file is there all the same.
    with contextlib.suppress(OSError, RuntimeError):
        if path.parent.is_symlink() and not (mark := _mark(path, marks)).exists():
            private_files.make_folder(marks)
            private_files.write(mark, b"")


def refuse_emptied(path: Path, marks: Path) -> None:
    """Refuse a missing, marked file in an empty linked folder, such as a lost mount. Raises EmptiedError."""
    try:
        real = path.resolve()
        if not path.parent.is_symlink() or not _mark(path, marks).exists() or any(real.parent.iterdir()):
            return
    except (OSError, RuntimeError):
        # `real_path` reports this error.
        return
    sentence = f"{path.parent} is a link to {real.parent}, which is empty now."
    raise EmptiedError(sentence, _mount(real, file=True))


def _mark(path: Path, marks: Path) -> Path:
    from traycreds.files.digest import of_path

    return marks / f"linked-{of_path(path.resolve())}"


def _mount(target: Path, *, file: bool) -> str:
    made, folder = shell_word(str(target)), target.parent
    # PowerShell's `New-Item` also makes the folders above.
    if sys.platform == "win32":
        made = f"New-Item -Force -ItemType {'File' if file else 'Directory'} {made}"
    elif file:
        made = f"touch {made}" if folder.exists() else f"mkdir -p {shell_word(str(folder))} && touch {made}"
    else:
        made = f"mkdir -p {made}"
    return f"Mount or unlock the drive that it is on. If it should start empty, create it: {made}"


def is_another(before: Stamp | None, now: Stamp | None) -> bool:
    """Whether two stamps of one path are of two files: a program replaced the first."""
    return before is not None and now is not None and (before.device, before.inode) != (now.device, now.inode)


def stamp_of(result: os.stat_result) -> Stamp:
    """The stamp in a result of `stat` or `fstat`."""
    return Stamp(result.st_dev, result.st_ino, result.st_size, result.st_mtime_ns)


def read_once(path: Path) -> Reading:
    """Read a file, which may be missing, without waiting on Windows; at most LIMIT + 1 bytes. Raises OSError."""
    try:
        _check_regular(path)
        with path.open("rb") as file:
            # Take the stamp before reading, so that a later change shows up as one.
            seen = stamp_of(os.fstat(file.fileno()))
            with writers.held_off(file.fileno()) as held:
                return Reading(_read_to_limit(file, seen.size), seen, held.is_open)
    except FileNotFoundError:
        return Reading(None, None)
