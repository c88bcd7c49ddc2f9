"""An AWS file as botocore sees it: encoding, sections and lines. Quotes no value: a bad line may be a secret."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Mapping
from pathlib import Path

from traycreds.awsfiles import whole_read
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import ConfigError, CredentialsFileError, Problem, UnfinishedError
from traycreds.core.value_class import field, value_class
from traycreds.files import contents, write_end
from traycreds.state import paths


@value_class(kw_only=True)
class Section:
    """One section as botocore sees it; `values` by lower-case key, also from `[DEFAULT]`; secret, so never shown."""

    name: str
    line: int
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]


def encoding() -> str:
    """The encoding of AWS tools in Python: the locale's, on Windows its code page, such as cp1252.

    botocore and both AWS CLIs name no encoding when they open the files, so these are UTF-8 only on Linux and macOS.
    """
    return codecs.lookup(of_unnamed()).name


def of_unnamed() -> str:
    """The encoding of files that are opened without one; `locale` has it too, but takes a millisecond to import."""
    return io.TextIOWrapper(io.BytesIO()).encoding


def decoded(data: bytes) -> str:
    """The text of an AWS file as botocore gets it. Raises ProfileTextError: botocore could not read it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ProfileTextError("the file is in UTF-16, as PowerShell writes it", 1)
    # A code page would decode the BOM as letters, while `IniText` recognizes and refuses it.
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8", "replace")
    try:
        return data.decode(encoding())
    except UnicodeDecodeError as error:
        line = len((data[: error.start] + b"x").splitlines())
        why = "" if encoding() == "utf-8" else ", which is how AWS tools in Python read the file on this computer"
        raise ProfileTextError(f"a byte that is not {encoding().upper()}{why}", line) from error


def encoded(text: str, old: bytes | None = None) -> bytes:
    """The bytes of an AWS file's new text; `old` is what it was before.

    Raises ProfileTextError: a byte of `old` would change, because cp932 has two codes for some characters.
    """
    codec = encoding()
    try:
        if old is None or old.decode(codec).encode(codec) == old:
            return text.encode(codec)
    except UnicodeEncodeError:
        pass
    raise ProfileTextError(f"it has characters that {codec.upper()} does not preserve")


def sections_of(ini: IniText) -> tuple[Section, ...]:
    """The sections of a text in order."""
    return tuple(
        Section(
            name=name,
            line=ini.sections[name].row + 1,
            values=values,
            lines={key: row + 1 for key, row in (ini.defaults.rows | ini.sections[name].rows).items()},
        )
        for name, values in ini.effective().items()
    )


def read_sections(path: Path) -> tuple[Section, ...]:
    """The sections of an AWS file; none if it is missing or the empty device (/dev/null, NUL).

    Raises ConfigError if it cannot be read or parsed, UnfinishedError in the middle of a write.
    """
    ini = read_ini(path)
    return () if ini is None else sections_of(ini)


def read_ini(path: Path) -> IniText | None:
    """The text of an AWS file; None if it is missing or the empty device. Raises ConfigError, UnfinishedError."""
    try:
        reading = whole_read.read(path)
        if reading.data is None:
            contents.refuse_emptied(path, paths.locate(os.environ).locks_dir)
    except CredentialsFileError as error:
        nothing = isinstance(error.__cause__, IsADirectoryError) and contents.is_null(path)
        if nothing:
            return None
        of_path = isinstance(error, contents.PathError) or isinstance(
            error.__cause__, (IsADirectoryError, NotADirectoryError)
        )
        raise ConfigError(error.sentence, error.hint if of_path else "Give your user permission to read it.") from error
    if reading.data is None:
        return None
    # Half of a file parses too, and what it lacks would look deleted.
    if write_end.is_unfinished(reading):
        raise UnfinishedError(f"Another program is writing {path}.", "traycreds reads it once that program finishes.")
    try:
        return IniText(decoded(reading.data))
    except ProfileTextError as error:
        line, cause = error.line or 1, error.cause
    hint = "Fix that line. Until then, no AWS tool written in Python can read the file."
    raise ConfigError(f"{path}, line {line}: {cause}.", hint, (Problem(f"line {line}", cause, hint),))
