"""How fast this machine is at the moment, so that a promise on speed is one on the program."""

from __future__ import annotations

import time

_NOMINAL = 0.06
"""Seconds of computing that `_work` takes on the machine the limits were set on."""


def slowness() -> float:
    """How many times slower than that machine this one computes just now; at least 1."""
    begun = time.process_time()
    _work()
    return max(1.0, (time.process_time() - begun) / _NOMINAL)


def _work() -> int:
    total = 0
    for number in range(1_000_000):
        total += number
    return total
