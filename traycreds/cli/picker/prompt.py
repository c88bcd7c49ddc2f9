"""Asks line by line: a numbered list, to pick from or to narrow down by part of a name; repeats after a mistake."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import NamedTuple, NoReturn, TextIO

from traycreds.cli.display import streams
from traycreds.cli.picker import row_lines
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import PickerAction, RoleRow

SHOWN = 20
"""Rows to print; to reach others, the user types part of the name."""
ALL = "all"
_INDENT = " " * 6
"""Before a row: its number, and a gap."""
_NUMBERS = re.compile(r"\d{1,2}(-\d{1,2})?([\s,]+\d{1,2}(-\d{1,2})?)*", re.ASCII)
"""Numbers of the list; longer ones are part of an account ID."""


class Picks(NamedTuple):
    """The user's picks, in the order of the list, and the action for them."""

    names: tuple[str, ...]
    action: PickerAction = PickerAction.USE


class _MistakeError(Exception):
    """A sentence on what is wrong with a line."""


def ask(offered: Sequence[RoleRow], what: str, shown: TextIO, typed: TextIO, *, several: bool) -> Picks | None:
    """The user's picks; None at the end of the input."""
    finder = rows.finder(offered)
    found = finder.find("")
    _print_list([offered[place] for place in found], shown)
    while True:
        shown.write(_question(what, [offered[place].name for place in found], several=several))
        shown.flush()
        line = typed.readline()
        if not line:
            shown.write("\n")
            return None
        try:
            picked = _picked(line.strip(), offered, found, several=several)
            if picked:
                return Picks(tuple(offered[place].name for place in picked))
            found = finder.find(line) or _not_found(line.strip())
        except _MistakeError as mistake:
            shown.write(f"{mistake}\n")
            continue
        _print_list([offered[place] for place in found], shown)


def _question(what: str, names: Sequence[str], *, several: bool) -> str:
    numbers = f"numbers such as 1 3-5, {ALL}" if several else "number"
    enter = f" (Enter for {names[0]})" if len(names) == 1 else ""
    return f"{what}: {numbers} or part of the name{enter}: "


def _print_list(found: Sequence[RoleRow], shown: TextIO) -> None:
    listed = found[:SHOWN]
    columns = streams.width_of(shown)
    width = None if columns is None else max(1, columns - len(_INDENT))
    lines = enumerate(row_lines.lines(listed, width), start=1)
    shown.writelines(f"{number:>{len(_INDENT) - 2}}  {line}\n" for number, line in lines)
    if len(found) > len(listed):
        more = f"and {len(found) - len(listed):,} more: type part of the name, or * for any letters"
        wrapped = [more] if width is None else textwrap.wrap(more, width)
        shown.writelines(f"{_INDENT}{line}\n" for line in wrapped)


def _picked(line: str, offered: Sequence[RoleRow], found: Sequence[int], *, several: bool) -> list[int]:
    """The places that a line picks; none to narrow the list. Raises _MistakeError: no such place."""
    if not line:
        if len(found) == 1:
            return [found[0]]
        wanted = f"numbers, {ALL} for all {len(found):,}" if several else "a number"
        raise _MistakeError(f"Type {wanted}, or part of the name. Ctrl-C ends this.")
    named = [place for place, row in enumerate(offered) if row.name == line]
    if named:
        return named
    if several and line.lower() == ALL:
        return list(found)
    return _numbered(line, found, several=several) if _NUMBERS.fullmatch(line) else []


def _numbered(line: str, found: Sequence[int], *, several: bool) -> list[int]:
    """The places that numbers mean. Raises _MistakeError: one is not in the list, or there are too many."""
    listed = min(len(found), SHOWN)
    numbers: set[int] = set()
    for part in line.replace(",", " ").split():
        first, _, last = part.partition("-")
        if not 1 <= int(first) <= int(last or first) <= listed:
            raise _MistakeError(f"Not in the list: type a number from 1 to {listed}.")
        numbers |= set(range(int(first), int(last or first) + 1))
    if len(numbers) > 1 and not several:
        raise _MistakeError("Type one number.")
    return [found[number - 1] for number in sorted(numbers)]


def _not_found(line: str) -> NoReturn:
    raise _MistakeError(f'Nothing matches "{line}".')
