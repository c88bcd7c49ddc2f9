"""Shows a Snapshot as lines of text for a terminal: the live table of `demo` and `run --no-tray`, and `status`.

Pure; prints nothing and knows nothing of the terminal but its width.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo

from traycreds.core import text
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.ui.menu import labels

_HEAD = ("", "ROLE", "PROFILE", "STATE")
_NAME = 24
"""Longest name of a role or profile shown whole where there is room for it."""
_LEAST_NAME = 12
"""Characters left of a name where there is none, so that what changes, the state, is seen whole."""
_GAP = "  "


def lines(snapshot: Snapshot, zone: tzinfo | None, width: int = 100) -> list[str]:
    """One line for the whole, a head, a line for each role, and below what went wrong with what to do.

    Args:
        snapshot: what to show.
        zone: for clock times; None is the machine's own.
        width: columns of the terminal.
    """
    if not snapshot.roles:
        return [labels.overall(snapshot)]
    states = [_state(view, snapshot, zone) for view in snapshot.roles]
    width_left = (width - 1 - 3 * len(_GAP) - max(map(len, states))) // 2
    name_width = min(_NAME, max(_LEAST_NAME, width_left))
    rows = [_HEAD, *(_row(view, state, name_width) for view, state in zip(snapshot.roles, states, strict=True))]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [_GAP.join((*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[3])) for row in rows]
    problems = [] if snapshot.default_switch is None else [snapshot.default_switch]
    problems += [_problem(view, zone) for view in snapshot.roles if view.error]
    problems += [f"{view.name}: {note}" for view in snapshot.roles for note in (view.note, view.region_note) if note]
    if snapshot.trouble is not None:
        problems.insert(0, f"{snapshot.trouble} {snapshot.trouble_hint or ''}".rstrip())
    if snapshot.skew:
        problems.append(f"{labels.clock_off(snapshot.skew)}. Set it, or turn on automatic time.")
    return [text.end_cut(line, width) for line in (labels.overall(snapshot), *table)] + problems


def _problem(view: RoleView, zone: tzinfo | None) -> str:
    """What went wrong, what to do, since when, and when traycreds retries."""
    since = f"since {labels.clock(view.failing_since, zone)}" if view.failing_since else ""
    again = f"next try at {labels.clock(view.retry_at, zone)}" if view.retry_at else ""
    times = ", ".join(part for part in (since, again) if part)
    sentence = f"{view.name}: {view.error} {view.hint or ''}".rstrip()
    return f"{sentence} ({times})" if times else sentence


def _row(view: RoleView, state: str, width: int) -> tuple[str, str, str, str]:
    mark = "*" if view.is_default else ""
    return mark, text.middle_cut(view.name, width), text.middle_cut(view.profile, width), state


def _state(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> str:
    """How a role stands, and until when it is kept if that has an end, with the day unless it is near."""
    state = labels.state_line(view, snapshot.as_of, zone)
    if not view.kept or view.keep_until is None:
        return state
    day = (
        "" if view.keep_until - snapshot.as_of < timedelta(days=1) else f"{view.keep_until.astimezone(zone):%Y-%m-%d} "
    )
    return f"{state}, kept until {day}{labels.clock(view.keep_until, zone)}"
