"""Decides from state and time alone what to do now: `plan(now, state)`.

Level, not edge: missed timers, sleep and doubled events heal, because nothing depends on seeing a moment pass. The
returned state marks what was asked for, so a second plan yields no second action.
"""

from __future__ import annotations

from datetime import datetime

from traycreds.core.engine_state import Announced, Failure, Session, State
from traycreds.core.events import Action, Issue, Notify, Write
from traycreds.core.model import DEFAULT_PROFILE, Batch, ProfileName, ProfileWrite, RoleName
from traycreds.core.value_class import replace, value_class
from traycreds.lifecycle import alerts, due_sessions, notices, policy, regions
from traycreds.lifecycle.due_sessions import LONG_AGO, wanted
from traycreds.lifecycle.follow_ups import choices, first_role, hooks, needs, prompts, take_back
from traycreds.lifecycle.status import valid


@value_class
class Plan:
    """What to do now: the state after asking for it, the actions, and when to plan again."""

    state: State
    actions: tuple[Action, ...]
    wake_at: datetime | None


def plan(now: datetime, state: State) -> Plan:
    """What to do now (aware, UTC): due refreshes, one write of all that is unwritten, notices, follow-ups."""
    close, _, idle_until = due_sessions.find(now, state)
    planned = _let_go(now, replace(state, sessions=close))
    issues: tuple[Action, ...] = ()
    writes: tuple[Action, ...] = ()
    if state.file_known:
        planned, issues = _issues(now, planned)
        planned, writes = _write(now, planned)
    # Ask for codes first, as a user who is asked for one needs no notice about it.
    planned, code_prompts = prompts.ask(now, planned)
    planned, announced = _notices(now, planned)
    after, follow_ups = _follow_ups(now, due_sessions.whole(state, close, planned), announced)
    return Plan(
        state=after,
        actions=(*issues, *writes, *announced, *code_prompts, *follow_ups),
        wake_at=_wake_at(now, planned, idle_until),
    )


def due_at(session: Session, state: State) -> datetime | None:
    """The next timed refresh of a wanted session; None if only the user or a file can start one."""
    earliest = policy.earliest(session) or LONG_AGO
    if session.failure is not None:
        again_at, own = session.failure.retry_at, policy.own_retry_at(session)
        return None if again_at is None else max(again_at, min(earliest, own or earliest))
    if state.suspended:
        return None
    return max(policy.refresh_at(session) or LONG_AGO, earliest)


def _let_go(now: datetime, state: State) -> State:
    def ended(session: Session) -> Session:
        if session.keep_until is not None and session.keep_until <= now:
            if _end_announced(session) and (session.announced is None or session.announced.kind is None):
                # That was said of what is left of its session as well.
                session = replace(session, announced=Announced(kind=None, expires_at=session.expires_at))
            session = replace(session, keep=False, keep_until=None, announced_end=None)
        gone_at = _forgotten_at(session, state)
        if gone_at is not None and gone_at <= now:
            session = replace(session, failure=None, announced=None)
        return session

    sessions = tuple(ended(session) for session in state.sessions)
    return state if sessions == state.sessions else replace(state, sessions=sessions)


def _forgotten_at(session: Session, state: State) -> datetime | None:
    if session.failure is None or session.asked or session.role.name in state.calls or wanted(session, state):
        return None
    if session.expires_at is not None and any(refusal.profile == session.role.profile for refusal in state.hidden):
        return None
    return session.failure.first_at + policy.SHOW_UNWANTED


def _due(now: datetime, session: Session, state: State) -> bool:
    if session.role.name in state.calls or session.unwritten is not None or session.drop:
        return False
    if session.asked:
        return session.not_before is None or session.not_before <= now
    if state.suspended or not wanted(session, state):
        return False
    moment = due_at(session, state)
    return moment is not None and moment <= now


