"""Folds what the credentials file says into the state: it alone tells which sessions there are and who is `default`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from traycreds.core import policy
from traycreds.core.errors import FailureKind
from traycreds.core.messages import FileChangedOutside, WriteFailed, Written
from traycreds.core.model import DEFAULT_PROFILE, Failure, Refusal, Session, State, StoreView


def written(state: State, event: Written) -> State:
    """Our own write ended."""
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

    state = replace(state.map(settled), writing=False, write_failure=None)
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
        last_at=at,
        retry_at=policy.retry_at(FailureKind.FILE, refusal.profile, 1, at, None),
    )


def write_failed(state: State, event: WriteFailed) -> State:
    """The file could not be read or written as a whole."""
    before = state.write_failure
    attempts = before.attempts + 1 if before else 1
    retry = policy.retry_at(FailureKind.UNEXPECTED, DEFAULT_PROFILE, attempts, event.at, None)
    failure = Failure(
        kind=FailureKind.FILE,
        sentence=event.sentence,
        hint=event.hint,
        attempts=attempts,
        first_at=before.first_at if before else event.at,
        last_at=event.at,
        retry_at=retry,
        told=before.told if before else False,
    )
    return replace(state, writing=False, write_failure=failure)


def file_changed(state: State, event: FileChangedOutside) -> State:
    """The file was read: what waits for a change of the user's files is tried again."""

    def cured(session: Session) -> Session:
        if session.failure is None or session.failure.kind not in policy.CURED_BY_FILE:
            return session
        if session.failure.kind is FailureKind.FILE and session.role.profile in event.view.foreign:
            return session  # it would be refused again, at the price of a call
        return replace(session, failure=replace(session.failure, retry_at=event.at))

    default = state.default_failure
    if default is not None:
        state = replace(state, default_failure=replace(default, retry_at=event.at))
    state = _seen(state.map(cured), event.view)
    return replace(state, write_failure=_still_to_write(state, event.at), overtaken=state.calls)


def _still_to_write(state: State, at: datetime) -> Failure | None:
    """That the file can be read ends a failure to write it only if nothing is left to write; else it is tried again."""
    waits = any(session.unwritten is not None or session.drop for session in state.sessions)
    if state.write_failure is None or not (waits or state.default_due or state.remove_default):
        return None
    return replace(state.write_failure, retry_at=at)


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

    state = state.map(on_file)
    default = owned.get(DEFAULT_PROFILE)
    if default is None:
        return replace(state, remove_default=False, default_due=state.chosen is not None)
    if state.remove_default:
        return state
    if state.chosen is None and state.session(default.role) is not None:
        state = replace(state, chosen=default.role)
    chosen = state.session(state.chosen)
    same = chosen is not None and default.role == state.chosen and default.expires_at == chosen.expires_at
    failure = None if same else state.default_failure
    return replace(state, default_due=state.chosen is not None and not same, default_failure=failure)
