"""Decides from state and time alone what is to be done now: `plan(now, state)`.

Level, not edge: missed timers, sleep and doubled events heal, since nothing depends on having seen a moment pass.
What is asked for is marked in the state that comes back, so planning twice in a row yields no second action.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from traycreds.core import notices, outlook, policy, telling
from traycreds.core.messages import Action, Issue, Notify, Plan, Write
from traycreds.core.model import DEFAULT_PROFILE, Batch, Failure, ProfileWrite, Session, State, Told
from traycreds.core.outlook import LONG_AGO, wanted


def plan(now: datetime, state: State) -> Plan:
    """What to do now: refreshes that are due, one write of all that is unwritten, what the user must hear.

    Args:
        now: the moment, aware, UTC.
        state: all that is known.
    """
    close, _, calm_until = outlook.look(now, state)
    planned = _let_go(now, replace(state, sessions=close))
    issues: tuple[Action, ...] = ()
    writes: tuple[Action, ...] = ()
    if state.file_known:
        planned, issues = _issues(now, planned)
        planned, writes = _write(now, planned)
    planned, told = _notices(now, planned)
    return Plan(
        state=outlook.whole(state, close, planned),
        actions=(*issues, *writes, *told),
        wake_at=_wake_at(now, planned, calm_until),
    )


def due_at(session: Session, state: State) -> datetime | None:
    """When a wanted session is refreshed next by timer; None when nothing but the user or a file can bring it on."""
    if session.failure is not None:
        return session.failure.retry_at
    if state.resting:
        return None
    return policy.refresh_at(session) or LONG_AGO


def _let_go(now: datetime, state: State) -> State:
    """End the keeping that has its end now, and forget what failed a while ago for roles that nobody wants."""

    def ended(session: Session) -> Session:
        if session.keep_until is not None and session.keep_until <= now:
            if _end_told(session) and (session.told is None or session.told.kind is None):
                # That was said of what is left of its session as well.
                session = replace(session, told=Told(kind=None, expires_at=session.expires_at))
            session = replace(session, keep=False, keep_until=None, told_end=None)
        gone_at = _forgotten_at(session, state)
        if gone_at is not None and gone_at <= now:
            session = replace(session, failure=None, told=None)
        return session

    sessions = tuple(ended(session) for session in state.sessions)
    return state if sessions == state.sessions else replace(state, sessions=sessions)


def _forgotten_at(session: Session, state: State) -> datetime | None:
    if session.failure is None or session.asked or session.role.name in state.calls or wanted(session, state):
        return None
    return session.failure.first_at + policy.SHOW_UNWANTED


def _due(now: datetime, session: Session, state: State) -> bool:
    if session.role.name in state.calls or session.unwritten is not None or session.drop:
        return False
    if session.asked:
        return session.not_before is None or session.not_before <= now
    if state.resting or not wanted(session, state):
        return False
    due = due_at(session, state)
    return due is not None and due <= now


def _issues(now: datetime, state: State) -> tuple[State, tuple[Action, ...]]:
    room, throttle = state.settings.max_in_flight - len(state.calls), state.throttle
    if throttle is not None:
        room, throttle = min(room, throttle.room_at(now)), throttle.shut(now + policy.LONGEST_HOLD)
    if room <= 0:
        return state, ()
    due = [session for session in state.sessions if _due(now, session, state)]
    due.sort(key=_turn)
    begun = {session.role.name for session in due[:room]}
    if not begun:
        return state, ()
    sessions = tuple(replace(s, asked=False, not_before=None) if s.role.name in begun else s for s in state.sessions)
    return replace(state, sessions=sessions, calls=state.calls | begun, throttle=throttle), tuple(
        Issue(session.role) for session in due[:room]
    )


def _turn(session: Session) -> tuple[datetime, datetime]:
    """Who goes first: who failed longest ago, so that calls that hang hold up no other role; then what ends soon."""
    return session.failure.last_at if session.failure else LONG_AGO, session.expires_at or LONG_AGO


def _write(now: datetime, state: State) -> tuple[State, tuple[Action, ...]]:
    if state.writing or not _ready(now, state.write_failure):
        return state, ()
    sets = tuple(
        ProfileWrite(profile=s.role.profile, role=s.role.name, credentials=s.unwritten)
        for s in state.sessions
        if s.unwritten is not None
    )
    removes = tuple(
        s.role.profile for s in state.sessions if s.role.name not in state.calls and (s.drop or _run_out(now, s, state))
    )
    chosen = state.session(state.chosen)
    copy = None
    if chosen is not None and _ready(now, state.default_failure):
        on_file = chosen.expires_at is not None and state.default_due
        if chosen.unwritten is not None or on_file:
            copy = chosen.role.profile
    if state.remove_default:
        removes = (*removes, DEFAULT_PROFILE)
    if not sets and not removes and copy is None:
        return state, ()
    batch = Batch(sets=sets, copy_default_from=copy, removes=removes)
    return replace(state, writing=True), (Write(batch),)


def _ready(now: datetime, failure: Failure | None) -> bool:
    return failure is None or (failure.retry_at is not None and failure.retry_at <= now)


def _run_out(now: datetime, session: Session, state: State) -> bool:
    """Whether our section is a leftover: expired, and nobody wants it renewed."""
    over = session.expires_at is not None and session.expires_at <= now
    return over and not wanted(session, state) and not session.asked and session.unwritten is None


def _notices(now: datetime, state: State) -> tuple[State, tuple[Action, ...]]:
    if state.hushed(now):
        return state, ()
    state, gathered = _tell_gathered(now, state)
    state, keeping = _tell_keeping_ends(now, state)
    state, ending = _tell_ending(now, state)
    state, file = _tell_file(state)
    return state, (*gathered, *keeping, *ending, *file)


def _tell_gathered(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """Failures and recoveries, of many roles as one: the first waits a moment for those that are being tried."""
    told, failing = telling.failing(now, state)
    told, recovered = telling.recovered(now, told)
    until = (state.gather_until or now + policy.GATHER) if failing or recovered else None
    if until is not None and now < until and _more_to_come(until, state, recovering=bool(recovered)):
        return replace(state, gather_until=until), []
    return replace(told, gather_until=None), [*failing, *recovered]


def _more_to_come(until: datetime, state: State, *, recovering: bool) -> bool:
    """Whether the outcome of a try is near, of a role that may fail for the same cause or be well again too."""

    def may_tell(session: Session) -> bool:
        called, failure = session.role.name in state.calls, session.failure
        if not recovering:
            return called and failure is None
        retried = failure is not None and failure.retry_at is not None and failure.retry_at < until
        return called or session.unwritten is not None or (retried and session.told is not None)

    return any(map(may_tell, state.sessions))


def _tell_ending(now: datetime, state: State) -> tuple[State, list[Notify]]:
    said: list[Notify] = []
    for session in state.sessions:
        news = Told(kind=None, expires_at=session.expires_at)
        if _ending(now, session, state) and session.told != news:
            said.append(notices.ending(session, now))
            state = telling.mark(state, {session.role.name: news})
    return state, said


def _tell_keeping_ends(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """Once for each end of keeping, so that it can be put off in time."""
    soon = [session for session in state.sessions if _keeping_ends(now, session, state) and not _end_told(session)]
    if not soon:
        return state, []
    names = {session.role.name for session in soon}
    state = state.map(lambda s: replace(s, told_end=s.keep_until) if s.role.name in names else s)
    return state, [notices.keeping_ends(session, now) for session in soon]


def _tell_file(state: State) -> tuple[State, list[Notify]]:
    said: list[Notify] = []
    if state.write_failure is not None and not state.write_failure.told:
        said.append(notices.file_trouble(state.write_failure))
        state = replace(state, write_failure=replace(state.write_failure, told=True))
    if state.default_failure is not None and not state.default_failure.told:
        said.append(notices.default_refused(state.default_failure))
        state = replace(state, default_failure=replace(state.default_failure, told=True))
    return state, said


def _ending(now: datetime, session: Session, state: State) -> bool:
    """Whether a working session is about to run out with nothing to renew it."""
    if session.expires_at is None or session.unwritten is not None or session.role.name in state.calls or session.drop:
        return False
    if session.failure is not None or _end_told(session):  # told as failing, which says more, or as kept no longer
        return False
    renewed = wanted(session, state) and not state.resting
    return not renewed and telling.warn_at(session, state) <= now < session.expires_at


def _keeping_ends(now: datetime, session: Session, state: State) -> bool:
    """Whether a working session will soon be let run out; the default profile's never is."""
    if session.keep_until is None or session.role.name == state.chosen:
        return False
    works = session.expires_at is not None and session.expires_at > now
    return works and session.keep_until - state.settings.notify_before <= now


def _end_told(session: Session) -> bool:
    return session.keep_until is not None and session.told_end == session.keep_until


def _wake_at(now: datetime, state: State, calm_until: datetime | None) -> datetime | None:
    """The next moment at which a plan can differ without any event; the engine looks every half minute anyway.

    Args:
        now: the moment of the plan.
        state: with the sessions that were close.
        calm_until: when one of the others may be.
    """
    failures = (state.write_failure, state.default_failure)
    moments = [
        calm_until,
        state.quiet_until,
        state.gather_until,
        *(failure.retry_at for failure in failures if failure),
    ]
    if state.throttle is not None:
        moments.append(state.throttle.until)
    for session in state.sessions:
        moments += (session.expires_at, session.keep_until, session.not_before, _forgotten_at(session, state))
        if session.keep_until is not None:
            moments.append(session.keep_until - state.settings.notify_before)
        if session.expires_at is not None:
            moments.append(telling.warn_at(session, state))
        if wanted(session, state):
            moments.append(due_at(session, state))
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
