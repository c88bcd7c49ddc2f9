"""Folds the credentials file into the state: only the file says which sessions exist and which role is `default`."""

from __future__ import annotations

from datetime import datetime

from traycreds.core.engine_state import Announced, Failure, Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import FileChangedOutside, WriteFailed, Written
from traycreds.core.model import DEFAULT_PROFILE, OwnedProfile, Refusal, StoreView
from traycreds.core.text import sensible
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy


def written(state: State, event: Written) -> State:
    """Our own write ended."""
    refused = {refusal.profile: refusal for refusal in event.report.refused}
    owned = {mine.profile: mine for mine in event.report.view.owned}
    sets = {write.role: write.credentials for write in event.batch.sets}
    removes = frozenset(event.batch.removes)

    def after_write(session: Session) -> Session:
        profile = session.role.profile
        if profile in removes:
            session = replace(session, drop=False)
        if session.unwritten is None or sets.get(session.role.name) != session.unwritten:
            return session
        if profile in refused:
            failure = _file_failure(refused[profile], event.at)
            return replace(session, unwritten=None, failure=failure)
        # The store may have kept a longer session that was on file: the view says which one is there.
        mine = owned.get(profile)
        is_written = mine is not None and mine.expires_at == session.unwritten.expires_at.replace(microsecond=0)
        refreshed = is_written and profile not in event.report.unchanged
        return replace(session, unwritten=None, refreshed=refreshed, expires_at=mine.expires_at if mine else None)

    before = state.sessions
    state = replace(state.map(after_write), writing=False, write_failure=None)
    news = tuple(new.role.name for old, new in zip(before, state.sessions, strict=True) if _refreshed(old, new))
    state = replace(state, refreshed=(*state.refreshed, *news))
    if event.batch.copy_default_from is not None and state.chosen is not None:
        state = replace(state, default_failure=_default_failure(state, refused.get(DEFAULT_PROFILE), event.at))
    return _seen(state, event.report.view, event.at)


def _refreshed(old: Session, new: Session) -> bool:
    written = old.unwritten is not None and new.unwritten is None and new.failure is None
    return written and new.expires_at not in {None, old.expires_at}


def _default_failure(state: State, refusal: Refusal | None, at: datetime) -> Failure | None:
    if refusal is None:
        return None
    before = state.default_failure
    announced = before is not None and before.announced and before.sentence == refusal.sentence
    return replace(_file_failure(refusal, at), announced=announced)


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
    failure = Failure(
        kind=FailureKind.FILE,
        sentence=event.sentence,
        hint=event.hint,
        attempts=attempts,
        first_at=before.first_at if before else event.at,
        last_at=event.at,
        retry_at=policy.write_again_at(DEFAULT_PROFILE, attempts, event.at),
        announced=before.announced if before else False,
    )
    state = replace(state, writing=False, write_failure=failure)
    return state if event.view is None else _undone(state, event.view, failure)


def _undone(state: State, view: StoreView, failure: Failure) -> State:
    """Mark what another program has undone as not on file; roles without their session have failed with the file."""
    before = {session.role.name: session.expires_at for session in state.sessions}
    if view.gone:
        # The sessions come back with the file: no call of AWS, which may need a person, brings them sooner.
        failure = replace(failure, retry_at=None)

    def gone(session: Session) -> Session:
        lost = session.expires_at is None and before[session.role.name] is not None and session.unwritten is None
        if not lost or session.failure is not None:
            return session
        # One notice covers the whole file.
        return replace(session, failure=failure, announced=Announced(kind=failure.kind, expires_at=None))

    return _seen(state, view, failure.last_at).map(gone)


def file_changed(state: State, event: FileChangedOutside) -> State:
    """The file was read: what waits for a change of the user's files is retried."""

    def cured(session: Session) -> Session:
        if session.failure is None or session.failure.kind not in policy.CURED_BY_FILE:
            return session
        if session.failure.kind is FailureKind.FILE and session.role.profile in event.view.foreign:
            # AWS would refuse it again, and that costs a call.
            return session
        return replace(session, failure=replace(session.failure, retry_at=event.at))

    default = state.default_failure
    if default is not None:
        again = replace(default, retry_at=event.at)
        state = replace(state, default_failure=again if _is_in_the_way(state, event.view) else None)
    state = _seen(state.map(cured), event.view, event.at)
    return replace(state, write_failure=_still_to_write(state, event.at), superseded=state.calls)


