"""Folds what happened into the state: `apply(state, event)`; decides nothing and never looks at a clock.

Events about roles that are no longer configured are dropped: a late answer must not bring a role back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from traycreds.core import policy
from traycreds.core.errors import FailureKind
from traycreds.core.messages import (
    ConfigChanged,
    Event,
    FileChangedOutside,
    Issued,
    IssueFailed,
    Paused,
    RefreshAsked,
    Resumed,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    WriteFailed,
    Written,
)
from traycreds.core.model import (
    DEFAULT_PROFILE,
    Failure,
    Refusal,
    Role,
    RoleName,
    Session,
    State,
    StoreView,
)


def apply(state: State, event: Event) -> State:  # noqa: C901, PLR0911, PLR0912 - one branch for each event, each one line
    """The state after an event."""
    match event:
        case Issued():
            return _issued(state, event)
        case IssueFailed():
            return _issue_failed(state, event)
        case Written():
            return _written(state, event)
        case WriteFailed():
            return _write_failed(state, event)
        case FileChangedOutside():
            return _file_changed(state, event)
        case RoleChosen():
            return _chosen(state, event.name)
        case RoleSwitched():
            return _on(state, event.name, lambda session: _switched(session, event))
        case RoleDropped():
            return _dropped(state, event.name)
        case RefreshAsked():
            return _refresh_asked(state, event.names)
        case Paused():
            return replace(state, paused=event.on)
        case ConfigChanged():
            return _configured(state, event)
        case Resumed():
            return _resumed(state, event.at)
        case _:
            return state


def find(state: State, name: RoleName | None) -> Session | None:
    """The session of a role, or None when there is no such role."""
    return next((session for session in state.sessions if session.role.name == name), None)


def _each(state: State, change: Callable[[Session], Session]) -> State:
    return replace(state, sessions=tuple(change(session) for session in state.sessions))


def _on(state: State, name: RoleName, change: Callable[[Session], Session]) -> State:
    return _each(state, lambda session: change(session) if session.role.name == name else session)


def _answered(state: State, role: Role, change: Callable[[Session], Session]) -> State:
    """A call came back: heed it, unless the role was dropped or became another one meanwhile."""

    def heed(session: Session) -> Session:
        return session if session.drop or not session.role.same_session(role) else change(session)

    return _on(replace(state, calls=state.calls - {role.name}), role.name, heed)


def _issued(state: State, event: Issued) -> State:
    def issued(session: Session) -> Session:
        return replace(session, unwritten=event.credentials, issued_at=event.at, failure=None)

    return _answered(state, event.role, issued)


def _issue_failed(state: State, event: IssueFailed) -> State:
    def failed(session: Session) -> Session:
        before = session.failure
        again = before is not None and before.kind is event.kind
        attempts = before.attempts + 1 if before is not None and again else 1
        failure = Failure(
            kind=event.kind,
            sentence=event.sentence,
            hint=event.hint,
            attempts=attempts,
            first_at=before.first_at if before is not None and again else event.at,
            retry_at=policy.retry_at(event.kind, event.role.name, attempts, event.at, session.expires_at),
        )
        return replace(session, failure=failure)

    state = _answered(state, event.role, failed)
    session = find(state, event.role.name)
    if event.kind is FailureKind.THROTTLED and session is not None and session.failure is not None:
        # The limit is the account's, not the role's: everybody waits.
        return replace(state, throttled_until=session.failure.retry_at)
    return state


def _written(state: State, event: Written) -> State:
    refused = {refusal.profile: refusal for refusal in event.report.refused}
    owned = {mine.profile: mine for mine in event.report.view.owned}
    sets = {write.role: write.credentials for write in event.batch.sets}

    def settled(session: Session) -> Session:
        profile = session.role.profile
        if profile in event.batch.removes:
            session = replace(session, drop=False)
        if session.unwritten is None or sets.get(session.role.name) != session.unwritten:
            return session
        if profile in refused:
            failure = _file_failure(refused[profile], event.at)
            return replace(session, unwritten=None, failure=failure)
        # The store may have kept a longer session that was on file: the view says which one stands there.
        mine = owned.get(profile)
        return replace(session, unwritten=None, expires_at=mine.expires_at if mine else None)

    state = replace(_each(state, settled), writing=False, write_failure=None)
    if event.batch.copy_default_from is not None and state.chosen is not None:
        state = replace(state, default_failure=_default_failure(state, refused.get(DEFAULT_PROFILE), event.at))
    return _seen(state, event.report.view)


def _default_failure(state: State, refusal: Refusal | None, at: datetime) -> Failure | None:
    if refusal is None:
        return None
    before = state.default_failure
    told = before is not None and before.told and before.sentence == refusal.sentence
    return replace(_file_failure(refusal, at), told=told)


def _file_failure(refusal: Refusal, at: datetime) -> Failure:
    return Failure(
        kind=FailureKind.FILE,
        sentence=refusal.sentence,
        hint=refusal.hint,
        attempts=1,
        first_at=at,
        retry_at=policy.retry_at(FailureKind.FILE, refusal.profile, 1, at, None),
    )


def _write_failed(state: State, event: WriteFailed) -> State:
    before = state.write_failure
    attempts = before.attempts + 1 if before else 1
    retry = policy.retry_at(FailureKind.UNEXPECTED, DEFAULT_PROFILE, attempts, event.at, None)
    failure = Failure(
        kind=FailureKind.FILE,
        sentence=event.sentence,
        hint=event.hint,
        attempts=attempts,
        first_at=before.first_at if before else event.at,
        retry_at=retry,
        told=before.told if before else False,
    )
    return replace(state, writing=False, write_failure=failure)


def _file_changed(state: State, event: FileChangedOutside) -> State:
    def cured(session: Session) -> Session:
        if session.failure is None or session.failure.kind not in policy.CURED_BY_FILE:
            return session
        return replace(session, failure=replace(session.failure, retry_at=event.at))

    default = state.default_failure
    if default is not None:
        state = replace(state, default_failure=replace(default, retry_at=event.at))
    return _seen(replace(_each(state, cured), write_failure=None), event.view)


def _seen(state: State, view: StoreView) -> State:
    """Take over what is on file: it alone says which sessions there are and which role is `default`."""
    owned = {mine.profile: mine for mine in view.owned}
    state = replace(state, file_known=True)

    def on_file(session: Session) -> Session:
        mine = owned.get(session.role.profile)
        expires_at = mine.expires_at if mine is not None and mine.role == session.role.name else None
        if expires_at == session.expires_at:
            return session
        return replace(session, expires_at=expires_at, issued_at=None)

    state = _each(state, on_file)
    default = owned.get(DEFAULT_PROFILE)
    if default is None:
        return replace(state, remove_default=False, default_due=state.chosen is not None)
    if state.remove_default:
        return state
    if state.chosen is None and find(state, default.role) is not None:
        state = replace(state, chosen=default.role)
    chosen = find(state, state.chosen)
    same = chosen is not None and default.role == state.chosen and default.expires_at == chosen.expires_at
    failure = None if same else state.default_failure
    return replace(state, default_due=state.chosen is not None and not same, default_failure=failure)


def _chosen(state: State, name: RoleName | None) -> State:
    if name is None:
        return replace(state, chosen=None, default_due=False, remove_default=True, default_failure=None)
    session = find(state, name)
    if session is None:
        return state
    state = replace(state, chosen=name, default_due=True, remove_default=False, default_failure=None)
    return _on(state, name, lambda session: replace(session, drop=False, asked=session.asked or _stuck(session)))


def _stuck(session: Session) -> bool:
    """Whether only a fresh try can bring this session further, now that the user wants it."""
    return session.failure is not None


def _switched(session: Session, event: RoleSwitched) -> Session:
    return replace(
        session,
        keep=event.on,
        keep_until=event.until if event.on else None,
        drop=session.drop and not event.on,
        asked=session.asked or (event.on and _stuck(session)),
        told=None,
    )


def _dropped(state: State, name: RoleName) -> State:
    def dropped(session: Session) -> Session:
        return replace(
            session, keep=False, keep_until=None, asked=False, unwritten=None, failure=None, told=None, drop=True
        )

    state = _on(state, name, dropped)
    return _chosen(state, None) if state.chosen == name else state


def _refresh_asked(state: State, names: tuple[RoleName, ...]) -> State:
    def asked(session: Session) -> Session:
        name = session.role.name
        meant = name in names if names else session.keep or name == state.chosen
        return replace(session, asked=True, drop=False) if meant and name not in state.calls else session

    return _each(state, asked)


def _configured(state: State, event: ConfigChanged) -> State:
    before = {session.role.name: session for session in state.sessions}

    def session_of(role: Role) -> Session:
        old = before.get(role.name)
        if old is None:
            return Session(role=role, keep=role.keep)
        keep = old.keep if role.keep == old.role.keep else role.keep
        if role.same_session(old.role):
            return replace(old, role=role, keep=keep)
        # Another role under the same name: what is on file and what failed belong to the old one.
        moved = role.profile != old.role.profile
        return replace(
            old,
            role=role,
            keep=keep,
            failure=None,
            told=None,
            unwritten=None,
            asked=old.expires_at is not None,
            expires_at=None if moved else old.expires_at,
        )

    state = replace(state, sessions=tuple(session_of(role) for role in event.roles), settings=event.settings)
    return state if find(state, state.chosen) else replace(state, chosen=None, default_due=False, default_failure=None)


def _resumed(state: State, at: datetime) -> State:
    """Try everything at once that a timer would have tried: the cause may be gone, and the timer's clock was another."""

    def at_once(failure: Failure | None) -> Failure | None:
        if failure is None or failure.retry_at is None:
            return failure
        return replace(failure, attempts=0, retry_at=at)

    def woken(session: Session) -> Session:
        if policy.was_too_short(session):
            session = replace(session, issued_at=None)  # it only looked so by a wrong clock, and must not wait for that
        return replace(session, failure=at_once(session.failure))

    return replace(
        _each(state, woken),
        throttled_until=None,
        write_failure=at_once(state.write_failure),
        default_failure=at_once(state.default_failure),
    )
