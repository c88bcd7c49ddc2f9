"""Shows a Snapshot as lines of text for a terminal: the live table of `demo` and `run --no-tray`, and `status`.

Pure; prints nothing and knows nothing of the terminal but its width.
"""

from __future__ import annotations

from datetime import tzinfo

from traycreds.core.shown import RoleView, Snapshot
from traycreds.ui import wording

_HEAD = ("", "ROLE", "PROFILE", "STATE")
_NAME, _PROFILE = 24, 24


def lines(snapshot: Snapshot, zone: tzinfo | None, width: int = 100) -> list[str]:
    """One line for the whole, a head, a line for each role, and below what went wrong with what to do.

    Args:
        snapshot: what to show.
        zone: for clock times; None is the machine's own.
        width: columns of the terminal.
    """
    if not snapshot.roles:
        return [wording.overall(snapshot)]
    rows = [_HEAD, *(_row(view, snapshot, zone) for view in snapshot.roles)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = ["  ".join((*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[3])) for row in rows]
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


def _row(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> tuple[str, str, str, str]:
    mark = "*" if view.is_default else ""
    name = wording.middle_cut(view.name, _NAME)
    return mark, name, wording.middle_cut(view.profile, _PROFILE), wording.state_line(view, snapshot.as_of, zone)
