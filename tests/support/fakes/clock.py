"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 5, 9, 0, tzinfo=timezone.utc)


class FakeClock:
    """Fits `core.ports.Clock`; moves only by `advance`, `sleep` and `step`."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()

    def advance(self, span: timedelta) -> datetime:
        """Time passes: both clocks continue."""
        self._now += span
        self._monotonic += span.total_seconds()
        return self._now

    def sleep(self, span: timedelta) -> datetime:
        """The machine sleeps on a platform whose monotonic clock stops meanwhile."""
        return self.step(span)

    def step(self, span: timedelta) -> datetime:
        """Someone sets the wall clock."""
        self._now += span
        return self._now
