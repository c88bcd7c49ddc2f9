"""The words of notices: one plain sentence with what to do, and spans of time, because the core knows no time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from traycreds.core.engine_state import Failure, Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import Button, Notify, RefreshAsked, RoleSwitched
from traycreds.core.model import FileNote, RoleName
from traycreds.core.snapshot import Status
from traycreds.core.text import (
    BEFORE_REMEDY,
    BODY_WIDTH,
    IN_STATUS,
    TITLE_WIDTH,
    clock_off,
    middle_cut,
    name_list,
    notice_body,
    notice_title,
    rfc_3339,
    span,
)
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.lifecycle import policy
from traycreds.lifecycle.status import status

_NAME_WIDTH = 24
"""Longest role name in a notice."""
_NAMED = 4
"""How many roles a grouped notice names before it counts the rest."""

EXTENSION = timedelta(hours=1)
"""How much longer than its session a role is kept by a click on the notice that it ends."""

KEEP_ALIVE = "Keep alive"
FIRST_ROLE = "first-role"
STOPPED_KEY = "stopped"
STOPPED = "traycreds has stopped refreshing sessions."
_STOPPED_TITLE = "traycreds has stopped refreshing"
RESTART = "Quit it and start it again; the log says why."

KEEP_IT_HINT = "Choose Keep alive in the tray menu if you still need it."
KEEP_ALWAYS_HINT = "Choose Keep alive in the tray menu to refresh it always."
IN_LOG = "Choose Open log in the tray menu: it says what to do."
"""Where a remedy can be read that is too long for a notice."""

_FAILING, _ENDING, _KEEPING, _FILE, _DEFAULT = "failing-", "ending-", "keeping-", "file", "default"
_FILE_NOTE = "file-note "
"""Keys, or how they begin."""

_STOCK = re.compile(r": User: .* is not authorized to perform: .*")
"""What AWS says of each role that it refuses; the sentence before it says as much."""
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d*:(role/)(?:[^\s/]+/)*")
_ASIDE = re.compile(r" \([^)]*\)")

_OVER_SOON = frozenset({Status.EXPIRING, Status.EXPIRED})


def failing(sessions: tuple[Session, ...], now: datetime, switch: str | None = None) -> Notify:
    """One notice for failed sessions with the same `policy.cause`; `switch` is `status.default_switch`'s sentence."""
    failure = _failure(sessions[0])
    urgent = failure.kind not in policy.PASSING
    key = _failing_key(failure.kind)
    causes = "; ".join(dict.fromkeys(_failure(session).in_words for session in sessions))
    title = f"{len(sessions)} roles: {causes}{_for(sessions, now)}"
    if len(sessions) == 1:
        title = _title(sessions[0], _expiry_text(sessions[0], now))
    hint = _ASIDE.sub("", failure.hint) if failure.kind is FailureKind.DENIED else failure.hint
    body = notice_body(switch or _what(sessions, BODY_WIDTH - len(hint) - 1), hint, IN_STATUS)
    roles = tuple(session.role.name for session in sessions)
    buttons = _remedies(failure.kind, sessions)
    return Notify(
        key=key,
        title=title,
        body=body,
        urgent=urgent,
        buttons=buttons,
        roles=roles,
        device=failure.device,
        needs_user=policy.waits_for_user(failure),
    )


def _what(sessions: tuple[Session, ...], left: int) -> str:
    """Who fails and why, as detailed as fits before the remedy, or after it in `left` characters."""
    failure = _failure(sessions[0])
    sentence = _ROLE_ARN.sub(r"\1", _STOCK.sub(".", failure.sentence))
    if len(sessions) == 1:
        words = [sentence, f"{failure.in_words[0].upper()}{failure.in_words[1:]}."]
    else:
        names = _names(sessions, BEFORE_REMEDY - 1)
        words = [f"{names}: {sentence}", f"{names}."]
    return words[0] if left >= BEFORE_REMEDY or len(words[0]) <= BEFORE_REMEDY else words[1]


