"""A clock that stands still until the test moves it, for the test and for the processes that it starts."""

from __future__ import annotations

import mmap
import struct
from datetime import datetime, timedelta, timezone
from pathlib import Path

_MICROSECOND = timedelta(microseconds=1)
_START, _PASSED = struct.Struct("<q"), struct.Struct("<q")
SHARE = 1 / 60
"""Seconds of the monotonic clock for each second of the wall clock, as in the demo: a step of a minute is no jump."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class SteeredClock:
    """Fits `Clock`; all who open the same file see the same time, and only `advance` moves it."""

    def __init__(self, file: Path, *, share: float = SHARE) -> None:
        """Open the clock in a file; a new one begins at the real time, by which signatures are checked.

        Args:
            file: of all who see the same time.
            share: seconds of the monotonic clock for each second of the wall clock; the same for all of them.
        """
        self._share = share
        if not file.exists():
            start = (datetime.now(timezone.utc) - _EPOCH) // _MICROSECOND
            file.write_bytes(_START.pack(start) + _PASSED.pack(0))
        self.file = file
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _START.size + _PASSED.size)
        self._start = _EPOCH + _START.unpack_from(self._memory)[0] * _MICROSECOND

    def now(self) -> datetime:
        return self._start + self._passed()

    def monotonic(self) -> float:
        return 1000 + self.real_seconds(self._passed())

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds() * self._share

    def advance(self, span: timedelta) -> None:
        _PASSED.pack_into(self._memory, _START.size, (self._passed() + span) // _MICROSECOND)

    def close(self) -> None:
        self._memory.close()

    def _passed(self) -> timedelta:
        return _PASSED.unpack_from(self._memory, _START.size)[0] * _MICROSECOND
