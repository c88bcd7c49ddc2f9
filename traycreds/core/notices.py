"""What the user is told, in one plain sentence with what to do; decides the words, not the moment.

Times are told as spans, not as clock times: the core knows no time zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from traycreds.core import policy
from traycreds.core.messages import Notify
from traycreds.core.model import Failure, Session

_NAMED = 4
"""How many roles a grouped notice names before it counts the rest."""


def span(left: timedelta) -> str:
    """A span in words, to the minute: "1 h 5 min", "12 min", "less than a minute"."""
    minutes = int(left.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def failing(sessions: tuple[Session, ...], now: datetime) -> Notify:
    """One notice for sessions that fail for one kind of cause; each has a failure."""
    failure = _failure(sessions[0])
    urgent = failure.kind not in policy.PASSING
    key = f"failing-{failure.kind.value}"
    if len(sessions) == 1:
        session = sessions[0]
        title = f"{session.role.name}: {_standing(session, now)}"
        return Notify(key=key, title=title, body=f"{failure.sentence} {failure.hint}", urgent=urgent)
    title = f"{len(sessions)} roles cannot be refreshed"
    return Notify(key=key, title=title, body=f"{_names(sessions)}: {failure.sentence} {failure.hint}", urgent=urgent)


def ending(session: Session, now: datetime) -> Notify:
    """A working session runs out and nothing renews it."""
    return Notify(
        key=f"ending-{session.role.name}",
        title=f"{session.role.name}: {_standing(session, now)}",
        body="It is not kept alive. Choose Keep alive in the tray menu if you still need it.",
        urgent=True,
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
        key="file", title="Credentials file not written", body=f"{failure.sentence} {failure.hint}", urgent=True
    )


def default_refused(failure: Failure) -> Notify:
    """The default profile belongs to somebody else."""
    return Notify(
        key="default", title="Default profile not switched", body=f"{failure.sentence} {failure.hint}", urgent=True
    )


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