def _issues(now: datetime, state: State) -> tuple[State, tuple[Action, ...]]:
    free, throttle = state.settings.max_in_flight - len(state.calls), state.throttle
    if throttle is not None:
        free, throttle = min(free, throttle.limit_at(now)), throttle.shut(now + policy.LONGEST_HOLD)
    if free <= 0:
        return state, ()
    ready = [session for session in state.sessions if _due(now, session, state)]
    ready.sort(key=_turn)
    begun = {session.role.name for session in ready[:free]}
    if not begun:
        return state, ()
    sessions = tuple(_called(now, s) if s.role.name in begun else s for s in state.sessions)
    return replace(state, sessions=sessions, calls=state.calls | begun, throttle=throttle), tuple(
        Issue(session.role) for session in ready[:free]
    )


def _called(now: datetime, session: Session) -> Session:
    early_at = policy.early_at(session, now)
    return replace(session, asked=False, not_before=None, called_at=now, early_at=early_at)


def _turn(session: Session) -> tuple[datetime, datetime]:
    """The order: the longest-ago failure first, so that hung calls block no other role; then what ends soon."""
    return session.failure.last_at if session.failure else LONG_AGO, session.expires_at or LONG_AGO


def _write(now: datetime, state: State) -> tuple[State, tuple[Action, ...]]:
    if state.writing or not _ready(now, state.write_failure):
        return state, ()
    sets = tuple(
        ProfileWrite(profile=s.role.profile, role=s.role.name, credentials=s.unwritten, session_of=s.role.session_of)
        for s in state.sessions
        if s.unwritten is not None
    )
    removes = _removes(now, state)
    copy = _default_source(now, state)
    if not sets and not removes and copy is None:
        return state, ()
    batch = Batch(sets=sets, copy_default_from=copy, removes=removes)
    return replace(state, writing=True), (Write(batch),)


def _removes(now: datetime, state: State) -> tuple[ProfileName, ...]:
    """Our sections to remove: of dropped roles, and leftovers; `default` stays."""
    default_role = state.default_role

    def over(session: Session) -> bool:
        name = session.role.name
        return name not in state.calls and (session.drop or (name != default_role and _run_out(now, session, state)))

    removes = tuple(session.role.profile for session in state.sessions if over(session))
    return (*removes, DEFAULT_PROFILE) if state.remove_default else removes


def _default_source(now: datetime, state: State) -> ProfileName | None:
    """The profile to copy to `default`: the chosen role's; as long as that has no session, that of the present one."""
    if state.chosen is None or not _ready(now, state.default_failure):
        return None
    chosen, default = state.session(state.chosen), state.session(state.default_role)
    if chosen is not None and (chosen.unwritten is not None or (state.default_due and valid(now, chosen))):
        return chosen.role.profile
    if default is None or default is chosen or default.drop or state.default_on_file is None:
        return None
    newer = valid(now, default) and default.expires_at != state.default_on_file.expires_at
    return default.role.profile if default.unwritten is not None or newer else None


def _ready(now: datetime, failure: Failure | None) -> bool:
    return failure is None or (failure.retry_at is not None and failure.retry_at <= now)


def _run_out(now: datetime, session: Session, state: State) -> bool:
    """Whether our section is a leftover: expired, and nobody wants it renewed."""
    over = session.expires_at is not None and session.expires_at <= now
    return over and not wanted(session, state) and not session.asked and session.unwritten is None


def _follow_ups(now: datetime, state: State, announced: tuple[Notify, ...]) -> tuple[State, tuple[Action, ...]]:
    state, over = take_back.take_back(now, state, announced)
    state, hook_runs = hooks.run(state, announced)
    state, saves = choices.save(state)
    state, region_writes = regions.bring_about(state)
    state, needed = needs.ask_for(state)
    return state, (*over, *hook_runs, *saves, *region_writes, *needed)


def _notices(now: datetime, state: State) -> tuple[State, tuple[Notify, ...]]:
    if state.muted(now):
        return state, ()
    # Make this offer first, as it announces the recovery itself.
    state, offer = first_role.offer(now, state)
    state, gathered = _announce_gathered(now, state)
    state, keeping = _announce_keeping_ends(now, state)
    state, ending = _announce_ending(now, state)
    state, file = _announce_file(state)
    return state, (*offer, *gathered, *keeping, *ending, *file)


