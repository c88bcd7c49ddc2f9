"""An INI text as botocore reads it: which line is a header, a key, the rest of a value, a comment.

Owns the rules of CPython's strict `configparser.RawConfigParser`, but keeps line numbers, which that parser forgets.
Never changes a text, and never puts a value into an error text.
"""

from __future__ import annotations

import re

DEFAULT_SECTION = "DEFAULT"
"""The section whose keys count for all others: `configparser.DEFAULTSECT`, without what that module imports."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
"""One line under universal newlines; `str.splitlines` would also split at form feeds and the like."""


class ProfileTextError(ValueError):
    """The text cannot be read as botocore would, or changed as asked; `cause` is a clause without values."""

    def __init__(self, cause: str, line: int | None = None) -> None:
        super().__init__(cause if line is None else f"line {line}: {cause}")
        self.cause = cause
        self.line = line

    def location(self, path: object) -> str:
        """Where it is in a file, for a sentence: the path, and the line if one is at fault."""
        return str(path) if self.line is None else f"{path}, line {self.line}"


class IniSection:
    """One section.

    Attributes:
        row, end: of its header, from 0; of the next header, or the number of rows.
        values: by lower-case key, without those of `[DEFAULT]`.
        rows: where each key begins.
        more: further rows of multi-line values, without comments and blank lines.
    """

    __slots__ = ("end", "more", "row", "rows", "values")

    def __init__(self, row: int, end: int) -> None:
        self.row = row
        self.end = end
        self.values: dict[str, str] = {}
        self.rows: dict[str, int] = {}
        self.more: dict[str, list[int]] = {}

    @property
    def last_row(self) -> int:
        """The last row that belongs to the section for certain; comments after it may be about the next one."""
        return max((self.row, *self.rows.values(), *(rows[-1] for rows in self.more.values())))


class IniText:
    """A text that botocore can read; `sections` are without `[DEFAULT]`, which may come in several `defaults`."""

    def __init__(self, text: str) -> None:
        """Read it. Raises ProfileTextError: botocore could not; names line and cause."""
        self.text = text
        self.lines: list[str] = _LINE.findall(text)
        self.sections: dict[str, IniSection] = {}
        self.defaults = IniSection(0, len(self.lines))
        self._scan()
        self._check_blocks()

    def own(self) -> dict[str, dict[str, str]]:
        """The keys of each section itself; not to be modified."""
        return {name: section.values for name, section in self.sections.items()}

    def effective(self) -> dict[str, dict[str, str]]:
        """The keys that botocore sees in each section; a nested block is its raw text, from a newline on."""
        return {name: self.defaults.values | section.values for name, section in self.sections.items()}

    def _scan(self) -> None:
        """Follow `RawConfigParser._read` line by line."""
        section: IniSection | None = None
        option = ""
        level = blanks = 0
        for row, line in enumerate(self.lines):
            content = line.strip()
            if not content:
                blanks += 1
                continue
            first = content[0]
            if first in "#;":
                continue
            indent = 0 if line[0] == first else len(line) - len(line.lstrip())
            if option and section and indent > level:
                section.values[option] += "\n" * (blanks + 1) + content
                section.more.setdefault(option, []).append(row)
            elif first == "[" and (close := content.rfind("]")) > 1:
                section = self._begin(content[1:close], row, section)
                option, level = "", indent
            else:
                option, level = _add_key(section, content, row), indent
            blanks = 0

    def _begin(self, name: str, row: int, previous: IniSection | None) -> IniSection:
        if previous is not None:
            previous.end = row
        if name == DEFAULT_SECTION:
            return self.defaults
        if name in self.sections:
            raise ProfileTextError(f"the profile [{name}] appears a second time", row + 1)
        section = self.sections[name] = IniSection(row, len(self.lines))
        return section

    def _check_blocks(self) -> None:
        """Refuse what botocore's `_parse_nested` refuses: a block under a key whose lines are not `key = value`."""
        bad_defaults = _bad_blocks(self.defaults)
        for section in self.sections.values():
            bad = _bad_blocks(section)
            bad.update((option, row) for option, row in bad_defaults.items() if option not in section.values)
            for option, row in bad.items():
                raise ProfileTextError(f"the indented block under {option} has a line without '='", row + 1)


def _add_key(section: IniSection | None, content: str, row: int) -> str:
    if section is None:
        what = "a byte-order mark" if content[0] == "\ufeff" else "text"
        raise ProfileTextError(f"{what} before the first [profile]", row + 1)
    place = content.find("=")
    colon = content.find(":", 0, place if place >= 0 else None)
    if colon >= 0:
        place = colon
    if place < 0:
        raise ProfileTextError("a line that is neither [profile] nor key = value", row + 1)
    option = content[:place].rstrip().lower()
    if not option:
        raise ProfileTextError("a value without a key", row + 1)
    if option in section.values:
        raise ProfileTextError(f"the key {option} appears a second time in its profile", row + 1)
    section.values[option] = content[place + 1 :].strip()
    section.rows[option] = row
    return option


def _bad_blocks(section: IniSection) -> dict[str, int]:
    """The keys, with their rows, whose value is a block that botocore cannot read; only such values have more rows."""
    return {
        option: section.rows[option]
        for option in section.more
        if section.values[option].startswith("\n")
        # Split as botocore splits: at form feeds and the like as well.
        and any("=" not in line for line in section.values[option].splitlines() if line.strip())
    }
