"""What the user hears of one long outage: a few notices while it lasts, and one when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import a_role
from tests.simulation.calm import Calm
from tests.simulation.life import HOUR

BEGIN, LENGTH, TURN = 2.5 * HOUR, 2 * HOUR, 90.0


def heard_of(roles, faults):
    """The keys of all notices, and how many roles each of those of failures names.

    Args:
        roles: how many are kept.
        faults: what is in the way for two hours, in turn, each for a minute and a half.
    """
    life = Calm([a_role(f"role-{number:03}", keep=True, duration=timedelta(hours=1)) for number in range(roles)])
    heard, watched = [], life.desktop.on_notice

    def hear(notice):
        heard.append(notice)
        watched(notice)

    def fault_of(_role):
        passed = life.time.true - BEGIN
        return faults[int(passed // TURN) % len(faults)] if 0 <= passed < LENGTH else None

    life.desktop.on_notice, life.aws.fault_of = hear, fault_of
    life.start()
    life._run_until(BEGIN + LENGTH + HOUR)
    return [notice.key for notice in heard], [len(notice.roles) for notice in heard if notice.roles]


@pytest.mark.parametrize("faults", [("refused",), ("throttled",), ("refused", "throttled")])
@pytest.mark.parametrize("roles", [1, 12, 30])
def test_an_outage_is_told_a_few_times_and_its_end_once(roles, faults):
    keys, named = heard_of(roles, faults)
    assert len(named) <= roles.bit_length(), named
    assert 2 * named[-1] > roles
    assert keys == ["failing-network"] * len(named) + ["recovered"]
