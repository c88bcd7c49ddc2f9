"""Bounds and line numbers of a TOML text. Judges no syntax.

The bounds, far beyond any configuration, are checked first, so that no parser recurses or counts without end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

BYTES = 1024 * 1024
"""Of a whole file; a thousand roles are a fifth of that."""
NESTING = 32
"""Brackets in one another."""
PARTS = 32
"""Parts of a dotted key."""
DIGITS = 100
"""Characters of a number."""
LINES = 1000
"""Lines of one list, table or text."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*"
    r"|[\[{]|[\]}]|[=,\n]"
    r"""|[^\s"'#\[\]{}=,]+""",
    re.DOTALL,
)
_NUMBER = re.compile(rf"[+-]?[0-9][\w.:+-]{{{DIGITS},}}")
_HINT = "Remove it: no configuration needs that."


class LimitError(ValueError):
    """A text exceeds a bound, at `line` (from 1); `what` is a clause without a full stop."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what
        self.hint = _HINT


def check(text: str) -> None:
    """Look at a text. Raises LimitError: it is beyond a bound."""
    scan = _Scan()
    for match in _TOKEN.finditer(text):
        scan.take(match[0])


class _Scan:
    def __init__(self) -> None:
        self._line = 1
        self._depth = 0
        self._begun = 1
        self._dots = 0

    def take(self, piece: str) -> None:
        """Take one bracket, sign, text, comment, line end, or word."""
        if piece in "=,[]{}\n":
            self._sign(piece)
        elif piece[0] in "\"'":
            self._text(piece.count("\n"))
        elif piece[0] != "#":
            self._word(piece)

    def _sign(self, sign: str) -> None:
        self._dots = 0
        if sign in "[{":
            self._begun = self._begun if self._depth else self._line
            self._depth += 1
            if self._depth > NESTING:
                raise LimitError(self._line, f"more than {NESTING} nested brackets")
        elif sign in "]}":
            self._depth = max(0, self._depth - 1)
        elif sign == "\n":
            self._line += 1
            if self._depth and self._line - self._begun > LINES:
                raise LimitError(self._begun, f"a list or table of more than {LINES} lines")

    def _text(self, lines: int) -> None:
        if lines > LINES:
            raise LimitError(self._line, f"a string of more than {LINES} lines")
        self._line += lines

    def _word(self, word: str) -> None:
        self._dots += word.count(".")
        if self._dots >= PARTS:
            raise LimitError(self._line, f"a key of more than {PARTS} parts")
        if _NUMBER.match(word):
            raise LimitError(self._line, f"a number of more than {DIGITS} characters")


Path = tuple[str, ...]


def lines_of(text: str, loads: Callable[[str], dict[str, Any]]) -> dict[Path, int]:
    """The line, from 1, of each table and key by its path (the first mention); `loads` parses TOML.

    A statement is the shortest run of lines that parses alone, because only strings and lists span lines.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    statement, start = "", 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not statement:
            start = number
        statement += line + "\n"
        try:
            parsed = loads(statement)
        except ValueError:
            # The statement continues in the next line.
            continue
        header = statement.lstrip().startswith("[")
        for path in _paths(parsed):
            whole = path if header else table + path
            for depth in range(1, len(whole) + 1):
                found.setdefault(whole[:depth], start)
        if header:
            table = next(iter(_paths(parsed)))
        statement = ""
    return found


def _paths(value: Any) -> list[Path]:
    """Paths of all leaves; a list of tables counts as one table, an empty table as a leaf."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping) or not value:
        return [()]
    return [(key, *rest) for key, inner in value.items() for rest in _paths(inner)]
