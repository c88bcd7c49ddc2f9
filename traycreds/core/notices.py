"""What the user is told, in one plain sentence with what to do; decides the words, not the moment.

Times are told as spans, not as clock times: the core knows no time zone.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from traycreds.core import policy
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import FailureKind
from traycreds.core.messages import Button, Notify, RefreshAsked, RoleSwitched
from traycreds.core.model import Failure, RoleName, Session
from traycreds.core.shown import RoleView, Snapshot, Status

_NAMED = 4
"""How many roles a grouped notice names before it counts the rest."""

EXTENSION = timedelta(hours=1)
"""How much longer than its session a role is kept by a click on the notice that it ends."""

_FAILING, _ENDING, _KEEPING, _FILE, _DEFAULT = "failing-", "ending-", "keeping-", "file", "default"
"""Keys, or how they begin."""

_CAUSES = {
    FailureKind.NETWORK: "no answer from AWS",
    FailureKind.THROTTLED: "AWS asks to slow down",
    FailureKind.DENIED: "refused by AWS",
    FailureKind.SOURCE_EXPIRED: "source credentials not valid",
    FailureKind.SIGN_IN: "sign-in needed",
    FailureKind.MFA: "MFA code needed",
    FailureKind.CLOCK: "this machine's clock is off",
    FailureKind.BAD_CONFIG: "configuration needs correction",
    FailureKind.FILE: "profiles cannot be written",
    FailureKind.UNEXPECTED: "unforeseen fault",
}
"""What roles have in common that fail for one kind of cause."""

_STOCK = re.compile(r": User: .* is not authorized to perform: .*")
"""What AWS says of each role that it refuses; the sentence before it says as much."""
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d*:(role/)(?:[^\s/]+/)*")
_ASIDE = re.compile(r" \([^)]*\)")
_SENTENCE_WIDTH = 120
"""The most of a sentence that leaves room for the hint: xfce4-notifyd shows about 170 characters of a notice."""

_OVER_SOON = frozenset({Status.EXPIRING, Status.EXPIRED})


def span(left: timedelta) -> str:
    """A span in words, to the minute: "1 h 5 min", "12 min", "less than a minute"."""
    minutes = int(left.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def failing(sessions: tuple[Session, ...], now: datetime) -> Notify:
    """One notice for sessions that fail for one `policy.cause`; each has a failure."""
    failure = _failure(sessions[0])
    urgent = failure.kind not in policy.PASSING
    key = f"{_FAILING}{policy.cause(failure.kind).value}"
    causes = "; ".join(dict.fromkeys(_CAUSES[_failure(session).kind] for session in sessions))
    title = f"{len(sessions)} roles: {causes}{_for(sessions, now)}"
    body = f"{_names(sessions)}: {_brief(failure)}"
    if len(sessions) == 1:
        title = f"{sessions[0].role.name}: {_standing(sessions[0], now)}"
        body = _brief(failure)
    roles = tuple(session.role.name for session in sessions)
    buttons = _remedies(failure.kind, sessions)
    return Notify(key=key, title=title, body=body, urgent=urgent, buttons=buttons, roles=roles)


def cause(kind: FailureKind) -> str:
    """The class of a failure in a few words, without an account or a name."""
    return _CAUSES[kind]


def _brief(failure: Failure) -> str:
    """Sentence and hint, so that the hint is seen where little room is: menu, `status` and log have them whole."""
    sentence = _ROLE_ARN.sub(r"\1", _STOCK.sub(".", failure.sentence))
    if len(sentence) > _SENTENCE_WIDTH:
        sentence = f"{sentence[:_SENTENCE_WIDTH].rpartition(' ')[0].rstrip(' ,;:')}…"
    return f"{sentence} {_ASIDE.sub('', failure.hint) if failure.kind is FailureKind.DENIED else failure.hint}"


def failure_of(key: str) -> FailureKind | None:
    """The `policy.cause` that a notice of this key tells, None if it tells no failure of roles."""
    return FailureKind(key.removeprefix(_FAILING)) if key.startswith(_FAILING) else None


def _for(sessions: tuple[Session, ...], now: datetime) -> str:
    """How long it has been so, once that is worth a word."""
    failing = now - min(_failure(session).first_at for session in sessions)
    return f" for {span(failing)}" if failing >= timedelta(minutes=1) else ""


def _longer(name: RoleName, end: datetime) -> tuple[Button, ...]:
    """What keeps a role beyond an end: for a while, or from now on."""
    extended = RoleSwitched(name, on=True, until=end + EXTENSION)
    return Button(f"Extend {span(EXTENSION)}", extended), Button("Keep alive", RoleSwitched(name, on=True))


def ending(session: Session, now: datetime) -> Notify:
    """A working session runs out and nothing renews it."""
    name = session.role.name
    return Notify(
        key=f"{_ENDING}{name}",
        title=f"{name}: {_standing(session, now)}",
        body="It is not kept alive. Choose Keep alive in the tray menu if you still need it.",
        urgent=True,
        buttons=_longer(name, session.expires_at or now),
    )


def keeping_ends(session: Session, now: datetime) -> Notify:
    """The keeping of a working session ends soon; it has an end."""
    assert session.keep_until is not None, "only a keeping that has an end is told to end"
    name, until = session.role.name, session.keep_until
    return Notify(
        key=f"{_KEEPING}{until.isoformat()} {name}",
        title=f"{name}: kept alive for {span(until - now)} more",
        body="Then its session runs out and leaves the credentials file. Extend it if you still need it.",
        urgent=True,
        buttons=_longer(name, until),
    )


def recovered(sessions: tuple[Session, ...]) -> Notify:
    """Sessions that the user was told about work again."""
    verb = "is" if len(sessions) == 1 else "are"
    return Notify(
        key="recovered",
        title=f"{_names(sessions)} {verb} fresh again",
        body="The new credentials are in the credentials file. Nothing to do.",
    )


def file_trouble(failure: Failure) -> Notify:
    """The credentials file as a whole cannot be written."""
    return Notify(
        key=_FILE,
        title="Credentials file not written",
        body=f"{failure.sentence} {failure.hint}",
        urgent=True,
        buttons=(Button("Open log", UiCommand.OPEN_LOG),),
    )


def default_refused(failure: Failure) -> Notify:
    """The default profile belongs to somebody else."""
    return Notify(
        key=_DEFAULT, title="Default profile not switched", body=f"{failure.sentence} {failure.hint}", urgent=True
    )


def stands(key: str, shown: Snapshot) -> bool:
    """Whether what a notice told still holds; where not, the desktop need not show it any longer.

    Notices of keys that are not about a lasting trouble (a recovery, an answer to a click) stand until they are read.
    """
    if key.startswith(_FAILING):
        return any(view.kind is not None and policy.cause(view.kind) is failure_of(key) for view in shown.roles)
    if key.startswith(_ENDING):
        name = key.removeprefix(_ENDING)
        return any(view.name == name and view.status in _OVER_SOON for view in shown.roles)
    if key.startswith(_KEEPING):
        end, _, name = key.removeprefix(_KEEPING).partition(" ")
        until = datetime.fromisoformat(end)
        return any(view.name == name and _ends(view, until, shown.as_of) for view in shown.roles)
    if key == _FILE:
        return shown.trouble is not None and not shown.default_refused
    return key != _DEFAULT or shown.default_refused


def _ends(view: RoleView, until: datetime, as_of: datetime) -> bool:
    """Whether a role's keeping ends at this moment, or has ended and its session, told of no more, is still there.

    A role that is let go before is not missed; `as_of` may lag by a minute.
    """
    if view.kept or view.is_default:
        return view.keep_until == until and not view.is_default
    return view.expires_at is not None and until < as_of + timedelta(minutes=1)


def _remedies(kind: FailureKind, sessions: tuple[Session, ...]) -> tuple[Button, ...]:
    """What a click can do about a failure; nothing where the user has to act elsewhere, which is seen by itself."""
    names = tuple(session.role.name for session in sessions)
    again = Button("Refresh now", RefreshAsked(names))
    if kind is FailureKind.MFA:
        return (Button("Enter code…", RoleCommand(UiCommand.ENTER_CODE, names[0])),)
    if kind is FailureKind.SIGN_IN and _failure(sessions[0]).sign_in is not None:  # that of `aws login` is none of ours
        return (Button("Sign in…", RoleCommand(UiCommand.SIGN_IN, names[0])),)
    if kind is FailureKind.BAD_CONFIG:
        return (Button("Open configuration", UiCommand.OPEN_CONFIG), again)
    if kind in {FailureKind.UNEXPECTED, FailureKind.FILE}:
        return (again, Button("Open log", UiCommand.OPEN_LOG))
    return (again,)


def _failure(session: Session) -> Failure:
    assert session.failure is not None, "only failing sessions are told as such"
    return session.failure


def _standing(session: Session, now: datetime) -> str:
    if session.expires_at is None:
        return "no session"
    if session.expires_at <= now:
        return "session expired"
    return f"session expires in {span(session.expires_at - now)}"


def _names(sessions: tuple[Session, ...]) -> str:
    names = [session.role.name for session in sessions]
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
