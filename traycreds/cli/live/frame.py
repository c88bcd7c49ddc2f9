"""Lays the live view out in a window: the state, the roles that fit, what is wrong, messages, the footer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from traycreds.cli import status_table
from traycreds.cli.display import hints
from traycreds.cli.live.footer import footer, heading
from traycreds.cli.live.span import Line, Span, clipped, wrapped
from traycreds.cli.live.view import LiveView
from traycreds.cli.status_table import TableLine
from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import replace
from traycreds.ui.menu import labels

_LEAST_ROWS = 3
_NOTHING = "  Nothing matches."
_STARTING = "Starting."


def frame(view: LiveView, width: int, height: int, zone: tzinfo | None = None) -> list[Line]:
    """The lines of a window of this size; scrolls the view to its selected role."""
    return [clipped(line, width) for line in _lines(view, width, height, zone)]


def _lines(view: LiveView, width: int, height: int, zone: tzinfo | None) -> list[Line]:
    foot = [*_question(view, width), footer(view, width)][-height:]
    left = height - len(foot) - 2
    snapshot = view.snapshot
    if snapshot is None:
        return _from_top([[Span("", _STARTING)], *_texts(wrapped(view.messages, width)[-max(0, left) :])], foot, height)
    problems = wrapped(map(hints.by_keys, _problems(view, snapshot, zone)), width)
    messages = wrapped(view.messages, width)
    rows, problem_lines, message_lines = _heights(left, len(view.roles), len(problems), len(messages))
    view.fit(rows)
    apart = left - rows - problem_lines - message_lines > 0
    body = [
        *_table(view, snapshot, zone, width, rows),
        *_texts(_first(problems, problem_lines)),
        *_texts([""] if apart else []),
        *_texts(messages[len(messages) - message_lines :]),
    ]
    return _from_top([heading(view, labels.overall(snapshot), min(rows, len(view.roles)), width), *body], foot, height)


def without_keys(snapshot: Snapshot, width: int, height: int, zone: tzinfo | None = None) -> list[Line]:
    """The lines of a view that takes no keys, and stays at the bottom of what was printed before."""
    view = LiveView()
    view.show(snapshot)
    if not snapshot.roles:
        return [clipped(heading(view, labels.overall(snapshot), 0, width), width)]
    problems = wrapped(map(hints.by_commands, _problems(view, snapshot, zone)), width)
    rows, problem_lines, _ = _heights(height - 2, len(snapshot.roles), len(problems), 0)
    view.fit(rows)
    found = _table(view, snapshot, zone, width, rows, selectable=False)
    head = heading(view, labels.overall(snapshot), min(rows, len(snapshot.roles)), width)
    lines = [head, *found, *_texts(_first(problems, problem_lines))][: max(1, height)]
    return [clipped(line, width) for line in lines]


def _from_top(lines: list[Line], foot: list[Line], height: int) -> list[Line]:
    free = height - len(foot)
    shown = lines[: max(0, free)]
    return [*shown, *([] for _ in range(free - len(shown))), *foot]


def _heights(left: int, roles: int, problems: int, messages: int) -> tuple[int, int, int]:
    """How many lines roles, problems and messages get: roles first, but each gets some if there is room."""
    left = max(0, left)
    least = min(roles, max(_LEAST_ROWS, left // 2))
    rows = min(roles, max(least, left - problems - messages), left)
    rest = left - rows
    message_lines = min(messages, max(rest - problems, rest // 3))
    return rows, min(problems, rest - message_lines), message_lines


def _first(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"  and {len(lines) - most + 1} more lines"] if most else []


def _problems(view: LiveView, snapshot: Snapshot, zone: tzinfo | None) -> list[str]:
    """What is wrong and what to know, that of the selected role first."""
    selected = view.selected
    problems = status_table.problems(snapshot, zone)
    if selected is None:
        return problems
    return sorted(problems, key=lambda problem: not problem.startswith(f"{selected.name}: "))


def _table(
    view: LiveView, snapshot: Snapshot, zone: tzinfo | None, width: int, rows: int, *, selectable: bool = True
) -> list[Line]:
    if not view.roles:
        return [[Span("faint", _NOTHING)]] if view.filter and rows == 0 else []
    head, *lines = status_table.table(replace(snapshot, roles=tuple(view.roles)), zone, width)
    selected = next((place for place, role in enumerate(view.roles) if role is view.selected), 0)
    shown = enumerate(lines[view.top : view.top + rows], start=view.top)
    return [
        [Span("head", head.state)],
        *(_row(line, width if selectable and place == selected else 0) for place, line in shown),
    ]


def _row(line: TableLine, selected_width: int) -> Line:
    if not selected_width:
        return [Span("", line.names), Span(line.style, line.state)]
    rest = " " * (selected_width - len(line.names) - len(line.state))
    return [Span("selected", line.names), Span(f"selected {line.style}", line.state), Span("selected", rest)]


def _question(view: LiveView, width: int) -> list[Line]:
    code = view.code
    return [] if code is None else _texts(wrapped([code.question.text(code.note)], width), "head")


def _texts(texts: Sequence[str], style: str = "") -> list[Line]:
    return [[Span(style, text)] for text in texts]
