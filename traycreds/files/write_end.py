"""The end of a write: when a file holds all its last writer wrote, by time and by what the system tells.

Many programs write in two steps: the AWS CLI truncates a file first. So readers wait with `Watch`, each by its own
rule: a quick command asks the system who is writing (`awsfiles.whole_read`); a program that changes a file waits until
it settles (`files.rewrite`); and one that knows the old content waits only if some is gone
(`awsfiles.concurrency.shared_file`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from traycreds.files.contents import Reading, is_another

SECONDS = 0.6
"""Seconds without a change after which a file is at rest."""
CHECK_EVERY = 0.05
"""Seconds between two checks of a file that is not."""
LONGEST_WAIT = 10.0
"""Seconds after which a file that never settles is given up."""

LONGEST_PAUSE = 15.0
"""Seconds without a change after which a program that has a file open for writing has finished its write."""


def is_at_rest(reading: Reading) -> bool:
    """Whether a file has settled; a missing one has."""
    return reading.stamp is None or abs(time.time() - reading.stamp.modified_ns / 1e9) >= SECONDS


def is_unfinished(reading: Reading) -> bool:
    """Whether a file may be half written: a program has it open and changed it recently."""
    if reading.is_open is not True or reading.stamp is None:
        return False
    return abs(time.time() - reading.stamp.modified_ns / 1e9) < LONGEST_PAUSE


class Watch:
    """A file that is read again until its writer has finished.

    Attributes:
        waited: seconds of the pauses since the first read; a time in which this process was stopped does not count.
        changed_at: which of those saw the last change of the stamp.
        same_for: seconds without a change.
        replaced: the last read found a new file, which no program has open for writing.
    """

    def __init__(self, read: Callable[[], Reading], sleep: Callable[[float], None] | None = None) -> None:
        """Read it for the first time, which may raise what `read` raises."""
        self._read = read
        self._sleep = sleep or time.sleep
        self.waited = self.changed_at = self.same_for = 0.0
        self.replaced = False
        self.reading = read()

    def wait(self, pause: Callable[[Watch], float | None]) -> Reading:
        """Read until `pause` returns None instead of the seconds until the next read; raises what either raises."""
        while (seconds := pause(self)) is not None:
            self.again(seconds)
        return self.reading

    def again(self, seconds: float) -> None:
        """Read it again after a pause."""
        self._sleep(seconds)
        self.waited += seconds
        before, self.reading = self.reading, self._read()
        if self.reading.stamp != before.stamp:
            self.changed_at = self.waited
        self.same_for = self.same_for + seconds if self.reading.data == before.data else 0.0
        self.replaced = self.reading.is_open is False and is_another(before.stamp, self.reading.stamp)
