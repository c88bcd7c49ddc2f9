"""Compares clocks now and then, on threads that wake for other reasons, so that the engine can sleep; never blocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from traycreds.app.supervisor import STUCK_SECONDS
from traycreds.core.events import Resumed
from traycreds.core.ports import Clock
from traycreds.engine.loop import Engine
from traycreds.lifecycle import policy, presentation

_SLEPT = 1.5 * policy.WAKE_CAP.total_seconds()
"""Seconds between two minutes that mean that the machine slept, if logind does not say so."""

_SLACK = 0.5
"""Seconds past the limit at which a late engine is checked again."""


class MinuteChecks:
    """The minutes of one run."""

    def __init__(self, engine: Engine, clock: Clock, *, stuck: Callable[[], None]) -> None:
        """Begin now; `stuck` is called each minute while the engine does not turn, and must return at once."""
        self._engine = engine
        self._clock = clock
        self._stuck = stuck
        self._checked_at = clock.monotonic()

    def begin(self) -> tuple[datetime, float]:
        """Do what is overdue, because timers stop during sleep; return the minute, and real seconds to the next."""
        self.notice_sleep(_SLEPT)
        self._engine.catch_up()
        behind = self._engine.stuck_for()
        if behind > STUCK_SECONDS:
            self._stuck()
        now = self._clock.now()
        minute = presentation.minute(now)
        seconds = self._clock.real_seconds(minute + policy.WAKE_CAP - now)
        # An engine that may be stuck is not left so until the minute after.
        return minute, min(seconds, STUCK_SECONDS - behind + _SLACK) if 0 < behind <= STUCK_SECONDS else seconds

    def notice_sleep(self, longest: float) -> None:
        """The machine slept if more real seconds have passed since the last time."""
        now = self._clock.monotonic()
        slept, self._checked_at = now - self._checked_at > longest, now
        if slept:
            self._engine.post(Resumed(self._clock.now()))
