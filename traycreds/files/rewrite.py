"""Changes a text file without sessions (~/.aws/config, our TOML) in one step, after it settles; other bytes stay."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.files import atomic_write, contents, locks, write_end

_MARK = codecs.BOM_UTF8
"""A byte order mark, which Windows editors add; it stays, but is not part of the text."""


def rewrite(
    path: Path,
    lock_dir: Path,
    edit: Callable[[str | None], str],
    *,
    whole: str | None = None,
    encoding: str = "utf-8",
) -> bool:
    """Replace a file's text by an edited one; return whether that changed anything.

    Links are followed; the file may be missing. `edit` takes the text, or None, again after a foreign write. `whole` is
    a text known to be complete. Raises ConfigError: the file is unchanged.
    """
    try:
        return _rewrite(contents.real_path(path), lock_dir, edit, whole, encoding)
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder; nothing was changed.") from error


def read(path: Path, encoding: str = "utf-8") -> str | None:
    """The text right now, perhaps half written; None without a file. Raises ConfigError."""
    try:
        data = contents.read(path).data
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder.") from error
    return None if data is None else _decoded(path, data, encoding)[1]


def _rewrite(path: Path, lock_dir: Path, edit: Callable[[str | None], str], whole: str | None, encoding: str) -> bool:
    def pause(watch: write_end.Watch) -> float | None:
        if watch.waited >= write_end.LONGEST_WAIT:
            raise ConfigError(f"Another program keeps writing to {path}.", "Find that program and stop it.")
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
    mark = _MARK if data.startswith(_MARK) else b""
    name = encoding.upper()
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start + len(mark)) + 1
        raise ConfigError(f"{path}, line {line}: a byte that is not {name}.", f"Save the file as {name}.") from error
    # Some encodings, such as cp932, have two ways to write the same character.
    if mark + text.encode(encoding, "replace") != data:
        raise ConfigError(f"{path} has characters that {name} does not preserve.", "Remove them.")
    return mark, text