def _announce_gathered(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """Failures and recoveries, grouped: the first waits a moment for roles in flight."""
    announced, failing = alerts.failing(now, state)
    announced, recovered = alerts.recovered(now, announced)
    until = (state.gather_until or now + policy.GATHER) if failing or recovered else None
    if until is not None and now < until and _more_to_come(until, state, recovering=bool(recovered)):
        return replace(state, gather_until=until), []
    return replace(announced, gather_until=None), [*failing, *recovered]


def _more_to_come(until: datetime, state: State, *, recovering: bool) -> bool:
    """Whether a result is near for a role that may fail for the same cause, or recover too."""

    def may_announce(session: Session) -> bool:
        called, failure = session.role.name in state.calls, session.failure
        if not recovering:
            return called and failure is None
        retried = failure is not None and failure.retry_at is not None and failure.retry_at < until
        return called or session.unwritten is not None or (retried and session.announced is not None)

    return any(map(may_announce, state.sessions))


def _announce_ending(now: datetime, state: State) -> tuple[State, list[Notify]]:
    news: dict[RoleName, Announced] = {}
    announcements: list[Notify] = []
    for session in state.sessions:
        end = Announced(kind=None, expires_at=session.expires_at)
        if _ending(now, session, state) and session.announced != end:
            announcements.append(notices.ending(session, now))
            news[session.role.name] = end
    return alerts.mark(state, news) if news else state, announcements


def _announce_keeping_ends(now: datetime, state: State) -> tuple[State, list[Notify]]:
    """Once for each end of keeping, in time to extend it."""
    soon = [session for session in state.sessions if _keeping_ends(now, session, state) and not _end_announced(session)]
    if not soon:
        return state, []
    names = {session.role.name for session in soon}
    state = state.map(lambda s: replace(s, announced_end=s.keep_until) if s.role.name in names else s)
    return state, [notices.keeping_ends(session, now) for session in soon]


def _announce_file(state: State) -> tuple[State, list[Notify]]:
    announcements: list[Notify] = []
    if state.write_failure is not None and not state.write_failure.announced:
        announcements.append(notices.file_failure(state.write_failure))
        state = replace(state, write_failure=replace(state.write_failure, announced=True))
    if state.default_failure is not None and not state.default_failure.announced:
        announcements.append(notices.default_refused(state.default_failure))
        state = replace(state, default_failure=replace(state.default_failure, announced=True))
    if state.file_notes:
        announcements += [notices.file_note(note) for note in state.file_notes]
        state = replace(state, file_notes=())
    return state, announcements


def _ending(now: datetime, session: Session, state: State) -> bool:
    """Whether a working session is about to run out with nothing to renew it."""
    if session.expires_at is None or session.unwritten is not None or session.role.name in state.calls or session.drop:
        return False
    # A notice about the failure says more, and one about the end of keeping alive says the same.
    if session.failure is not None or _end_announced(session):
        return False
    renewed = wanted(session, state) and not state.suspended
    return not renewed and alerts.warn_at(session, state) <= now < session.expires_at


def _keeping_ends(now: datetime, session: Session, state: State) -> bool:
    """Whether a working session will soon be let run out; the default profile's never is."""
    if session.keep_until is None or session.role.name == state.chosen:
        return False
    return valid(now, session) and session.keep_until - state.settings.notify_before <= now


def _end_announced(session: Session) -> bool:
    return session.keep_until is not None and session.announced_end == session.keep_until


def _wake_at(now: datetime, state: State, idle_until: datetime | None) -> datetime | None:
    """The next moment when a plan can differ without an event; `idle_until` is that of the sessions not close."""
    failures = (state.write_failure, state.default_failure)
    moments = [
        idle_until,
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
            moments.append(alerts.warn_at(session, state))
        if session.announced is not None and session.issued_at is not None:
            # Its recovery is announced then, whether others have recovered or not.
            moments.append(session.issued_at + policy.TOGETHER)
        if wanted(session, state):
            moments.append(due_at(session, state))
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