def _is_in_the_way(state: State, view: StoreView) -> bool:
    """Whether the user's own files still keep the chosen role from being the default."""
    chosen = state.session(state.chosen)
    needed = {DEFAULT_PROFILE} if chosen is None else {DEFAULT_PROFILE, chosen.role.profile}
    return not needed.isdisjoint({*view.foreign, *(refusal.profile for refusal in view.hidden)})


def _still_to_write(state: State, at: datetime) -> Failure | None:
    """A successful read ends a write failure only if nothing is left to write; otherwise the write is retried."""
    waits = any(session.unwritten is not None or session.drop for session in state.sessions)
    if state.write_failure is None or not (waits or state.default_due or state.remove_default):
        return None
    return replace(state.write_failure, retry_at=at)


def _seen(state: State, view: StoreView, at: datetime) -> State:
    """Take over the file: only it says which sessions exist and which role is `default`."""
    owned = {mine.profile: mine for mine in view.owned}
    state = replace(state, file_known=True, missing=None, file_notes=(*state.file_notes, *view.notes))

    def on_file(session: Session) -> Session:
        mine = owned.get(session.role.profile)
        expires_at = mine.expires_at if mine is not None and mine.is_of(session.role) else None
        if expires_at is not None and not sensible(expires_at):
            expires_at = None
        if expires_at == session.expires_at:
            return session
        # Another of our processes got it, such as `traycreds once` in a terminal, which asks for the code.
        is_new = expires_at is not None and expires_at > max(at, session.expires_at or at)
        failure = None if is_new else session.failure
        return replace(session, expires_at=expires_at, issued_at=None, failure=failure)

    state = _hidden(state.map(on_file), view.hidden, at)
    default = owned.get(DEFAULT_PROFILE)
    hidden = next((refusal for refusal in view.hidden if refusal.profile == DEFAULT_PROFILE), None)
    if hidden is None or any(each.role.profile == DEFAULT_PROFILE for each in state.sessions):
        return _default_seen(replace(state, default_on_file=default), default)
    failure = _default_failure(state, hidden, at)
    state = _default_seen(replace(state, default_on_file=None), default)
    if state.chosen is None:
        return state
    # A session that some tools take and others ignore is worse than none.
    return replace(state, remove_default=default is not None, default_due=True, default_failure=failure)


def _hidden(state: State, refusals: tuple[Refusal, ...], at: datetime) -> State:
    """A session that AWS tools ignore has failed, whatever is left of it; until they no longer do."""
    before, now = ({refusal.profile: refusal for refusal in each} for each in (state.hidden, refusals))

    def seen(session: Session) -> Session:
        profile, failure = session.role.profile, session.failure
        old, new = before.get(profile), now.get(profile)
        if old is not None and new is None:
            failure = None if failure is not None and failure.sentence == old.sentence else failure
            # No notice named the role, so its recovery is not announced either.
            session = replace(session, failure=failure, announced=None)
        if new is None or session.expires_at is None or (failure is not None and failure.sentence == new.sentence):
            return session
        # The notice on the configuration, which cannot be loaded like that, says it.
        announced = Announced(kind=FailureKind.FILE, expires_at=session.expires_at)
        return replace(session, failure=_file_failure(new, at), announced=announced)

    return replace(state.map(seen), hidden=refusals)


def _default_seen(state: State, default: OwnedProfile | None) -> State:
    if default is None:
        return replace(state, remove_default=False, default_due=state.chosen is not None)
    if state.remove_default and default.role != state.chosen:
        return state
    state = replace(state, remove_default=False)
    if state.chosen is None and state.session(default.role) is not None:
        state = replace(state, chosen=default.role)
    chosen = state.session(state.chosen)
    same = chosen is not None and default.is_of(chosen.role) and default.expires_at == chosen.expires_at
    failure = None if same else state.default_failure
    return replace(state, default_due=state.chosen is not None and not same, default_failure=failure)
