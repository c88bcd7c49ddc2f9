"""Compares clocks from turn to turn: wall clock, monotonic clock, AWS's; never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from traycreds.core.events import ClockSeen, Event, Resumed
from traycreds.core.ports import Clock
from traycreds.lifecycle import policy


class ClockChanges:
    """The clocks as they were at the last turn."""

    def __init__(self, clock: Clock, skew: Callable[[], timedelta]) -> None:
        """Read both clocks; `skew` says how far AWS's is ahead."""
        self._clock = clock
        self._skew = skew
        self._wall, self._mono = clock.now(), clock.monotonic()

    def read(self, known_skew: timedelta) -> Iterator[Event]:
        """What became of the clocks: when they went apart, the machine slept or its clock was set."""
        wall, mono = self._clock.now(), self._clock.monotonic()
        gap = self._clock.real_seconds(wall - self._wall) - (mono - self._mono)
        slept = mono - self._mono > (policy.WAKE_CAP + policy.CHECK_EVERY).total_seconds()
        self._wall, self._mono = wall, mono
        skew = self._skew()
        # First: how far the clock moved says whether time has passed.
        if abs(skew - known_skew) > policy.SKEW_GRAIN:
            yield ClockSeen(skew, self._clock.now())
        if slept or abs(gap) > policy.JUMP.total_seconds():
            yield Resumed(wall)
