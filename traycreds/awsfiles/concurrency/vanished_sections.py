"""What to do when foreign sections vanish, because a program may be in the middle of a write. Pure."""

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
    """Foreign sections that are gone, since a monotonic time; `whole` is the last text that had them all."""

    names: frozenset[str]
    whole: IniText = field(repr=False)
    since: float


def update(before: Vanished | None, known: IniText | None, text: IniText, now: float) -> Vanished | None:
    """What has vanished by now: `known` was read last (None: never), `text` is on file."""
    whole, since = (before.whole, before.since) if before else (known, now)
    if whole is None:
        return None
    gone = _foreign(whole) - text.sections.keys()
    # Once the hold is over, the sections that are left are the ones that the owner wants.
    if not gone or (before and now - since > HOLD and _foreign(text)):
        return None
    return Vanished(frozenset(gone), whole, since)


def seconds_to_hold(vanished: Vanished, batch: Batch, now: float, utc: datetime) -> float:
    """How long a doubtful write waits; no longer than the sessions that it would replace last (`utc`)."""
    own = vanished.whole.own()
    ends = [ownership.expiry(own.get(write.profile, {})) for write in batch.sets]
    if any(end is not None and end < utc + timedelta(seconds=2 * HOLD) for end in ends):
        return 0.0
    return max(0.0, vanished.since + HOLD - now)


def is_in_doubt(vanished: Vanished, text: IniText, *, is_open: bool | None, now: float) -> bool:
    """Whether the sections may have vanished by accident, and so return; a write waits, and a copy is kept.

    If the system knows that no program has the file open, what is left is intended, unless nothing is.
    """
    untold = is_open is None and now - vanished.since <= 2 * HOLD
    return not _foreign(text) or is_open is True or untold


def _foreign(text: IniText) -> Collection[str]:
    return {name for name, own in text.own().items() if own and not ownership.is_ours(own)}
