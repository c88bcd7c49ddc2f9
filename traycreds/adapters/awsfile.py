"""Owns reading an AWS file into sections with line numbers, as botocore sees it.

Reads only, and quotes no value in an error: a line that does not parse may be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from traycreds.core.errors import ConfigError, Problem
from traycreds.core.initext import IniText, ProfileTextError


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of an AWS file.

    Attributes:
        name: as botocore sees it, verbatim.
        line: of its header, from 1.
        values: by lower-case key, those inherited from `[DEFAULT]` included; can hold secrets, so never shown.
        lines: where each key stands.
    """

    name: str
    line: int
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]


def parse_sections(text: str) -> tuple[Section, ...]:
    """The sections of an AWS file in order.

    Raises:
        ProfileTextError: botocore could not read it; with the line and the cause.
    """
    ini = IniText(text)
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
    """The sections of an AWS file; none if it does not exist.

    Raises:
        ConfigError: it cannot be read, or botocore could not parse it.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"{path} cannot be read: {why}.", "Make the file readable for your user.") from error
    try:
        return parse_sections(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line, cause = data.count(b"\n", 0, error.start) + 1, "a byte that is not UTF-8"
    except ProfileTextError as error:
        line, cause = error.line or 1, error.cause
    hint = "Correct that line; until then no AWS tool in Python can read the file."
    raise ConfigError(f"{path}, line {line}: {cause}.", hint, (Problem(f"line {line}", cause, hint),))
