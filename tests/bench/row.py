"""One line of the table of what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, how it came out, what it shall be, and how others do.

    Attributes:
        what: in words, with what it was measured on.
        ours: the figure with its unit.
        goal: what we promise of it; empty for no promise.
        others: figures of peers, each with its name and where it is from.
        met: whether the goal is.
    """

    what: str
    ours: str
    goal: str = ""
    others: str = ""
    met: bool = True


def table(rows: Sequence[Row]) -> str:
    """All rows as a table in Markdown."""
    lines = ["| | traycreds | goal | others |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.what} | {row.ours} | {row.goal} | {row.others} |" for row in rows)])


def timed(what: str, measure: Callable[[], float], times: int, *, under: float, others: str = "") -> Row:
    """What takes time, measured several times; its goal, in seconds, is for the best of them."""
    found = [measure() for _ in range(times)]
    return Row(what, seconds(found), f"under {under:g} s", others, met=min(found) < under)


def seconds(found: Sequence[float]) -> str:
    """The best and the middle: the one is the program's, the other has the machine's other work in it."""
    return f"{min(found):.3f} s (median {statistics.median(found):.3f})"
