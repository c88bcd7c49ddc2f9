"""What blocks, as jobs for the workers: calls to AWS, work on the file, notices; each with a deadline.

Every way a job can end becomes one event, in words for the user. Owns no state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.events import (
    Action,
    Event,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    Notify,
    TakeBack,
    Write,
    WriteFailed,
    Written,
)
from traycreds.core.model import Batch, Role
from traycreds.core.ports import Clock, CredentialSource, CredentialStore, Notifier, UndoneError
from traycreds.engine.workers import Job

log = logging.getLogger(__name__)

FILE_SECONDS = 30.0
NOTIFY_SECONDS = 10.0

Outcome: TypeAlias = "Event | None"


class Jobs:
    """Makes jobs of what the engine wants done in the world."""

    def __init__(self, clock: Clock, source: CredentialSource, store: CredentialStore, notifier: Notifier) -> None:
        """Keep the world's ports; nothing runs here."""
        self._clock = clock
        self._source = source
        self._store = store
        self._notifier = notifier

    def issue(self, role: Role, seconds: float) -> Job[Outcome]:
        """Get a session of a role from AWS, within a deadline in real seconds."""
        begun = self._clock.now()

        def began() -> datetime:
            return min(begun, self._clock.now())  # the clock may have been put right since

        def failed(error: Exception) -> Event:
            kind = error.kind if isinstance(error, IssueError) else FailureKind.UNEXPECTED
            sentence, hint = _in_words(error, f"The session of {role.name} could not be refreshed.")
            wants = (
                (error.device, error.sign_in, self._moment_in(error.again_in)) if isinstance(error, IssueError) else ()
            )
            return IssueFailed(role, kind, sentence, hint, began(), *wants)

        def overdue() -> Event:
            sentence = f"AWS did not answer for {role.name} within {seconds:.0f} seconds."
            hint = "Check the network or proxy; traycreds retries."
            return IssueFailed(role, FailureKind.NETWORK, sentence, hint, began())

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
            "traycreds retries; the log has the details.",
        )
        if isinstance(action, Issue):
            return IssueFailed(action.role, FailureKind.UNEXPECTED, sentence, hint, now)
        return WriteFailed(sentence, hint, now) if isinstance(action, Write) else None

    def _moment_in(self, seconds: float | None) -> datetime | None:
        """The moment after so many real seconds."""
        if seconds is None:
            return None
        second = timedelta(seconds=1)
        return self._clock.now() + second * (seconds / self._clock.real_seconds(second))

    def write(self, batch: Batch) -> Job[Outcome]:
        """Change the credentials file."""
        return self._on_file(lambda: Written(batch, self._store.write(batch), self._clock.now()))

    def read(self, *, always: bool) -> Job[Outcome]:
        """Read the credentials file if it changed, or in any case (`always`)."""

        def read() -> Outcome:
            if always or self._store.changed():
                return FileChangedOutside(self._store.read(), self._clock.now())
            return None

        return self._on_file(read)

    def notify(self, action: Notify | TakeBack) -> Job[Outcome]:
        """Tell the user, or take back what was said; how it ends is nobody's event."""

        def work() -> None:
            if isinstance(action, Notify):
                self._notifier.send(action)
            else:
                self._notifier.take_back(action.keys)

        def failed(error: Exception) -> None:
            log.error("a notice could not be shown", exc_info=error)

        def overdue() -> None:
            log.error("the notification service did not answer within %.0f seconds", NOTIFY_SECONDS)

        return Job(work=work, failed=failed, overdue=overdue, seconds=NOTIFY_SECONDS)

    def _on_file(self, work: Callable[[], Outcome]) -> Job[Outcome]:
        def failed(error: Exception) -> Event:
            sentence, hint = _in_words(error, "The credentials file could not be worked on.")
            view = error.view if isinstance(error, UndoneError) else None
            return WriteFailed(sentence, hint, self._clock.now(), view)

        def overdue() -> Event:
            sentence = f"The credentials file did not answer within {FILE_SECONDS:.0f} seconds."
            return WriteFailed(sentence, "Check the disk or network folder that it is on.", self._clock.now())

        return Job(work=work, failed=failed, overdue=overdue, seconds=FILE_SECONDS)


def _in_words(error: Exception, sentence: str) -> tuple[str, str]:
    """The two sentences for the user; an error that no rule foresaw goes to the log with its traceback."""
    if isinstance(error, TraycredsError):
        return error.sentence, error.hint
    log.error("unexpected error", exc_info=error)
    return sentence, "traycreds retries; the log has the details."
