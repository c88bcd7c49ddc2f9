"""Folds events into the state: `apply(state, event)`; decides nothing and reads no clock.

Events about roles that are no longer configured are dropped: a late answer must not bring a role back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from traycreds.core.engine_state import Failure, Session, State, Throttle
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    Clicked,
    ClockSeen,
    ConfigChanged,
    Event,
    FileChangedOutside,
    FileMissing,
    Issued,
    IssueFailed,
    Locked,
    NetworkChanged,
    Paused,
    RefreshAsked,
    RegionChosen,
    RegionsRefused,
    Resumed,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    RoleUsed,
    WriteFailed,
    Written,
)
from traycreds.core.model import Role, RoleName
from traycreds.core.text import sensible
from traycreds.core.value_class import replace
from traycreds.lifecycle import apply_file, notices, policy
from traycreds.lifecycle.follow_ups import first_role, prompts


def apply(state: State, event: Event) -> State:  # noqa: C901, PLR0911, PLR0912 - one branch for each event, each one line
    """The state after an event."""
    match event:
        case Issued():
            return _issued(state, event)
        case IssueFailed():
            return _issue_failed(state, event)
        case Written():
            return apply_file.written(state, event)
        case WriteFailed():
            return apply_file.write_failed(state, event)
        case FileChangedOutside():
            return apply_file.file_changed(state, event)
        case FileMissing():
            return replace(state, missing=event.note)
        case RoleChosen():
            return _chosen(_superseded(_used(state, event.name), (event.name,)), event.name)
        case RoleUsed():
            return _used(state, event.name)
        case RoleSwitched():
            return _on(_superseded(state, (event.name,)), event.name, lambda old: _switched(old, event, state))
        case RoleDropped():
            return _dropped(state, event.name)
        case RegionChosen():
            return _on(state, event.name, lambda old: replace(old, region=_other(event.region, old.role)))
        case RegionsRefused():
            return replace(state, region_notes=event.notes)
        case RefreshAsked():
            return _refresh_asked(state, event.names)
        case Paused():
            return replace(state, paused=event.on)
        case Locked():
            return _locked(state, event)
        case ConfigChanged():
            return _configured(state, event)
        case Resumed():
            return _resumed(state, event.at)
        case ClockSeen():
            return _clock_seen(state, event)
        case NetworkChanged():
            return _network_changed(state, event.at)
        case Clicked():
            return first_role.clicked(prompts.clicked(apply(state, event.event), event), event, before=state)
        case _:
            return state


def _on(state: State, name: RoleName, change: Callable[[Session], Session]) -> State:
    return state.map(lambda session: change(session) if session.role.name == name else session)


def _after_call(state: State, role: Role, change: Callable[[Session], Session]) -> State:
    """A call came back: take its outcome, unless the role was dropped or changed since."""

    def taken(session: Session) -> Session:
        return session if session.drop or not session.role.same_session(role) else change(session)

    over = {role.name}
    return _on(replace(state, calls=state.calls - over, superseded=state.superseded - over), role.name, taken)


def _issued(state: State, event: Issued) -> State:
    if not sensible(event.credentials.expires_at):
        sentence = f"The session that {event.role.name} got has an invalid expiry date."
        hint = "Check the network and proxy; traycreds retries."
        return _issue_failed(state, IssueFailed(event.role, FailureKind.ANSWER, sentence, hint, event.at))

    def issued(session: Session) -> Session:
        new = event.credentials
        return replace(session, unwritten=new, issued_at=event.at, failure=None, note=new.note)

    return replace(_after_call(state, event.role, issued), throttle=_sped_up(state, event.at))


def _issue_failed(state: State, event: IssueFailed) -> State:
    def failed(session: Session) -> Session:
        if event.again_in is not None:
            return replace(session, asked=True, not_before=event.at + event.again_in)
        before = session.failure
        again = before is not None and policy.cause(before.kind) is policy.cause(event.kind)
        # One that was asked for before its time makes the waits no longer.
        asked = before is not None and before.retry_at is not None and event.at < before.retry_at
        attempts = max(1, before.attempts + (not asked)) if before is not None and again else 1
        failure = Failure(
            kind=event.kind,
            sentence=notices.off_by(state.skew) if _too_far_off(event, state) else event.sentence,
            hint=event.hint,
            attempts=attempts,
            first_at=before.first_at if before is not None and again else event.at,
            last_at=event.at,
            retry_at=policy.retry_at(event.kind, event.role.name, attempts, event.at, session.expires_at),
            device=event.device,
            sign_in=event.sign_in,
            reason=event.reason,
        )
        superseded = event.role.name in state.superseded
        if superseded and failure.retry_at is None:
            # The try may not have seen the latest state, so repeat it at once.
            failure = replace(failure, retry_at=event.at)
        return replace(session, failure=failure, answered=not superseded)

    return replace(_after_call(state, event.role, failed), throttle=_slowed_down(state.throttle, event))


def _sped_up(state: State, at: datetime) -> Throttle | None:
    """AWS gives sessions, for all that is known at its ordinary pace again when as many may begin as ever."""
    throttle = state.throttle
    if throttle is None or at < throttle.since:
        return throttle
    throttle = throttle.given(at)
    return throttle if throttle.limit < state.settings.max_in_flight else None


def _slowed_down(throttle: Throttle | None, event: IssueFailed) -> Throttle | None:
    if throttle is not None and event.at < throttle.since:
        return throttle
    if event.kind is FailureKind.THROTTLED:
        throttle = throttle or Throttle(refusals=0, since=event.at, until=event.at)
        return throttle.asked_again(event.at + policy.hold(throttle.refusals + 1, event.role.name))
    # A conclusive failure comes from AWS, or needs no answer from AWS.
    conclusive = event.kind not in policy.PASSING
    return throttle.ended(event.at) if throttle is not None and conclusive else throttle


def _too_far_off(event: IssueFailed, state: State) -> bool:
    return event.kind is FailureKind.CLOCK and abs(state.skew) > policy.SKEW_EXPLAINED


def _clock_seen(state: State, event: ClockSeen) -> State:
    """The clock was set, or found to be off: a refusal because of it may be over.

    The starts of calls move with it, so that a Date that each answer sets forward causes no storm.
    """
    moved = max(event.skew - state.skew, timedelta(0))

    def again(session: Session) -> Session:
        session = policy.redated(session, moved, event.at)
        if session.failure is None or session.failure.kind is not FailureKind.CLOCK:
            return session
        return replace(session, failure=replace(session.failure, retry_at=event.at))

    return replace(state.map(again), skew=event.skew)


def _network_changed(state: State, at: datetime) -> State:
    """Try at once what got no good answer of AWS, and soon again: the name service may need a moment more."""

    def again(session: Session) -> Session:
        if session.failure is None or session.failure.kind not in policy.ENDED_BY_NETWORK:
            return session
        return replace(session, failure=policy.at_once(session, session.failure, at))

    return state.map(again)


def _chosen(state: State, name: RoleName | None) -> State:
    if name is not None and state.session(name) is None:
        return state
    if state.chosen is not None and state.chosen != name:
        state = _on(state, state.chosen, lambda old: old if old.keep else replace(old, failure=None, announced=None))
    if name is None:
        return replace(state, chosen=None, default_due=False, remove_default=True, default_failure=None)
    state = replace(state, chosen=name, default_due=True, remove_default=False, default_failure=None)

    def chosen(session: Session) -> Session:
        asked = session.asked or _stuck(session, state)
        return replace(session, drop=False, called_at=None, asked=asked, answered=False)

    return _on(state, name, chosen)


def _used(state: State, name: RoleName | None) -> State:
    if name is None or state.session(name) is None:
        return state
    before = tuple(other for other in state.recent if other != name)
    return replace(state, recent=(name, *before)[: policy.RECENT])


def _superseded(state: State, names: Iterable[RoleName | None]) -> State:
    """The user wants something of these roles: a call in flight may not know what the user just did."""
    return replace(state, superseded=state.superseded | state.calls.intersection(name for name in names if name))


def _stuck(session: Session, state: State) -> bool:
    """Whether only a fresh try can bring this session further, now that the user wants it."""
    return session.failure is not None and session.role.name not in state.calls


def _switched(session: Session, event: RoleSwitched, state: State) -> Session:
    wanted = event.on or session.role.name == state.chosen
    return replace(
        session,
        keep=event.on,
        keep_until=event.until if event.on else None,
        drop=session.drop and not event.on,
        called_at=None,
        answered=False,
        asked=session.asked or (event.on and _stuck(session, state)),
        # Nobody needs to hear about the failure of a role that is not wanted.
        failure=session.failure if wanted else None,
        announced=None,
    )


def _other(region: str | None, role: Role) -> str | None:
    """A region as a choice; the configured one is not a choice."""
    return None if region == role.region else region


def _dropped(state: State, name: RoleName) -> State:
    def dropped(session: Session) -> Session:
        return replace(
            session,
            keep=False,
            keep_until=None,
            asked=False,
            not_before=None,
            unwritten=None,
            failure=None,
            announced=None,
            drop=True,
        )

    state = _on(state, name, dropped)
    if state.chosen == name:
        return _chosen(state, None)
    return replace(state, remove_default=True) if state.default_role == name else state


def _refresh_asked(state: State, names: tuple[RoleName, ...]) -> State:
    named = frozenset(names)

    def asked(session: Session) -> Session:
        name = session.role.name
        if not (name in named if named else session.keep or name == state.chosen):
            return session
        # A call in flight is as good as a new one, and its answer counts again if the session was about to be dropped.
        asked = name not in state.calls
        session = replace(session, asked=asked, not_before=None, refreshed=False, answered=False, drop=False)
        # The request also covers a call in flight that fails and is repeated at once.
        return session if asked else replace(session, called_at=None)

    return _superseded(state.map(asked), names or tuple(state.calls))


def _configured(state: State, event: ConfigChanged) -> State:
    before = {session.role.name: session for session in state.sessions}

    def session_of(role: Role) -> Session:
        old = before.get(role.name)
        if old is None:
            return Session(role=role, keep=role.keep)
        # The changed setting is newer than the user's last choice.
        if role.keep != old.role.keep:
            old = replace(old, keep=role.keep, keep_until=None)
        # After an import, the configuration names the region for the first time, so that is no change.
        if role.region != old.role.region and not state.discovered:
            old = replace(old, region=None)
        if role.same_session(old.role):
            return replace(old, role=role)
        # Another role under the same name: what is on file and what failed belong to the old one.
        moved = role.profile != old.role.profile or role.session_of != old.role.session_of
        had_one = old.expires_at is not None or old.unwritten is not None or role.name in state.calls
        return replace(
            old,
            role=role,
            failure=None,
            announced=None,
            unwritten=None,
            note=None,
            not_before=None,
            called_at=None,
            asked=(old.asked or had_one) and not old.drop,
            expires_at=None if moved else old.expires_at,
        )

    sessions = tuple(session_of(role) for role in event.roles)
    state = replace(state, settings=event.settings, discovered=event.discovered, includes=event.includes)
    state = replace(state, sessions=sessions)
    if state.session(state.chosen) is None:
        state = replace(state, chosen=None, default_due=False, default_failure=None)
    return state


def _locked(state: State, event: Locked) -> State:
    """A person who returns to an idle machine finds it as if it had woken."""
    back = state.away and not event.on
    state = replace(state, locked=event.on)
    return _resumed(state, event.at) if back else state


def _resumed(state: State, at: datetime) -> State:
    """Retry now what a timer would have tried: the cause may be gone, and the timer used another clock."""

    def at_once(failure: Failure | None) -> Failure | None:
        if failure is None or failure.retry_at is None:
            return failure
        return replace(failure, attempts=0, retry_at=at)

    return replace(
        state.map(lambda session: policy.woken(session, at)),
        throttle=None,
        gather_until=None,
        quiet_until=at + policy.QUIET,
        write_failure=at_once(state.write_failure),
        default_failure=at_once(state.default_failure),
    )
