"""Stateless jobs on the credentials file, each with a deadline and one event: the last step of a refresh."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.errors import CredentialsFileError
from traycreds.core.events import Event, FileChangedOutside, WriteFailed, Written
from traycreds.core.model import Batch, StoreView
from traycreds.core.ports import Clock, CredentialStore, UndoneError
from traycreds.engine.unexpected_errors import in_words
from traycreds.engine.workers import Job

FILE_SECONDS = 30.0


class FileJobs:
    """Makes the engine's jobs for the file."""

    def __init__(self, clock: Clock, store: CredentialStore) -> None:
        """Keep the ports; nothing runs here."""
        self._clock = clock
        self._store = store

    def write(self, batch: Batch) -> Job[Event | None]:
        """Change the credentials file."""
        return self._job(lambda: Written(batch, self._store.write(batch), self._clock.now()))

    def read(self, *, always: bool) -> Job[Event | None]:
        """Read the credentials file if it changed, or in any case (`always`)."""

        def read() -> Event | None:
            if always or self._store.changed():
                return FileChangedOutside(self._store.read(), self._clock.now())
            return None

        return self._job(read)

    def _job(self, work: Callable[[], Event | None]) -> Job[Event | None]:
        def failed(error: Exception) -> Event:
            sentence, hint = in_words(error, "Could not process the credentials file.")
            view = error.view if isinstance(error, UndoneError) else None
            if isinstance(error, CredentialsFileError) and error.is_gone:
                view = StoreView(gone=True)
            return WriteFailed(sentence, hint, self._clock.now(), view)

        def overdue() -> Event:
            sentence = f"The credentials file took more than {FILE_SECONDS:.0f} seconds to read or write."
            return WriteFailed(sentence, "Check the disk or network folder that it is on.", self._clock.now())

        return Job(work=work, failed=failed, overdue=overdue, seconds=FILE_SECONDS)
