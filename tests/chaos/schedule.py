"""What happens in a chaos run and when, from its seed alone: whatever the app does, a seed lives the same again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WEIGHTS = {
    "outage": 3,
    "sts_fault": 6,
    "odd_answer": 5,
    "endless_answer": 1,
    "hanging_call": 1,
    "absurd_date": 2,
    "leaked_secret": 1,
    "credential_process": 3,
    "mfa_process": 2,
    "token_process": 3,
    "hook": 2,
    "team_file": 1,
    "long_term_key": 1,
    "sign_out": 2,
    "broken_config": 3,
    "other_config": 2,
    "stop": 2,
    "suspend": 1,
    "silent_peers": 2,
    "writers": 6,
    "slow_aws_config": 3,
    "stripping_tool": 2,
    "old_copy": 1,
    "lost_session": 2,
    "command": 4,
}
"""How often each kind of happening comes, compared with the others."""
MEAN_GAP = 1.0
"""Real seconds between two happenings, on average."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens.

    Attributes:
        at: real seconds after the start.
        kind: the method of `Happenings` that plays it.
        seed: of everything else in it that is random.
    """

    at: float
    kind: str
    seed: str

    def chances(self) -> random.Random:
        return random.Random(self.seed)


def happenings(seed: str, weights: Mapping[str, int] = WEIGHTS) -> Iterator[Happening]:
    """All happenings of a seed, without end."""
    chances = random.Random(seed)
    at = 0.0
    for number in itertools.count():
        at += chances.expovariate(1 / MEAN_GAP)
        yield Happening(at, chances.choices(list(weights), list(weights.values()))[0], f"{seed}/{number}")


def spread(chances: random.Random, low: float, high: float) -> float:
    """A span between two, short ones as likely as long ones."""
    return low * (high / low) ** chances.random()
