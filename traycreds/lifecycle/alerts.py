"""Decides whether failures and recoveries are news: one outage is one notice, however many roles it hits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from traycreds.core.engine_state import Announced, Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import Notify
from traycreds.core.model import RoleName
from traycreds.core.text import middle_cut
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices, policy
from traycreds.lifecycle.due_sessions import LONG_AGO, wanted
from traycreds.lifecycle.status import default_switch, valid


def failing(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """One notice for each cause, repeated in place once enough further roles or expiries have joined it.

    For a passing cause that is as many as before, or one refreshed by hand; for others each one counts, because a
    person has to act.
    """
    groups: dict[FailureKind, list[Session]] = {}
    for session in state.sessions:
        if session.failure is not None and _of_interest(session, state):
            groups.setdefault(policy.cause(session.failure.kind), []).append(session)
    announcements: list[Notify] = []
    for cause, group in groups.items():
        near = [s for s in group if now >= warn_at(s, state)]
        joined = [s for s in near if not _known(s, cause)]
        knowing = sum(_was_announced(s, cause) and (s.failure is None or _known(s, cause)) for s in state.sessions)
        passing, by_hand = cause in policy.PASSING, not all(wanted(s, state) for s in joined)
        if joined and (not passing or by_hand or len(joined) >= knowing):
            named = near if passing else group
            chosen = any(s.role.name == state.chosen for s in named)
            switch = default_switch(now, state, middle_cut) if chosen else None
            announcements.append(notices.failing(tuple(named), now, switch))
            news = [s for s in named if not _known(s, cause)]
            state = mark(state, {s.role.name: Announced(kind=cause, expires_at=s.expires_at) for s in news})
    return state, announcements


def _was_announced(session: Session, cause: FailureKind) -> bool:
    return session.announced is not None and session.announced.kind is cause


def _known(session: Session, cause: FailureKind) -> bool:
    """Whether the user knows that the session fails for this cause, or for a worse one than one that passes."""
    announced = session.announced
    if announced is None or announced.kind is None or announced.expires_at != session.expires_at:
        return False
    return announced.kind is cause or cause in policy.PASSING


def _of_interest(session: Session, state: State) -> bool:
    """Whether to report a failure: for a role that is not kept (refreshed once, by hand) only once."""
    return wanted(session, state) or session.announced is None or session.announced.kind is None


def recovered(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """One notice for all that are well again, once the cause has passed for the others that it had hit too."""
    well = tuple(session for session in state.sessions if _recovered(now, session, state))
    passed = tuple(session for session in well if _was_announced(session, FailureKind.NETWORK))
    if _others_may_follow(now, passed, state):
        well = tuple(session for session in well if not _was_announced(session, FailureKind.NETWORK))
    if not well:
        return state, []
    return mark(state, dict.fromkeys((s.role.name for s in well), None)), [notices.recovered(well)]


def _others_may_follow(now: datetime, well: tuple[Session, ...], state: State) -> bool:
    """Whether a passing cause has not passed for all yet; nobody waits for that for long."""

    def ill(session: Session) -> bool:
        failing = session.failure is not None and session.failure.kind in policy.PASSING
        near = failing and now >= warn_at(session, state) and _of_interest(session, state)
        return near or (_was_announced(session, FailureKind.NETWORK) and not _recovered(now, session, state))

    def lately(session: Session) -> bool:
        return session.issued_at is not None and timedelta(0) <= now - session.issued_at < policy.TOGETHER

    return any(map(ill, state.sessions)) and all(map(lately, well))


def mark(state: State, news: Mapping[RoleName, Announced | None]) -> State:
    """The state with what notices said about these roles."""
    return state.map(lambda s: replace(s, announced=news[s.role.name]) if s.role.name in news else s)


def warn_at(session: Session, state: State) -> datetime:
    """From when on it is worth a word that a session is not renewed."""
    return session.expires_at - state.settings.notify_before if session.expires_at is not None else LONG_AGO


def _recovered(now: datetime, session: Session, state: State) -> bool:
    announced = session.announced is not None and session.announced.kind is not None
    return (
        announced
        and valid(now, session)
        and session.failure is None
        and session.unwritten is None
        and session.role.name not in state.calls
    )
