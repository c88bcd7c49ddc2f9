"""AWS's time, from the Date of its answers; never sets a clock.

Sessions end by AWS's clock, so a machine that is twenty minutes off neither serves dead keys nor drops good ones.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from traycreds.core.model import Role
from traycreds.core.ports import Clock
from traycreds.core.value_class import value_class

GRAIN = 2.0
"""A difference up to this many real seconds is ignored: the Date header counts whole seconds, and answers travel."""
STALE = 10.0
"""Seconds after which an answer's Date is not believed: the call was slow, or the machine slept in the midst of it."""
LONGEST_SESSION = timedelta(hours=12)
"""Of a role for which no duration is configured: a profile may ask for as long as AWS allows."""
SLACK = timedelta(minutes=15)
"""A session that lasts longer than was asked for by more than this does not end by the clock of the Date."""

_SECOND = timedelta(seconds=1)


@value_class
class _Fix:
    date: datetime
    wall: datetime
    monotonic: float


class ServerClock:
    """This machine's clock, corrected by AWS's answers.

    Between answers, the wall clock may be set, and the monotonic clock may stop during sleep (in a virtual machine, the
    host's). Both only lose time, unless the wall clock is set forward; so the later of the two counts.
    """

    def __init__(self, clock: Clock) -> None:
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
        # From this moment, both clocks measure again.
        self._fix = _Fix(now, wall, monotonic)
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
            # AWS may have written the Date at the start of the call.

            late = self._clock.real_seconds(now - date)
            self._fix = _Fix(now if -GRAIN <= late <= GRAIN + took else date, wall, monotonic)

    def issued(self, role: Role, expires_at: datetime) -> None:
        """Check a new session's end against the Dates: if it is impossible, they are not AWS's.

        A proxy may write a Date of years ago, and sessions would seem to last for years. Then this machine's clock
        counts until the next answer.
        """
        longest = (role.duration or LONGEST_SESSION) + SLACK
        if not timedelta(0) < expires_at - self.now() <= longest:
            self._fix = None

    def _apart(self, one: datetime, other: datetime) -> bool:
        return self._clock.real_seconds(abs(one - other)) > GRAIN

    def _read(self) -> tuple[datetime, float]:
        """Both clocks at one moment, even if the machine falls asleep between the two."""
        while True:
            before, wall, after = self._clock.monotonic(), self._clock.now(), self._clock.monotonic()
            if after - before < 1.0:
                return wall, after
