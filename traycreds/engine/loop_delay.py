"""Knows when the loop's next turn is due; other threads ask how late it is."""

from __future__ import annotations

from collections.abc import Callable


class LoopDelay:
    """The time of one loop: busy with a turn, or waiting for the next."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Wait for no time at all."""
        self._monotonic = monotonic
        self._busy_since: float | None = None
        self._due_by = monotonic()

    def begin_turn(self) -> None:
        """A turn begins."""
        self._busy_since = self._monotonic()

    def begin_to_wait(self, seconds: float) -> None:
        """The turn has ended, and the next one is due in this many seconds at the latest."""
        self._due_by = self._monotonic() + seconds
        self._busy_since = None

    def seconds(self) -> float:
        """How late the loop is; from any thread."""
        # The clock first: what the loop notes while this thread is held up is then later, and counts as no time at all.
        now, busy_since = self._monotonic(), self._busy_since
        return max(0.0, now - (self._due_by if busy_since is None else busy_since))
