"""Owns the real clocks: wall time, time since boot, and the fast clock of the demo; never waits."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta, timezone


def seconds_since_boot() -> float:
    """Real seconds since some moment, including sleep where the platform can tell.

    Linux's CLOCK_BOOTTIME and macOS's CLOCK_MONOTONIC (clock_gettime(3)) count sleep; `time.monotonic` does not.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """See `seconds_since_boot`."""
        return seconds_since_boot()

    def real_seconds(self, span: timedelta) -> float:
        """A span of `now()` in real seconds: as long as it says."""
        return span.total_seconds()


class FastClock:
    """A wall clock that runs `speed` times as fast as the real one from the moment it is made: hours in minutes."""

    def __init__(self, speed: float) -> None:
        """Start at the real time. Raises ValueError: a speed that does not go forward."""
        if speed <= 0:
            raise ValueError("the speed of a clock is above zero")
        self.speed = speed
        self._wall = datetime.now(timezone.utc)
        self._boot = seconds_since_boot()

    def now(self) -> datetime:
        """The fast wall clock, aware, UTC."""
        return self._wall + timedelta(seconds=(seconds_since_boot() - self._boot) * self.speed)

    def monotonic(self) -> float:
        """Real seconds, see `seconds_since_boot`: timeouts of real calls do not run faster."""
        return seconds_since_boot()

    def real_seconds(self, span: timedelta) -> float:
        """A span of `now()` in real seconds."""
        return span.total_seconds() / self.speed
