"""Shows a Snapshot as lines of text for a terminal: the live table of `demo` and `run --no-tray`, and `status`.

Pure; prints nothing and knows nothing of the terminal but its width.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo

from traycreds.core.shown import RoleView, Snapshot
from traycreds.ui import wording

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
        return [wording.overall(snapshot)]
    states = [_state(view, snapshot, zone) for view in snapshot.roles]
    room = (width - 1 - 3 * len(_GAP) - max(map(len, states))) // 2
    name_width = min(_NAME, max(_LEAST_NAME, room))
    rows = [_HEAD, *(_row(view, state, name_width) for view, state in zip(snapshot.roles, states, strict=True))]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [_GAP.join((*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[3])) for row in rows]
    troubles = [_trouble(view, zone) for view in snapshot.roles if view.error]
    troubles += [f"{view.name}: {note}" for view in snapshot.roles for note in (view.note, view.region_note) if note]
    if snapshot.trouble is not None:
        troubles.insert(0, f"{snapshot.trouble} {snapshot.trouble_hint or ''}".rstrip())
    if snapshot.skew:
        troubles.append(f"{wording.clock_off(snapshot.skew)}. Set it, or turn on automatic time.")
    return [wording.end_cut(line, width) for line in (wording.overall(snapshot), *table)] + troubles


def _trouble(view: RoleView, zone: tzinfo | None) -> str:
    """What went wrong, what to do, since when, and when it is tried again."""
    since = f"since {wording.clock(view.failing_since, zone)}" if view.failing_since else ""
    again = f"next try at {wording.clock(view.retry_at, zone)}" if view.retry_at else ""
    times = ", ".join(part for part in (since, again) if part)
    sentence = f"{view.name}: {view.error} {view.hint or ''}".rstrip()
    return f"{sentence} ({times})" if times else sentence


def _row(view: RoleView, state: str, width: int) -> tuple[str, str, str, str]:
    mark = "*" if view.is_default else ""
    return mark, wording.middle_cut(view.name, width), wording.middle_cut(view.profile, width), state


def _state(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> str:
    """How a role stands, and until when it is kept if that has an end, with the day unless it is near."""
    state = wording.state_line(view, snapshot.as_of, zone)
    if not view.kept or view.keep_until is None:
        return state
    day = (
        "" if view.keep_until - snapshot.as_of < timedelta(days=1) else f"{view.keep_until.astimezone(zone):%Y-%m-%d} "
    )
    return f"{state}, kept until {day}{wording.clock(view.keep_until, zone)}"
