"""Shows a Snapshot as lines of text, for `status` and the live view. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from traycreds.cli.display import colors
from traycreds.cli.display.colors import Paint
from traycreds.core import text
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.ui.menu import labels

_HEAD = ("", "ROLE", "PROFILE", "STATE")
_LEAST_NAME = 12
"""Characters left of a long name, so that the state is never cut."""
_NARROW = 60
"""Columns of a window below which there are no profiles, and names have half the room, so that similar ones differ."""
_GAP = "  "


def lines(snapshot: Snapshot, zone: tzinfo | None, width: int | None = 100, paint: Paint = colors.plain) -> list[str]:
    """The summary, a line for each role, then failures with remedies; `width` None cuts nothing."""
    overall = labels.overall(snapshot, cut=width is not None)
    if width is not None:
        overall = text.end_cut(overall, width)
    if not snapshot.roles:
        return [overall]
    rows = [_painted(line, paint) for line in table(snapshot, zone, width)]
    return [overall, *rows, *problems(snapshot, zone)]


class TableLine(NamedTuple):
    """A line of the table; `style` is that of the state."""

    names: str
    state: str
    style: str


def table(snapshot: Snapshot, zone: tzinfo | None, width: int | None) -> list[TableLine]:
    """The table's head, and a line for each role; a narrow window has no profiles."""
    states = [_state(view, snapshot, zone) for view in snapshot.roles]
    longest = max(map(len, [_HEAD[3], *states]))
    names: list[tuple[str, str]] = [(view.name, view.profile) for view in snapshot.roles]
    if width is not None and width < _NARROW:
        left = width - 1 - 2 * len(_GAP) - longest
        names = [(text.middle_cut(role, max(_LEAST_NAME, left, width // 2)), "") for role, _ in names]
    elif width is not None:
        widths = _name_widths(names, width - 1 - 3 * len(_GAP) - longest)
        names = [(text.middle_cut(role, widths[0]), text.middle_cut(profile, widths[1])) for role, profile in names]
    rows: list[tuple[str, ...]] = [
        _HEAD[:3],
        *(("*" if v.is_default else "", *both) for v, both in zip(snapshot.roles, names, strict=True)),
    ]
    if width is not None and width < _NARROW:
        rows = [row[:2] for row in rows]
    columns = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    starts = ["".join(cell.ljust(size) + _GAP for cell, size in zip(row, columns, strict=True)) for row in rows]
    if width is not None:
        starts = [text.end_cut(start, width) for start in starts]
        states = [text.end_cut(state, max(1, width - len(starts[0])), whole_words=True) for state in states]
    head = TableLine("", f"{starts[0]}{_HEAD[3]}"[:width], "head")
    styles = map(colors.of_role, snapshot.roles)
    return [head, *map(TableLine, starts[1:], states, styles)]


def _painted(line: TableLine, paint: Paint) -> str:
    return f"{line.names}{paint(line.state, line.style)}"


def _name_widths(names: list[tuple[str, str]], left: int) -> tuple[int, int]:
    """The widths of the role and profile columns; if both do not fit, the wider one shrinks first."""
    role = max(len("ROLE"), *(len(name) for name, _ in names))
    profile = max(len("PROFILE"), *(len(name) for _, name in names))
    if role + profile <= left:
        return role, profile
    half = max(_LEAST_NAME, left // 2)
    if role <= half:
        return role, max(_LEAST_NAME, left - role)
    if profile <= half:
        return max(_LEAST_NAME, left - profile), profile
    return half, half


def problems(snapshot: Snapshot, zone: tzinfo | None) -> list[str]:
    """What went wrong and what to know, never cut."""
    found = [] if snapshot.default_switch is None else [snapshot.default_switch]
    # What fails with the file is said once, of the file.
    found += [_problem(view, snapshot, zone) for view in snapshot.roles if view.error not in {None, snapshot.trouble}]
    found += [f"{view.name}: {note}" for view in snapshot.roles for note in (view.note, view.region_note) if note]
    if snapshot.paused:
        found.append("Refreshing is paused: no session is refreshed automatically.")
    if snapshot.trouble is not None:
        found.insert(0, f"{snapshot.trouble} {snapshot.trouble_hint or ''}".rstrip())
    if snapshot.skew:
        found.append(f"{text.clock_off(snapshot.skew)}. Set it, or turn on automatic time.")
    return found


def _problem(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> str:
    since = f"since {labels.moment(view.failing_since, snapshot.as_of, zone)}" if view.failing_since else ""
    again = f"next try at {labels.moment(view.retry_at, snapshot.as_of, zone)}" if view.retry_at else ""
    times = ", ".join(part for part in (since, again) if part)
    sentence = f"{view.name}: {view.error} {view.hint or ''}".rstrip()
    return f"{sentence} ({times})" if times else sentence


def _state(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> str:
    state = labels.state_line(view, snapshot.as_of, zone)
    if not view.kept or view.keep_until is None:
        return state
    return f"{state}, kept until {labels.moment(view.keep_until, snapshot.as_of, zone)}"
