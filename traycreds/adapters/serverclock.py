"""Owns what time it is at AWS, from the Date of its answers; never waits and never sets a clock.

Sessions end by AWS's clock. Everything that reckons with their expiry goes by this clock, so that a machine that is
twenty minutes off neither serves dead keys nor throws good ones away.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from traycreds.core.model import Credentials, Role

GRAIN = 2.0
"""A difference up to this, in real seconds, is none: the Date header counts whole seconds, and answers travel."""
STALE = 10.0
"""Seconds after which an answer's Date is not believed: the call was slow, or the machine slept in the midst of it."""

_SECOND = timedelta(seconds=1)


class _Clock(Protocol):
    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def real_seconds(self, span: timedelta) -> float: ...


@dataclass(frozen=True, slots=True)
class _Fix:
    """AWS's time at a moment of our clocks."""

    date: datetime
    wall: datetime
    monotonic: float


class ServerClock:
    """This machine's clock, put right by AWS's answers; the same as this machine's before the first of them.

    Two ways lead on from an answer: the wall clock, which somebody may set, and the monotonic clock, which on some
    platforms stops while the machine sleeps (and in every virtual machine while its host does). Both can only lose
    time, unless the wall clock is set forward; so the later of the two holds, and the next answer corrects it.
    """

    def __init__(self, clock: _Clock) -> None:
        """Take this machine's clock."""
        self._clock = clock
        self._fix: _Fix | None = None
        self._asked = threading.local()

    def now(self) -> datetime:
        """AWS's time, aware, UTC; from any thread."""
        wall, monotonic = self._read()
        fix = self._fix
        if fix is None:
            return wall
        by_wall = fix.date + (wall - fix.wall)
        passed = (monotonic - fix.monotonic) / self._clock.real_seconds(_SECOND)
        by_monotonic = fix.date + timedelta(seconds=passed)
        if not self._apart(by_wall, by_monotonic):
            return by_wall
        now = max(by_wall, by_monotonic)
        self._fix = _Fix(now, wall, monotonic)  # from here on, both ways lead on again
        return now

    def monotonic(self) -> float:
        """The machine's own."""
        return self._clock.monotonic()

    def real_seconds(self, span: timedelta) -> float:
        """The machine's own."""
        return self._clock.real_seconds(span)

    def skew(self) -> timedelta:
        """How far AWS's clock is ahead of this machine's; negative when this machine's is ahead."""
        return self.now() - self._clock.now()

    def asked(self) -> None:
        """A call begins on this thread."""
        self._asked.at = self._read()

    def seen(self, date: datetime) -> None:
        """An answer with this Date came on this thread."""
        wall, monotonic = self._read()
        asked_wall, asked_monotonic = getattr(self._asked, "at", (wall, monotonic))
        took = max(abs(self._clock.real_seconds(wall - asked_wall)), monotonic - asked_monotonic)
        if took < STALE:
            now = self.now()
            self._fix = _Fix(date if self._apart(date, now) else now, wall, monotonic)

    def _apart(self, one: datetime, other: datetime) -> bool:
        return self._clock.real_seconds(abs(one - other)) > GRAIN

    def _read(self) -> tuple[datetime, float]:
        """Both clocks at one moment, even if the machine falls asleep between the two."""
        while True:
            before, wall, after = self._clock.monotonic(), self._clock.now(), self._clock.monotonic()
            if after - before < 1.0:
                return wall, after


class _Source(Protocol):
    def issue(self, role: Role) -> Credentials: ...


class DatedSource:
    """A CredentialSource that tells the clock when a call begins: the Date of an answer that took long is no news."""

    def __init__(self, source: _Source, clock: ServerClock) -> None:
        """Take the source; its answers' Dates must reach `clock.seen` on the thread of the call."""
        self._source = source
        self._clock = clock

    def issue(self, role: Role) -> Credentials:
        """Get a new session; raises what the source raises."""
        self._clock.asked()
        return self._source.issue(role)
