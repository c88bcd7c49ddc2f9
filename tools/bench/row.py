"""One line of the table of what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, how it came out, what the goal is, and how others do.

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


TIMES = 9
"""How often what takes time is measured."""


def table(rows: Sequence[Figure]) -> str:
    """All rows as a table in Markdown."""
    lines = ["| | traycreds | goal | others |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.what} | {row.ours} | {_goal(row)} | {row.others} |" for row in rows)])


def _goal(row: Figure) -> str:
    return row.goal if row.met else f"{row.goal}, **missed**".removeprefix(", ")


def compared(
    what: str, measure: Callable[[], float], bare: Callable[[], float], *, most: float, others: str = ""
) -> Figure:
    """What takes time, as a multiple of what a bare Python takes in the same moments; the best of several of each.

    Args:
        what: in words.
        measure: takes the seconds of it.
        bare: takes those of a bare Python.
        most: the greatest multiple that we promise.
        others: see `Figure`.
    """
    found = [(measure(), bare()) for _ in range(TIMES)]
    ours, floor = min(each for each, _ in found), min(each for _, each in found)
    ratio = round(ours / floor, 1)
    text = f"{ratio:.1f} times {floor * 1000:.1f} ms: {seconds([each for each, _ in found])}"
    return Figure(what, text, f"at most {most:g} times", others, met=ratio <= most)


def seconds(found: Sequence[float]) -> str:
    """The best and the middle: the one is the program's, the other has the machine's other work in it."""
    return f"{min(found):.3f} s (median {statistics.median(found):.3f})"
