"""The end of a write: when a file holds all that its last writer had to say, as far as time and the system tell.

Many programs write a file in two steps: the AWS CLI truncates it first. So all who read what others write wait by
`Watch`, each with a rule of its own, since they know different things: a command of milliseconds asks the system who is
writing (`awsfiles.whole_read`); who changes a file of which nothing else is known waits until it is at rest
(`files.rewrite`); who knows what the credentials file held before need not wait where nothing of that is gone
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
"""Seconds after which a file that never comes to rest is given up."""

LONGEST_PAUSE = 15.0
"""Seconds without a change after which a program that has a file open for writing has finished its write."""


def is_at_rest(reading: Reading) -> bool:
    """Whether nobody has touched a file for long enough; one that does not exist is at rest."""
    return reading.stamp is None or abs(time.time() - reading.stamp.modified_ns / 1e9) >= SECONDS


def is_unfinished(reading: Reading) -> bool:
    """Whether a file may hold half of what a program is writing: that has it open, and changed it lately."""
    if reading.is_open is not True or reading.stamp is None:
        return False
    return abs(time.time() - reading.stamp.modified_ns / 1e9) < LONGEST_PAUSE


class Watch:
    """A file that is read again and again until its writer has come to an end.

    Seconds are those of the pauses alone: where this process is stopped for a while, it has not waited.

    Attributes:
        reading: what was read last.
        waited: seconds since the first read.
        changed_at: which of those saw the last change of the stamp.
        same_for: seconds for which the file has held the same.
        replaced: the last read found another file than the one before, which no program has open for writing.
    """

    def __init__(self, read: Callable[[], Reading], sleep: Callable[[float], None] | None = None) -> None:
        """Read it for the first time, which may raise what `read` raises.

        Args:
            read: reads the file.
            sleep: how to pause.
        """
        self._read = read
        self._sleep = sleep or time.sleep
        self.waited = self.changed_at = self.same_for = 0.0
        self.replaced = False
        self.reading = read()

    def wait(self, pause: Callable[[Watch], float | None]) -> Reading:
        """Read until the rule of the reader takes what was read for whole, and return it; may raise what either raises.

        Args:
            pause: that rule: the seconds until the next read, or None when this one is whole.
        """
        while (seconds := pause(self)) is not None:
            self.again(seconds)
        return self.reading

    def again(self, seconds: float) -> None:
        """Read it once more after a pause."""
        self._sleep(seconds)
        self.waited += seconds
        before, self.reading = self.reading, self._read()
        if self.reading.stamp != before.stamp:
            self.changed_at = self.waited
        self.same_for = self.same_for + seconds if self.reading.data == before.data else 0.0
        self.replaced = self.reading.is_open is False and is_another(before.stamp, self.reading.stamp)
