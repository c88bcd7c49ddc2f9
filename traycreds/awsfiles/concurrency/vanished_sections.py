"""Decides what to do when foreign sections vanish from the credentials file: another program may be writing.

Pure. Owns how long a write of ours is held back for them, and when a copy of what they held is worth keeping.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from traycreds.awsfiles import ownership
from traycreds.awsfiles.ini import IniText
from traycreds.core.model import Batch
from traycreds.core.value_class import field, value_class

HOLD = 15.0
"""Seconds that a write is held back at most: longer than a slow writer pauses, much less than a session lasts."""


@value_class
class Vanished:
    """Foreign sections that were on file and are not any more.

    Attributes:
        names: theirs.
        whole: the last text that held them all.
        since: when that was noticed, in seconds of a monotonic clock.
    """

    names: frozenset[str]
    whole: IniText = field(repr=False)
    since: float


def update(before: Vanished | None, known: IniText | None, text: IniText, now: float) -> Vanished | None:
    """What has vanished, now that the file holds `text`.

    Args:
        before: what had vanished already.
        known: what the file held when it was read last; None if it never was.
        text: what it holds now.
        now: seconds of a monotonic clock.
    """
    whole, since = (before.whole, before.since) if before else (known, now)
    if whole is None:
        return None
    gone = _foreign(whole) - text.sections.keys()
    if not gone or (before and now - since > HOLD and _foreign(text)):  # what is left is what its owner wants
        return None
    return Vanished(frozenset(gone), whole, since)


def seconds_to_hold(vanished: Vanished, batch: Batch, now: float, utc: datetime) -> float:
    """How long a write is held back where that is in doubt; no longer than the sessions last that it would replace.

    Args:
        vanished: what has vanished.
        batch: what is to be written.
        now: seconds of a monotonic clock.
        utc: the time of day, against which sessions end.
    """
    own = vanished.whole.own()
    ends = [ownership.expiry(own.get(write.profile, {})) for write in batch.sets]
    if any(end is not None and end < utc + timedelta(seconds=2 * HOLD) for end in ends):
        return 0.0
    return max(0.0, vanished.since + HOLD - now)


def is_in_doubt(vanished: Vanished, text: IniText, *, is_open: bool | None, now: float) -> bool:
    """Whether the sections may have vanished against the will of their owner, so that they may come again.

    A write waits for them then, and a copy of them is kept. Where the system tells that no program has the file open
    for writing, none is in the middle of a write: what is left is what its owner wants, unless nothing is.

    Args:
        vanished: what has vanished.
        text: what the file holds.
        is_open: a program has it open for writing; None where the system does not tell.
        now: seconds of a monotonic clock.
    """
    untold = is_open is None and now - vanished.since <= 2 * HOLD
    return not _foreign(text) or is_open is True or untold


def _foreign(text: IniText) -> Collection[str]:
    return {name for name, own in text.own().items() if own and not ownership.is_ours(own)}
