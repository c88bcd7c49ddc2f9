"""A background worker for values of which only the newest counts; its thread ends when nothing is left to do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)

T = TypeVar("T")


def _newest(_: T, new: T) -> T:
    return new


class LatestWorker(Generic[T]):
    """Works on the newest value that was put, one at a time."""

    def __init__(
        self,
        name: str,
        work: Callable[[T], float | None],
        *,
        failed: str,
        merge: Callable[[T, T], T] = _newest,
    ) -> None:
        """Start nothing yet.

        `work` returns None, or the seconds after which to work on the same value again. `failed`: what the log says
        when it raises. `merge` combines a waiting and a new value; by default, the new one wins.
        """
        self._name = name
        self._work = work
        self._failed = failed
        self._merge = merge
        self._waiting: list[T] = []
        self._busy = self._runs = self._closed = False
        self._changed = threading.Condition()

    def put(self, value: T) -> None:
        """Work on this next; returns at once, from any thread. Does nothing once closed."""
        with self._changed:
            if self._closed:
                return
            self._waiting = [self._merge(self._waiting[0], value) if self._waiting else value]
            self._changed.notify_all()
            if self._runs:
                return
            self._runs = True
        try:
            daemon(self._name, self._run)
        except RuntimeError:
            # The machine has no thread left, and the next value tries again.
            log.warning("%s: no thread can be started", self._name)
            with self._changed:
                self._runs = False

    def wait_until_done(self, seconds: float) -> bool:
        """Wait until the newest value was worked on once; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._busy), seconds)

    def close(self) -> None:
        """Work on nothing more, neither on what waits nor on a value again; returns at once, from any thread."""
        with self._changed:
            self._closed, self._waiting = True, []
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._runs = False
                    return
                value, self._waiting, self._busy = self._waiting[0], [], True
            again_in = self._once(value)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                if again_in is not None and not self._changed.wait_for(self._is_wanted, again_in):
                    self._waiting = [value]

    def _is_wanted(self) -> bool:
        return bool(self._waiting) or self._closed

    def _once(self, value: T) -> float | None:
        try:
            return self._work(value)
        except Exception:
            log.exception("%s", self._failed)
            return None
