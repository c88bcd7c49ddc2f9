"""When a file is at rest, so that it holds all its last writer had to say, as far as time can tell.

The AWS CLI truncates a file before it writes it. The credentials file need not be at rest to be believed, since what it
held before is known (`awsfiles.concurrency.shared_file`).
"""

from __future__ import annotations

import time

from traycreds.files.contents import Reading

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
