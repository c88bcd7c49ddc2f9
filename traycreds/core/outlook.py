"""Tells which sessions a plan must look at closely: a few of a thousand, most of the time. Decides nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import NamedTuple

from traycreds.core import policy
from traycreds.core.model import Session, State

LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)
NEVER = datetime.max.replace(tzinfo=timezone.utc)


class Outlook(NamedTuple):
    """What lies ahead of all sessions.

    Attributes:
        close: the sessions that may need something now.
        next_due: when the next of the others is due for a refresh by timer; None when none is.
        calm_until: the moment until which the others need nothing; None when time alone never brings them near.
    """

    close: tuple[Session, ...]
    next_due: datetime | None
    calm_until: datetime | None


def look(now: datetime, state: State) -> Outlook:
    """Look at all sessions from afar."""
    lead = state.settings.notify_before
    ahead = now + lead
    close: list[Session] = []
    dues, ends = [NEVER], [NEVER]
    for session in state.sessions:
        due, end = session.outlook or _reckoned(session)
        name = session.role.name
        if due <= now or end <= ahead or name == state.chosen or name in state.calls:
            close.append(session)
        else:
            dues.append(due)
            ends.append(end)
    next_due = NEVER if state.resting else min(dues)
    calm_until = min(next_due, min(ends) - lead)
    return Outlook(
        close=tuple(close),
        next_due=next_due if next_due < NEVER else None,
        calm_until=calm_until if calm_until < NEVER - lead else None,
    )


def wanted(session: Session, state: State) -> bool:
    """Whether a session is renewed: it is kept, or it is the default profile."""
    return session.keep or session.role.name == state.chosen


def _reckoned(session: Session) -> tuple[datetime, datetime]:
    """When a session may be due for anything, and when it or its keeping ends; kept with it, since it never changes.

    This holds for any but the chosen one, whatever else is in the state. What has yet to be settled with AWS, the file
    or the user is due at all times.
    """
    told = session.told is not None and session.told.kind is not None
    if session.asked or session.drop or session.unwritten is not None or session.failure is not None or told:
        due = LONG_AGO
    else:
        due = policy.refresh_at(session) or LONG_AGO if session.keep else NEVER
    reckoned = due, min(session.expires_at or NEVER, session.keep_until or NEVER)
    object.__setattr__(session, "outlook", reckoned)
    return reckoned


def whole(state: State, close: tuple[Session, ...], planned: State) -> State:
    """What was planned for the close ones alone, with all others as they are in the state before."""
    if planned.sessions == close:
        return replace(planned, sessions=state.sessions)
    changed = {session.role.name: session for session in planned.sessions}
    sessions = tuple(changed.get(session.role.name, session) for session in state.sessions)
    return replace(planned, sessions=sessions)
