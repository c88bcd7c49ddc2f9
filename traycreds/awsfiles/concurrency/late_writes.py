"""Watches files that we replaced, which a program may still write into. Never writes anything.

A file that a program put there between our last look and the replace is such a late write too.
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable

from traycreds.core.value_class import field, value_class
from traycreds.files import write_end
from traycreds.files.replaced_file import ReplacedFile

_IN_FLIGHT = 2.0
"""Seconds to watch a file that no program has open: one may be about to open it."""
_UNTOLD = 15.0
"""The same if the system does not know who has a file open: longer than a slow writer pauses."""
_LEFT_OPEN = 60.0
"""Seconds without a change after which a write is complete though its program keeps the file open."""
_ABANDONED = 900.0
"""Seconds after which to stop waiting for a program that has a file open and never writes."""
_STEP, _SLOW_STEP, _QUICK = 0.05, 0.25, 1.0
"""Seconds between two checks of a file in use: at first, and later."""
_MOST = 256
"""The most files watched at a time; beyond that the oldest unused one is dropped."""


class LateVerdict(enum.Enum):
    """What to do about one replaced file now."""

    WAIT = enum.auto()
    TAKE = enum.auto()
    DROP = enum.auto()


@value_class
class LateWrite:
    """A program's text in a file that we had replaced; secret, so never shown in a repr."""

    base: bytes = field(repr=False)
    data: bytes = field(repr=False)


def judge(*, changed: bool, is_open: bool | None, age: float, same_for: float) -> LateVerdict:
    """Whether a replaced file holds a complete late write, may still get one, or can be let go.

    `is_open`: a program has it open for writing; None: unknown. `age` and `same_for`: seconds since the replace, and
    since its last change.
    """
    if changed:
        enough = {True: _LEFT_OPEN, False: 0.0, None: write_end.SECONDS}[is_open]
        return LateVerdict.TAKE if same_for >= enough else LateVerdict.WAIT
    longest = {True: _ABANDONED, False: _IN_FLIGHT, None: _UNTOLD}[is_open]
    return LateVerdict.DROP if age >= longest else LateVerdict.WAIT


class _Watched:
    def __init__(self, file: ReplacedFile, base: bytes, now: float, *, unread: bool) -> None:
        self.file = file
        self.base = self.data = base
        self.since = self.changed_at = now
        self.unread = unread
        self.is_open: bool | None = None


class LateWrites:
    """The files that were replaced a while ago; from any thread, since others look while one writes."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Watch nothing yet."""
        self._monotonic = monotonic
        self._watched: list[_Watched] = []
        self._lock = threading.Lock()

    def watch(self, handle: int, base: bytes, unread: bool) -> None:
        """Watch a replaced file and own its handle; `base` was read before.

        `unread`: a program had put this one there since, so it is a late write itself.
        """
        with self._lock:
            self._watched.append(_Watched(ReplacedFile(handle), base, self._monotonic(), unread=unread))
            if len(self._watched) > _MOST:
                idle = (
                    each for each in self._watched if self._verdict_on(each) is LateVerdict.WAIT and not each.is_open
                )
                oldest = next(idle, self._watched[0])
                self._watched.remove(oldest)
                oldest.file.close()

    def check(self) -> list[LateWrite]:
        """The late writes that are complete; each is reported until it is `done`."""
        with self._lock:
            found: list[LateWrite] = []
            for each in tuple(self._watched):
                verdict = self._verdict_on(each)
                if verdict is LateVerdict.TAKE:
                    found.append(LateWrite(each.base, each.data))
                elif verdict is LateVerdict.DROP:
                    self._watched.remove(each)
                    each.file.close()
            return found

    def done(self, late: LateWrite) -> None:
        """A late write is dealt with; the file is watched on, as if it had been replaced now."""
        with self._lock:
            for each in self._watched:
                if (each.base, each.data) == (late.base, late.data):
                    each.base, each.since, each.unread = each.data, self._monotonic(), False

    def in_use(self) -> bool:
        """Whether, at the last look, a program had one of the files open for writing, or had just changed it."""
        return any(each.is_open or each.data != each.base for each in tuple(self._watched))

    def next_check(self) -> float | None:
        """Seconds until the next check; None if nothing is watched. Never waits for another thread's check."""
        watched = tuple(self._watched)
        if not watched:
            return None
        if not self.in_use():
            return min(_IN_FLIGHT, write_end.SECONDS if any(each.is_open is None for each in watched) else _IN_FLIGHT)
        now = self._monotonic()
        new = any(now - max(each.since, each.changed_at) < _QUICK for each in watched)
        return _STEP if new else _SLOW_STEP

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            while self._watched:
                self._watched.pop().file.close()

    def _verdict_on(self, each: _Watched) -> LateVerdict:
        data, is_open = each.file.read()
        now = self._monotonic()
        if data is None:
            return LateVerdict.DROP
        if data != each.data:
            each.data, each.changed_at = data, now
        each.is_open = is_open
        # The beginning of a text that we know loses nothing: its writer has just begun, or gave up.
        changed = each.unread or not each.base.startswith(data)
        return judge(changed=changed, is_open=is_open, age=now - each.since, same_for=now - each.changed_at)
