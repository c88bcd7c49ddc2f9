"""Lays the rows of a picker out in columns that fit the window. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from traycreds.core.text import end_cut, middle_cut, printable
from traycreds.ui.picker.rows import RoleRow

_GAP = "  "
_LEAST_NAME = 24
"""Characters left of a long name, so that similar ones differ; accounts go first, then states are cut."""


def lines(found: Sequence[RoleRow], width: int | None) -> list[str]:
    """A line for each row: name, account and state; `width` None cuts nothing."""
    names, accounts, states = (
        [printable(cell) for cell in column]
        for column in zip(*((row.title, row.account, row.state_with_default) for row in found), strict=True)
    )
    if width is not None:
        state = max(map(len, states))
        left = width - len(_GAP) - state
        if left - len(_GAP) - max(map(len, accounts)) < min(_LEAST_NAME, max(map(len, names))):
            accounts = [""] * len(found)
        if any(accounts):
            left -= len(_GAP) + max(map(len, accounts))
        names = [middle_cut(name, min(width, max(_LEAST_NAME, left))) for name in names]
    columns = [names, accounts] if any(accounts) else [names]
    widths = [max(map(len, column)) for column in columns]
    starts = [
        _GAP.join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        for cells in zip(*columns, strict=True)
    ]
    if width is not None:
        left = width - len(starts[0]) - len(_GAP)
        # A part of a word says nothing.
        states = [end_cut(each, left, whole_words=True) if " " in each[: max(0, left)] else each for each in states]
        states = [each if len(each) <= left else "" for each in states]
    return [f"{start}{_GAP}{state}".rstrip() for start, state in zip(starts, states, strict=True)]