def failure_of(key: str) -> FailureKind | None:
    """The `policy.cause` of a notice with this key; None if it is not about failed roles."""
    return FailureKind(key.removeprefix(_FAILING)) if key.startswith(_FAILING) else None


def _failing_key(kind: FailureKind) -> str:
    return f"{_FAILING}{policy.cause(kind).value}"


def _for(sessions: tuple[Session, ...], now: datetime) -> str:
    """How long it has lasted, if more than a minute."""
    failing = now - min(_failure(session).first_at for session in sessions)
    return f" for {span(failing)}" if failing >= timedelta(minutes=1) else ""


def _longer(name: RoleName, end: datetime) -> tuple[Button, ...]:
    extended = RoleSwitched(name, on=True, until=end + EXTENSION)
    return Button(f"Extend {span(EXTENSION)}", extended), Button(KEEP_ALIVE, RoleSwitched(name, on=True))


def ending(session: Session, now: datetime) -> Notify:
    """A working session runs out and nothing renews it."""
    name = session.role.name
    return Notify(
        key=f"{_ENDING}{name}",
        title=_title(session, _expiry_text(session, now)),
        body=notice_body("It is not kept alive.", KEEP_IT_HINT),
        urgent=True,
        buttons=_longer(name, session.expires_at or now),
    )


def keeping_ends(session: Session, now: datetime) -> Notify:
    """The keeping of a working session ends soon; it has an end."""
    assert session.keep_until is not None, "only a keeping that has an end can end"
    name, until = session.role.name, session.keep_until
    return Notify(
        key=f"{_KEEPING}{rfc_3339(until)} {name}",
        title=_title(session, f"kept alive {_brief(until - now)} more"),
        body=notice_body("Then its session expires.", "Extend it if you still need it."),
        urgent=True,
        buttons=_longer(name, until),
        ending=(name, until),
    )


def first_role(session: Session) -> Notify:
    """The role that the user took first has a session, and is refreshed no longer than it is the default profile."""
    name = session.role.name
    what = "It is refreshed until you switch to another role."
    return Notify(
        key=FIRST_ROLE,
        title=notice_title("{} has a session", name),
        body=notice_body(what, KEEP_ALWAYS_HINT),
        buttons=(Button(KEEP_ALIVE, RoleSwitched(name, on=True)),),
    )


def recovered(sessions: tuple[Session, ...]) -> Notify:
    """Sessions that a notice was about work again."""
    one = len(sessions) == 1
    words = ("is fresh again" if one else "are fresh again") if all(map(_had_session, sessions)) else None
    words = words or ("has a session" if one else "have sessions")
    names = _names(sessions, TITLE_WIDTH - len(words) - 1)
    if len(names) + 1 + len(words) <= TITLE_WIDTH:
        title = f"{names} {words}"
    else:
        title = notice_title(f"{{}} {words}", sessions[0].role.name) if one else f"{len(sessions)} roles {words}"
    return Notify(
        key="recovered",
        title=title,
        body=notice_body("The new credentials are in the credentials file.", "Nothing to do."),
    )


def _had_session(session: Session) -> bool:
    """Whether there was a session when a notice announced the failure that is over now."""
    return session.announced is not None and session.announced.expires_at is not None


def file_failure(failure: Failure) -> Notify:
    """The credentials file as a whole cannot be written."""
    return Notify(
        key=_FILE,
        title="Credentials file not written",
        body=notice_body(failure.sentence, failure.hint, IN_STATUS),
        urgent=True,
        buttons=(Button("Open log", UiCommand.OPEN_LOG),),
    )


def file_note(note: FileNote) -> Notify:
    """Something about the credentials file that a person should look at."""
    return Notify(
        key=f"{_FILE_NOTE}{note.sentence}",
        title="Check your credentials file",
        body=notice_body(note.sentence, note.hint, IN_LOG),
        urgent=True,
        buttons=(Button("Open log", UiCommand.OPEN_LOG),),
    )


