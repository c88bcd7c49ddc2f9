"""Tells which sessions a plan must look at closely: a few of a thousand, most of the time. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import NamedTuple, TypeAlias

from traycreds.core.engine_state import Session, State
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy

LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)
NEVER = datetime.max.replace(tzinfo=timezone.utc)


Moments: TypeAlias = tuple[datetime, datetime]
"""When a session may be due for anything, and when it or its keeping ends."""


class Due(NamedTuple):
    """What lies ahead of all sessions: those `close` may need something now; the others' next timed refresh.

    `idle_until`: until when the others need nothing; None: time alone never changes that.
    """

    close: tuple[Session, ...]
    next_due: datetime | None
    idle_until: datetime | None


def find(now: datetime, state: State) -> Due:
    """Find the sessions that may need something now, and when the next of the others may."""
    lead = state.settings.notify_before
    ahead = now + lead
    close: list[Session] = []
    dues, ends = [NEVER], [NEVER]
    defaults = {state.chosen, state.default_role}
    for session, (due, end) in memo.of(state.sessions):
        name = session.role.name
        if due <= now or end <= ahead or name in defaults or name in state.calls:
            close.append(session)
        else:
            dues.append(due)
            ends.append(end)
    next_due = NEVER if state.suspended else min(dues)
    idle_until = min(next_due, min(ends) - lead)
    return Due(
        close=tuple(close),
        next_due=next_due if next_due < NEVER else None,
        idle_until=idle_until if idle_until < NEVER - lead else None,
    )


def wanted(session: Session, state: State) -> bool:
    """Whether a session is renewed: it is kept, or it is the default profile."""
    return session.keep or session.role.name == state.chosen


def moments(session: Session) -> tuple[datetime, datetime]:
    """When a session may be due for anything, and when it or its keeping ends; for any but the chosen one.

    Unfinished work with AWS, the file or the user is always due.
    """
    announced = session.announced is not None and session.announced.kind is not None
    if session.asked or session.drop or session.unwritten is not None or session.failure is not None or announced:
        due = LONG_AGO
    else:
        due = policy.refresh_at(session) or LONG_AGO if session.keep else NEVER
    return due, min(session.expires_at or NEVER, session.keep_until or NEVER)


class Memo:
    """The moments of the last plan's sessions, by identity; a session is frozen, so they never change."""

    def __init__(self) -> None:
        """Know nothing."""
        self._known: dict[int, tuple[Session, Moments]] = {}

    def of(self, sessions: tuple[Session, ...]) -> Iterable[tuple[Session, Moments]]:
        """Each session with its moments."""
        before, known = self._known, {}
        for session in sessions:
            entry = before.get(id(session))
            if entry is None or entry[0] is not session:
                entry = (session, moments(session))
            known[id(session)] = entry
        self._known = known
        return known.values()


memo = Memo()


def whole(state: State, close: tuple[Session, ...], planned: State) -> State:
    """The plan of only the close sessions, with all others as in the old state."""
    if planned.sessions == close:
        return replace(planned, sessions=state.sessions)
    changed = {session.role.name: session for session in planned.sessions}
    sessions = tuple(changed.get(session.role.name, session) for session in state.sessions)
    return replace(planned, sessions=sessions)
