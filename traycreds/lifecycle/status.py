"""The status of a session, whether a new one is on its way, and the state of a default switch. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from traycreds.core.engine_state import Failure, Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.snapshot import Status
from traycreds.lifecycle.due_sessions import wanted

_ONCE = {
    FailureKind.NETWORK: "AWS answers",
    FailureKind.THROTTLED: "AWS gives it a session",
    FailureKind.ANSWER: "AWS gives it a session",
    FailureKind.DENIED: "AWS gives it a session",
    FailureKind.SOURCE_EXPIRED: "its source credentials are valid",
    FailureKind.PROGRAM: "its program or token file gives a session",
    FailureKind.CLOCK: "this machine's clock is right",
    FailureKind.BAD_CONFIG: "you fix the configuration",
    FailureKind.FILE: "its profile can be written",
    FailureKind.UNEXPECTED: "it has a session",
}
"""What ends the failure that a switch waits for; for a code and a sign-in that depends on the failure."""
_UNTRIED = (
    ("Nothing to do: traycreds retries.", "Try again in a minute."),
    ("Nothing to do while it is being rewritten: traycreds retries.", "Try again, if it is being rewritten."),
    ("; traycreds retries.", ", then try again."),
    ("traycreds retries; see the log", "Try again; see the log"),
)
"""Promises in hints, and what to ask the user instead if nothing retries."""


def valid(now: datetime, session: Session) -> bool:
    """Whether a session is on file that has not expired."""
    return session.expires_at is not None and session.expires_at > now


def under_way(session: Session, state: State) -> bool:
    """Whether a new session is asked for, being fetched, or not on file yet."""
    return session.asked or session.role.name in state.calls or session.unwritten is not None


def retried(session: Session, state: State) -> bool:
    """Whether a failing session is retried without the user: nothing retries a role that is not kept."""
    return under_way(session, state) or (wanted(session, state) and not state.suspended)


def untried(hint: str) -> str:
    """A hint if nothing retries: it asks the user to try again."""
    for promise, request in _UNTRIED:
        hint = hint.replace(promise, request)
    return hint


def status(now: datetime, session: Session, state: State) -> Status:
    """A session's state, for people."""
    if session.failure is None and under_way(session, state):
        return Status.REFRESHING
    if session.expires_at is not None and session.expires_at > now:
        # A session that is about to be renewed is fresh to the last minute: nobody has to do anything.
        renewed = wanted(session, state) and not state.suspended and session.failure is None
        soon = session.expires_at - now <= state.settings.notify_before
        return Status.EXPIRING if soon and not renewed else Status.FRESH
    if session.failure is not None:
        return Status.FAILED
    if session.expires_at is not None:
        return Status.EXPIRED
    return Status.REFRESHING if wanted(session, state) and not state.suspended else Status.OFF


def busy(now: datetime, session: Session, state: State) -> bool:
    """Whether a new session is on its way, so that its status may change soon."""
    retrying = session.failure is not None and under_way(session, state)
    return retrying or status(now, session, state) is Status.REFRESHING


def default_switch(now: datetime, state: State, cut: Callable[[str], str] = str) -> str | None:
    """When the chosen role becomes the default profile, and which is until then; None if done. `cut` shortens names."""
    session = state.session(state.chosen)
    if session is None or not state.file_known or state.default_role == state.chosen:
        return None
    until_then, once = _default_now(state, cut), _once(now, session, state, cut)
    return f"{cut(session.role.name)} becomes the default once {once}; until then {until_then} is."


def _default_now(state: State, cut: Callable[[str], str]) -> str:
    if state.default_role is not None:
        return cut(state.default_role)
    default = state.default_on_file
    return "no role" if default is None or default.session_of is None else default.session_of


def _once(now: datetime, session: Session, state: State, cut: Callable[[str], str]) -> str:
    if state.write_failure is not None:
        return "the credentials file can be written"
    if state.default_failure is not None:
        return "profile default can be written"
    works = session.unwritten is not None or valid(now, session)
    if session.failure is not None and not works:
        return _cured(session.failure, cut)
    if state.suspended and not works and not under_way(session, state):
        return "it is refreshed"
    return "its session is written"


def _cured(failure: Failure, cut: Callable[[str], str]) -> str:
    if failure.kind is FailureKind.MFA:
        return "it has an MFA code" if failure.device is None else "you enter the code"
    if failure.kind is FailureKind.PROGRAM and failure.device is not None:
        return "its mfa_process gives a code"
    if failure.kind is FailureKind.SIGN_IN:
        return "you sign in" if failure.sign_in is None else f"you sign in to {cut(failure.sign_in)}"
    return _ONCE[failure.kind]