def default_refused(failure: Failure) -> Notify:
    """The default profile belongs to someone else."""
    body = notice_body(failure.sentence, failure.hint, IN_STATUS)
    return Notify(key=_DEFAULT, title="Default profile not switched", body=body, urgent=True)


def unexpected() -> Notify:
    """The program hit an unexpected error, and continued."""
    return Notify(
        key="unexpected",
        title="traycreds hit an unexpected error",
        body=notice_body("It keeps running and retries what failed.", "If it happens often, report it with the log."),
        buttons=(Button("Open log", UiCommand.OPEN_LOG),),
    )


def stopped() -> Notify:
    """The engine has ended or is stuck, so nothing is being refreshed."""
    return Notify(
        key=STOPPED_KEY,
        title=_STOPPED_TITLE,
        body=RESTART,
        urgent=True,
        buttons=(Button("Open log", UiCommand.OPEN_LOG),),
    )


def lasting_keys(now: datetime, state: State) -> frozenset[str]:
    """The keys of notices that still apply, at least in part; except those of keepings that end."""
    keys = set()
    for session in state.sessions:
        if session.failure is not None:
            keys.add(_failing_key(session.failure.kind))
        if status(now, session, state) in _OVER_SOON:
            keys.add(f"{_ENDING}{session.role.name}")
    if state.write_failure is not None:
        keys.add(_FILE)
    elif state.default_failure is not None:
        keys.add(_DEFAULT)
    if state.first_role is not None:
        keys.add(FIRST_ROLE)
    return frozenset(keys)


def _remedies(kind: FailureKind, sessions: tuple[Session, ...]) -> tuple[Button, ...]:
    """What a click can do about a failure; nothing if the user has to act elsewhere, which is noticed anyway."""
    names = tuple(session.role.name for session in sessions)
    again = Button("Refresh now", RefreshAsked(names))
    if kind is FailureKind.MFA or (kind is FailureKind.PROGRAM and _failure(sessions[0]).device is not None):
        return (Button("Enter code…", RoleCommand(UiCommand.ENTER_CODE, names[0])),)
    # We cannot run `aws login`, so its failures have no `sign_in`.
    if kind is FailureKind.SIGN_IN and _failure(sessions[0]).sign_in is not None:
        return (Button("Sign in…", RoleCommand(UiCommand.SIGN_IN, names[0])),)
    if kind is FailureKind.BAD_CONFIG:
        return (Button("Open configuration", UiCommand.OPEN_CONFIG), again)
    if kind in {FailureKind.UNEXPECTED, FailureKind.FILE}:
        return (again, Button("Open log", UiCommand.OPEN_LOG))
    return (again,)


def _failure(session: Session) -> Failure:
    assert session.failure is not None, "only failing sessions are reported as such"
    return session.failure


def _expiry_text(session: Session, now: datetime) -> str:
    if session.expires_at is None:
        return "no session"
    if session.expires_at <= now:
        return "expired"
    return f"expires in {_brief(session.expires_at - now)}"


def _brief(length: timedelta) -> str:
    """A span for a title, where "less than a minute" has no room."""
    return span(max(length, timedelta(minutes=1)))


def _title(session: Session, words: str) -> str:
    return notice_title(f"{{}}: {words}", session.role.name, most=_NAME_WIDTH)


def _name(session: Session) -> str:
    return middle_cut(session.role.name, _NAME_WIDTH)


def _names(sessions: tuple[Session, ...], width: int) -> str:
    names = [_name(session) for session in sessions]
    lists = [name_list(names, most) for most in range(_NAMED, 0, -1)]
    return next((each for each in lists if len(each) <= width), lists[-1])


def off_by(skew: timedelta) -> str:
    """What to say when AWS refuses a request because of the clock."""
    return f"{clock_off(skew)}, and AWS refuses requests that are off by more than 15 min."
