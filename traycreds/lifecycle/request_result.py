"""Whether what a command asked for is done, and its result. Pure.

`refreshed`, `used`, `kept`, `dropped` and `default_removed` raise a TraycredsError if it will not happen by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from traycreds.core.engine_state import Session, State
from traycreds.core.errors import CredentialsFileError, IssueError, TraycredsError, exit_code_of
from traycreds.core.model import FileNote, RoleName
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome
from traycreds.core.value_class import replace
from traycreds.lifecycle.status import busy, default_switch, retried, under_way, untried, valid

RESUME_HINT = "Resume it in the menu, or run `traycreds refresh {role}`."


def refreshed(now: datetime, state: State, names: tuple[RoleName, ...]) -> bool:
    """Each was tried, or the file blocks all; `of_refresh` says how each ended."""
    on_the_way = any(_on_the_way(now, session, state) for session in _named(state, names))
    return not on_the_way or state.write_failure is not None


def tried(now: datetime, state: State, names: tuple[RoleName, ...]) -> RefreshOutcome | None:
    """The result for roles that were tried, or for all if the file blocks them; None if nothing yet."""
    over = state.write_failure is not None
    ended = tuple(s.role.name for s in _named(state, names) if over or not _on_the_way(now, s, state))
    return of_refresh(now, state, ended) if ended else None


def of_refresh(now: datetime, state: State, names: tuple[RoleName, ...]) -> RefreshOutcome:
    """The result of a refresh so far."""
    failure = state.write_failure
    return RefreshOutcome(
        roles={session.role.name: _of_role(now, session, state) for session in _named(state, names)},
        trouble=(failure.sentence, failure.hint) if failure is not None else None,
    )


def _of_role(now: datetime, session: Session, state: State) -> RoleOutcome:
    if session.failure is not None:
        return RoleOutcome.FAILED
    if session.refreshed and session.expires_at is not None:
        return RoleOutcome.WRITTEN
    if valid(now, session) and not under_way(session, state):
        return RoleOutcome.MFA_KEPT if session.role.is_mfa_session else RoleOutcome.LONGER_KEPT
    return RoleOutcome.UNFINISHED


def codes_needed(state: State, names: tuple[RoleName, ...]) -> dict[str, tuple[RoleName, ...]]:
    """The MFA devices whose codes roles wait for, with these roles."""
    needed: dict[str, tuple[RoleName, ...]] = {}
    for session in _named(state, names):
        if session.failure is not None and session.failure.device is not None:
            needed[session.failure.device] = (*needed.get(session.failure.device, ()), session.role.name)
    return needed


def used(now: datetime, state: State, name: RoleName, *, later: bool = True) -> bool:
    """Whether `default` on file is a valid session of the role; if `later`, the role may become the default later."""
    session = _session(state, name)
    default_written = state.default_role == state.chosen == name and not state.default_due
    if default_written and valid(now, session):
        return True
    if state.default_failure is not None and state.write_failure is None:
        raise CredentialsFileError(state.default_failure.sentence, state.default_failure.hint)
    try:
        return _still_possible(now, session, state)
    except TraycredsError as error:
        if later and (switch := default_switch(now, state)) is not None and state.chosen == name:
            error.sentence = f"{error.sentence} {switch}"
        if not later:
            error.hint = untried(error.hint)
        raise


def default_removed(_now: datetime, state: State) -> bool:
    """No role should be the `default` profile, and the file has none from us."""
    if state.chosen is None and not state.remove_default and state.default_on_file is None:
        return True
    _raise_file_failure(state)
    return False


def kept(now: datetime, state: State, name: RoleName) -> bool:
    """A valid session is on file, and no refresh of it is in progress."""
    session = _session(state, name)
    if valid(now, session) and not _on_the_way(now, session, state):
        return True
    return _still_possible(now, session, state)


def dropped(_now: datetime, state: State, name: RoleName) -> bool:
    """No session of the role is on file."""
    if _session(state, name).expires_at is None:
        return True
    _raise_file_failure(state)
    return False


def held_back(now: datetime, state: State, why: FileNote, name: RoleName | None = None) -> CredentialsFileError | None:
    """What to tell a command that waits no longer, where nothing but the credentials file is waited for.

    `why` says what the file is waited for.
    """
    session = None if name is None else state.session(name)
    needs_aws = session is not None and _called(session, state) and not valid(now, session)
    if needs_aws or (state.file_known and not state.writing):
        return None
    switch = default_switch(now, state) if name == state.chosen else None
    return CredentialsFileError(f"{why.sentence} {switch}" if switch else why.sentence, why.hint)


def refresh_held_back(now: datetime, state: State, why: FileNote, names: tuple[RoleName, ...]) -> RefreshOutcome | None:
    """What has become of a refresh where nothing but the credentials file is waited for; see `held_back`."""
    error = held_back(now, state, why)
    if error is None or any(_called(session, state) for session in _named(state, names)):
        return None
    return replace(of_refresh(now, state, names), trouble=(error.sentence, error.hint))


def _called(session: Session, state: State) -> bool:
    return session.asked or session.role.name in state.calls


def _named(state: State, names: tuple[RoleName, ...]) -> Iterator[Session]:
    named = frozenset(names)
    return (session for session in state.sessions if session.role.name in named)


def _session(state: State, name: RoleName) -> Session:
    session = state.session(name)
    if session is None:
        raise TraycredsError(f"Role {name} is no longer in the configuration.", "Check your configuration file.")
    return session


def _on_the_way(now: datetime, session: Session, state: State) -> bool:
    """Whether the user's request may still bring a new session; not after a call that its deadline ended."""
    return busy(now, session, state) and not (session.failure is not None and session.answered)


def _raise_file_failure(state: State) -> None:
    if state.write_failure is not None:
        raise CredentialsFileError(state.write_failure.sentence, state.write_failure.hint)


def _still_possible(now: datetime, session: Session, state: State) -> bool:
    """False, to keep waiting. Raises TraycredsError: what blocks it."""
    _raise_file_failure(state)
    if _on_the_way(now, session, state) or valid(now, session):
        return False
    name = session.role.name
    if session.failure is not None:
        hint = session.failure.hint if retried(session, state) else untried(session.failure.hint)
        error = TraycredsError(f"{name}: {session.failure.sentence}", hint)
        error.exit_code = exit_code_of(session.failure.kind)
        raise error
    if state.suspended:
        paused = TraycredsError(f"Refreshing is paused, and {name} has no session.", RESUME_HINT.format(role=name))
        paused.exit_code = IssueError.exit_code
        raise paused
    return False
