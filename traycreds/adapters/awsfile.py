"""Owns reading the text of an AWS file into sections with line numbers, by the parser that botocore uses.

Reads only, and quotes no value in an error: a line that does not parse may be a secret.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traycreds.core.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of an AWS file.

    Attributes:
        name: as botocore sees it, verbatim.
        line: of its header, from 1.
        values: by lower-case key; can hold secrets, so never shown.
        lines: where each key stands.
    """

    name: str
    line: int
    values: Mapping[str, str] = field(repr=False)
    lines: Mapping[str, int]


class _CountedLines:
    """The lines of a text, for a parser; knows which one the parser is at."""

    def __init__(self, text: str) -> None:
        self.at = 0
        self._lines = text.split("\n")

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.at += 1
            yield line + "\n"


def parse_sections(text: str) -> tuple[Section, ...]:
    """Sections of an AWS file in order, keys inherited from `[DEFAULT]` included.

    Raises:
        configparser.Error: as RawConfigParser does for botocore.
        ValueError: nested settings that botocore cannot read; the arguments are the line and the cause.
    """
    lines = _CountedLines(text.replace("\r\n", "\n").replace("\r", "\n"))

    class Noting(dict[str, Any]):
        """A dict that notes the parser's line when a key first comes in: RawConfigParser tells it in no other way."""

        def __init__(self) -> None:
            super().__init__()
            self.first_at: dict[str, int] = {}

        def __setitem__(self, key: str, value: Any) -> None:
            self.first_at.setdefault(key, lines.at)
            super().__setitem__(key, value)

    raw: dict[str, Noting] = {}
    parser = configparser.RawConfigParser(dict_type=Noting)
    parser.read_file(lines)
    inner: Any = parser
    raw = inner._sections  # noqa: SLF001 - the Noting dicts themselves; the public view hides them
    sections = []
    for name in parser.sections():
        keys = {**inner._defaults.first_at, **raw[name].first_at}  # noqa: SLF001 - as above
        values = {key: parser.get(name, key) for key in parser.options(name)}
        for key, value in values.items():
            if value.startswith("\n") and any("=" not in line for line in value.split("\n") if line.strip()):
                raise ValueError(keys[key], f"the lines below {key} are not all of the form key = value")
        sections.append(Section(name=name, line=raw.first_at[name], values=values, lines=keys))  # type: ignore[attr-defined]
    return tuple(sections)


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
    except configparser.Error as error:
        line, cause = _fault(error, data)
    except ValueError as error:
        line, cause = error.args
    hint = "Correct that line; until then no AWS tool in Python can read the file."
    problem = Problem(f"line {line}", cause, hint)
    raise ConfigError(f"{path}, line {line}: {cause}.", hint, (problem,))


def _fault(error: configparser.Error, data: bytes) -> tuple[int, str]:
    """Line and cause of a parser's error, without the text of the line: that may be a secret."""
    if isinstance(error, configparser.DuplicateSectionError):
        return error.lineno or 1, f"the section [{error.section}] is there a second time"
    if isinstance(error, configparser.DuplicateOptionError):
        return error.lineno or 1, f"the key {error.option} is there a second time in [{error.section}]"
    if isinstance(error, configparser.MissingSectionHeaderError):
        if data.startswith(b"\xef\xbb\xbf"):
            return 1, "the file begins with a byte order mark"
        return error.lineno, "there is text before the first [section]"
    if isinstance(error, configparser.ParsingError) and error.errors:
        return error.errors[0][0], "the line is neither a [section] nor key = value"
    return 1, "the file cannot be parsed"
