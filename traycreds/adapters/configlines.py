"""Owns the line numbers of a TOML text: where each table and key stands; tomllib tells none.

Only for texts that parse as a whole: used for messages, after a fault was found in a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Path = tuple[str, ...]


def lines_of(text: str, loads: Callable[[str], dict[str, Any]]) -> dict[Path, int]:
    """The line, from 1, of each table and key by its path; of the first mention if there are several.

    A statement (header, or key with its value) is the shortest run of lines that parses by itself, since TOML
    statements end with their line unless a string or list is still open.

    Args:
        text: a TOML text without syntax errors.
        loads: the parser of such texts.
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
            continue  # goes on in the next line
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
