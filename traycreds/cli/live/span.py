"""Styled text of the live view, and how sentences are wrapped to its width. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias


class Span(NamedTuple):
    """A text in a style: one of `colors.STYLES`, "selected", "faint", or none."""

    style: str
    text: str


Line: TypeAlias = list[Span]


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(span.text for span in line)


def clipped(line: Line, width: int) -> Line:
    """The part of a line that a window of this width shows."""
    shown: Line = []
    for span in line:
        if width > 0 and span.text:
            shown.append(Span(span.style, span.text[:width]))
        width -= len(span.text)
    return shown


def wrapped(sentences: Iterable[str], width: int) -> list[str]:
    """The lines of sentences, broken between words; what follows a broken line's first is indented."""
    lines: list[str] = []
    for line in (line for sentence in sentences for line in sentence.splitlines()):
        own = len(line) - len(line.lstrip())
        indent = " " * (own + _INDENT) if own + _INDENT < width // 2 else ""
        lines += textwrap.wrap(line, max(1, width), subsequent_indent=indent, break_on_hyphens=False) or [""]
    return lines


_INDENT = 2
