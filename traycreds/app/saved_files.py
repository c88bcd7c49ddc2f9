"""Lets a command know what was just saved to a file, unless another program blocks the file."""

from __future__ import annotations

from traycreds.app.followers.config_watch import ConfigWatch
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.engine.loop import Engine
from traycreds.process.bounded_call import ended
from traycreds.process.latest_worker import LatestWorker

_CONFIG_SECONDS = 0.8
"""How long a command waits for the configuration: it gives up after 3 seconds, of which the engine may take 2."""
_FILE_SECONDS = 0.2
"""The same for the credentials file, and for the configuration if the command can read it itself."""


class SavedFiles:
    """The configuration and the credentials file, checked in the background while the caller waits a moment."""

    def __init__(self, watch: ConfigWatch, store: CredentialsFile, engine: Engine) -> None:
        """Take what checks them; nothing is read yet."""
        self._watch = watch
        self._store = store
        self._engine = engine
        self._worker: LatestWorker[None] = LatestWorker(
            "config-check", lambda _: watch.check(), failed="the configuration could not be checked"
        )

    def check(self) -> None:
        """Read what was saved."""
        self._config_checked(_CONFIG_SECONDS)
        if self._store.changed():
            read = self._engine.when(lambda *_: not self._store.changed())
            self._engine.check_file()
            if not ended(read, _FILE_SECONDS):
                read.cancel()

    def config_taken(self) -> bool:
        """Read the configuration if it was saved; whether all that it says now is posted to the engine."""
        return self._config_checked(_FILE_SECONDS) and self._watch.taken

    def _config_checked(self, seconds: float) -> bool:
        self._worker.put(None)
        return self._worker.wait_until_done(seconds)
