"""Compares clocks from turn to turn: wall clock, monotonic clock, AWS's; never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from traycreds.core.events import ClockSeen, Event, Resumed
from traycreds.core.ports import Clock
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy

_SLEPT = (policy.WAKE_CAP + policy.CHECK_EVERY).total_seconds()
"""Seconds between two wake moments that mean that the machine slept: there is one each minute."""


def not_after(event: Event, now: datetime) -> Event:
    """The event, which happened now at the latest: it may have been dated before a clock was set back."""
    at = getattr(event, "at", None)
    if not isinstance(at, datetime) or at <= now:
        return event
    changed: Event = replace(cast("Any", event), at=now)
    return changed


class ClockChanges:
    """The clocks as they were at the last turn."""

    def __init__(self, clock: Clock, skew: Callable[[], timedelta]) -> None:
        """Read both clocks; `skew` says how far AWS's is ahead."""
        self._clock = clock
        self._skew = skew
        self._wall, self._mono = clock.now(), clock.monotonic()
        self._awake_at = self._mono

    def read(self, known_skew: timedelta) -> Iterator[Event]:
        """What became of the clocks: when they went apart, the machine slept or its clock was set."""
        wall, mono = self._clock.now(), self._clock.monotonic()
        slept = mono - max(self._mono, self._awake_at) > _SLEPT
        apart = self._gap(wall, mono) > policy.JUMP.total_seconds()
        self._wall, self._mono = wall, mono
        skew = self._skew()
        # First: how far the clock moved says whether time has passed.
        if abs(skew - known_skew) > policy.SKEW_GRAIN:
            yield ClockSeen(skew, self._clock.now())
        if slept or apart:
            yield Resumed(wall)

    def note_awake(self) -> None:
        """The machine is awake, and if it slept before, that is reported; from any thread."""
        self._awake_at = self._clock.monotonic()

    def went_apart(self) -> bool:
        """Whether `read` would find that by now; from any thread, which at worst sees a turn that has just begun."""
        return self._gap(self._clock.now(), self._clock.monotonic()) > policy.JUMP.total_seconds()

    def _gap(self, wall: datetime, mono: float) -> float:
        return abs(self._clock.real_seconds(wall - self._wall) - (mono - self._mono))
