"""The last line of the live view: what keys do, a filter as it is typed, or a hidden code. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from traycreds.cli.live.span import Line, Span
from traycreds.cli.live.view import LiveView
from traycreds.core.text import end_cut

_GAP = "  "
_FILTER_KEYS = ("Enter keep", "Esc show all")
_CODE_KEYS = ("Enter send", "Esc not now")
_ARROWS = "arrows select"


def footer(view: LiveView, width: int) -> Line:
    """It, with as many keys as there is room for: no word is cut."""
    if view.filtering:
        return _field(f"/{view.filter}", _FILTER_KEYS, width)
    if view.code is not None:
        return _field(f"Code: {view.code.hidden}", _CODE_KEYS, width)
    *others, end = [each.action.label for each in view.offered]
    keys = [*others, _ARROWS] if len(view.roles) > 1 else others
    # The key that leaves is always shown, so the others get what is left.
    left = width - len(_GAP + end)
    return [Span("faint", _GAP.join([*_fitting(keys, left), end])[:width])]


def _field(text: str, keys: Iterable[str], width: int) -> Line:
    text = text if len(text) < width else f"…{text[len(text) - width + 2 :]}"
    shown = _fitting(keys, width - len(text) - 1 - len(_GAP))
    return [Span("", text), Span("selected", " "), Span("faint", _GAP.join(["", *shown]))]


def _fitting(texts: Iterable[str], width: int) -> list[str]:
    fitting: list[str] = []
    for text in texts:
        width -= len(text) + (len(_GAP) if fitting else 0)
        if width < 0:
            break
        fitting.append(text)
    return fitting


def heading(view: LiveView, summary: str, shown: int, width: int) -> Line:
    """The first line: the whole state, and which of the roles are seen if not all are."""
    every = 0 if view.snapshot is None else len(view.snapshot.roles)
    found = len(view.roles)
    place = ""
    if found and shown < found:
        place = f"{view.top + 1:,}-{view.top + shown:,} of {found:,} roles"
    elif found < every:
        place = f"{found:,} of {every:,} roles"
    if view.filter and not view.filtering:
        place = f'{place} matching "{view.filter}"' if place else f'matching "{view.filter}"'
    if not place:
        return [Span("head", end_cut(summary, width, whole_words=True))]
    left = width - len(place) - 3
    if left < len(summary) // 2:
        return [Span("faint", end_cut(place, width, whole_words=True))]
    return [Span("head", end_cut(summary, left, whole_words=True)), Span("faint", f" ({place})")]
