"""Blocking work as jobs with deadlines: calls to AWS, notices. Each ends as one event. For the file see `file_jobs`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.events import (
    Action,
    Event,
    Issue,
    Issued,
    IssueFailed,
    Notify,
    TakeBack,
    Write,
    WriteFailed,
)
from traycreds.core.model import Credentials, Role
from traycreds.core.ports import Clock, CredentialSource, Notifier
from traycreds.engine.server_clock import ServerClock
from traycreds.engine.unexpected_errors import in_words
from traycreds.engine.workers import Job

log = logging.getLogger(__name__)

NOTIFY_SECONDS = 10.0


class Jobs:
    """Makes the engine's jobs outside it."""

    def __init__(self, clock: Clock, source: CredentialSource, notifier: Notifier) -> None:
        """Keep the ports; nothing runs here."""
        self._clock = clock
        self._source = source
        self._notifier = notifier

    def issue(self, role: Role, seconds: float) -> Job[Event | None]:
        """Get a session of a role from AWS, within a deadline in real seconds."""
        begun = self._clock.now()

        def failed(error: Exception) -> Event:
            kind = error.kind if isinstance(error, IssueError) else FailureKind.UNEXPECTED
            sentence, hint = in_words(error, f"Could not refresh the session of {role.name}.")
            if not isinstance(error, IssueError):
                return IssueFailed(role, kind, sentence, hint, begun)
            again_in = self._span_of(error.again_in)
            at = begun if again_in is None else self._clock.now()
            return IssueFailed(role, kind, sentence, hint, at, error.device, error.sign_in, again_in, error.reason)

        def overdue() -> Event:
            sentence = f"AWS did not respond for {role.name} within {seconds:.0f} seconds."
            hint = "Check the network or proxy; traycreds retries."
            return IssueFailed(role, FailureKind.NETWORK, sentence, hint, begun)

        return Job(
            work=lambda: Issued(role, self._source.issue(role), self._clock.now()),
            failed=failed,
            overdue=overdue,
            seconds=seconds,
            about=role.name,
        )

    def not_begun(self, action: Action) -> Event | None:
        """What becomes of something that could not be begun."""
        now, sentence, hint = (
            self._clock.now(),
            "It could not be started.",
            "traycreds retries; see the log for details.",
        )
        if isinstance(action, Issue):
            return IssueFailed(action.role, FailureKind.UNEXPECTED, sentence, hint, now)
        return WriteFailed(sentence, hint, now) if isinstance(action, Write) else None

    def _span_of(self, seconds: float | None) -> timedelta | None:
        if seconds is None:
            return None
        second = timedelta(seconds=1)
        return second * (seconds / self._clock.real_seconds(second))

    def notify(self, action: Notify | TakeBack) -> Job[Event | None]:
        """Show a notice, or take it back; the result is no event."""

        def work() -> None:
            if isinstance(action, Notify):
                self._notifier.send(action)
            else:
                self._notifier.take_back(action.keys)

        def failed(error: Exception) -> None:
            log.error("a notice could not be shown", exc_info=error)

        def overdue() -> None:
            log.error("the notification service did not respond within %.0f seconds", NOTIFY_SECONDS)

        return Job(work=work, failed=failed, overdue=overdue, seconds=NOTIFY_SECONDS)


class LateSource:
    """A CredentialSource that is made at the first call: an idle app needs none of the memory that it takes."""

    def __init__(self, make: Callable[[], CredentialSource]) -> None:
        """Make nothing yet."""
        self._make = make
        self._making = threading.Lock()
        self._source: CredentialSource | None = None

    def issue(self, role: Role) -> Credentials:
        """Get a new session; raises what the source raises."""
        with self._making:
            if self._source is None:
                self._source = self._make()
        return self._source.issue(role)


class DatedSource:
    """A CredentialSource that tells the clock when a call begins: the Date of an answer that took long is old."""

    def __init__(self, source: CredentialSource, clock: ServerClock) -> None:
        """Take the source; its answers' Dates must reach `ServerClock.seen` on the thread of the call."""
        self._source = source
        self._clock = clock

    def issue(self, role: Role) -> Credentials:
        """Get a new session; raises what the source raises."""
        self._clock.asked()
        credentials = self._source.issue(role)
        self._clock.issued(role, credentials.expires_at)
        return credentials
