"""A role's session for a program of hours: at hand at any moment, renewed ahead of its end by a thread of its own.

Owns when to look again. Whoever asks gets what is at hand without waiting, since SDKs give an endpoint a second or two;
only where nothing is left does it wait for the thread, which alone refreshes. Writes and logs nothing itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import final

from traycreds.app.live import Live
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Credentials

_LOOK, _LOOK_RARELY = 30.0, 300.0
"""Seconds between two looks, also over a suspended night; and at most, while there is nothing better to be had."""
_BRIEF = timedelta(seconds=5)
"""What is so close to its end that a call signed with it may come too late."""
_PATIENCE = 60.0
"""Seconds that whoever asks waits for a refresh; no SDK waits longer."""


@final
class Supply:
    """Keeps one role's session at hand from `with` to its end."""

    def __init__(
        self,
        first: Live,
        *,
        renew: Callable[[], Live],
        on_file: Callable[[Live], Credentials | None],
        enough: Callable[[Live], bool],
    ) -> None:
        """Begin with a session.

        Args:
            first: it.
            renew: gives a session that lasts, refreshed if need be; may take long, and raise TraycredsError.
            on_file: the session that stands on file now, whoever wrote it; must not take long.
            enough: whether a session lasts long enough to be handed on.
        """
        self._live = first
        self._renew = renew
        self._on_file = on_file
        self._enough = enough
        self._error: TraycredsError | None = None
        self._rounds = 0
        self._wanted = self._stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._keep, name="supply", daemon=True)

    def credentials(self) -> Credentials:
        """The session that lasts longest; for any thread.

        Raises:
            TraycredsError: there is none, and why.
        """
        found = self._at_hand()
        if _left(found) > _BRIEF:
            return found
        with self._changed:
            round_before = self._rounds
            self._wanted = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._rounds > round_before or self._stopped, _PATIENCE)
            error = self._error
        found = self._at_hand()
        if _left(found) > timedelta(0):
            return found
        raise error or TraycredsError(f"The session of {self._live.role.name} has ended.", "Refresh the role.")

    def __enter__(self) -> Supply:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(1.0)  # a refresh under way is not worth waiting for: the file is replaced in one step

    def _at_hand(self) -> Credentials:
        """What is on file, unless what we got last lasts longer."""
        live = self._live
        on_file = self._on_file(live)
        return live.credentials if on_file is None or _left(on_file) < _left(live.credentials) else on_file

    def _keep(self) -> None:
        pause = _LOOK
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._stopped, pause)
                if self._stopped:
                    return
                self._wanted = False
            live, error = self._renewed()
            with self._changed:
                self._live, self._error = live or self._live, error
                self._rounds += 1
                self._changed.notify_all()
            pause = _LOOK if live and self._enough(live) else min(2 * pause, _LOOK_RARELY)

    def _renewed(self) -> tuple[Live | None, TraycredsError | None]:
        try:
            return self._renew(), None
        except TraycredsError as error:
            return None, error
        except Exception as error:  # noqa: BLE001 - the thread must live on; there is no log to write to
            name = type(error).__name__
            return None, TraycredsError(
                f"traycreds met an unforeseen error ({name}).", "Run traycreds creds to see it."
            )


def _left(credentials: Credentials) -> timedelta:
    return credentials.expires_at - datetime.now(timezone.utc)
