"""Changes a text file that holds no sessions, ~/.aws/config or our TOML, in one step and with every other byte kept.

Waits until the file is at rest, since nothing else is known of it. Never decides what to change, and leaves the file as
it was when it cannot.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.files import atomic_write, contents, locks, write_end

_MARK = codecs.BOM_UTF8
"""A byte order mark, as Windows editors begin a file with; it stays, but is no part of the text."""


def rewrite(
    path: Path,
    lock_dir: Path,
    edit: Callable[[str | None], str],
    *,
    whole: str | None = None,
    encoding: str = "utf-8",
) -> bool:
    """Replace the text by an edited one; returns whether that changed anything.

    Args:
        path: the file, which need not exist; links are followed.
        lock_dir: a folder of ours for the lock.
        edit: takes the text, or None for no file; called again when somebody else wrote meanwhile.
        whole: a text that is known to be all that its writer had to say, as one that came from here.
        encoding: what the file is in.

    Raises:
        ConfigError: it could not be read or written; it is as it was.
    """
    try:
        return _rewrite(contents.real_path(path), lock_dir, edit, whole, encoding)
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder; nothing was changed.") from error


def read(path: Path, encoding: str = "utf-8") -> str | None:
    """The text at this moment, which may be half of somebody's write; None for no file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        data = contents.read(path).data
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder.") from error
    return None if data is None else _decoded(path, data, encoding)[1]


def _rewrite(path: Path, lock_dir: Path, edit: Callable[[str | None], str], whole: str | None, encoding: str) -> bool:
    def pause(watch: write_end.Watch) -> float | None:
        if watch.waited >= write_end.LONGEST_WAIT:
            raise ConfigError(f"Another program writes {path} all the time.", "Find out which, and stop it.")
        reading = watch.reading
        known = whole is not None and (reading.data or b"").removeprefix(_MARK) == whole.encode(encoding)
        at_rest = known or write_end.is_at_rest(reading)
        return None if at_rest and not write_end.is_unfinished(reading) else write_end.CHECK_EVERY

    with locks.locked(path, lock_dir):
        watch = write_end.Watch(lambda: contents.read(path))
        while True:
            data = watch.wait(pause).data
            mark, old = (b"", None) if data is None else _decoded(path, data, encoding)
            new = edit(old)
            if new == (old or ""):
                return False
            try:
                atomic_write.replace(path, mark + new.encode(encoding), expected=data, private=False)
            except atomic_write.ChangedMeanwhileError:
                watch.again(write_end.CHECK_EVERY)
            else:
                return True


def _decoded(path: Path, data: bytes, encoding: str) -> tuple[bytes, str]:
    """The mark and the text, which give the same bytes again."""
    mark = _MARK if data.startswith(_MARK) else b""
    name = encoding.upper()
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start + len(mark)) + 1
        raise ConfigError(f"{path}, line {line}: a byte that is not {name}.", f"Save the file as {name}.") from error
    if mark + text.encode(encoding, "replace") != data:  # two ways to write one character, as cp932 has them
        raise ConfigError(f"{path} has characters that {name} does not keep as they are.", "Take them out.")
    return mark, text
