"""Keeps the user's choices on disk as they change, without ever making the engine wait for the disk."""

from __future__ import annotations

import threading
from pathlib import Path

from traycreds.adapters import choices
from traycreds.adapters.choices import Choices
from traycreds.core.shown import Snapshot


class Memory:
    """Saves choices in a thread of its own: the newest, when they differ from what is kept."""

    def __init__(self, state_dir: Path, kept: Choices) -> None:
        """Take where they lie and what lies there."""
        self._state_dir = state_dir
        self._kept = kept
        self._newest = kept
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def see(self, snapshot: Snapshot) -> None:
        """Take what a snapshot shows; returns at once, and wakes nobody while that is the same."""
        with self._news:
            newest = choices.of(snapshot)
            if newest != self._newest:
                self._newest = newest
                self._news.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until what was seen is kept; whether that came in time."""
        with self._news:
            return self._news.wait_for(lambda: self._newest == self._kept, seconds)

    def stop(self, seconds: float = 0.5) -> None:
        """Keep what is not kept yet, in at most the given real seconds."""
        with self._news:
            self._over = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        over = False
        while not over:
            with self._news:
                self._news.wait_for(lambda: self._over or self._newest != self._kept)
                newest, over = self._newest, self._over
            if newest != self._kept:
                choices.save(self._state_dir, newest)
                with self._news:
                    self._kept = newest
                    self._news.notify_all()
