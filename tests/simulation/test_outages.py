"""What the user hears about one long outage: a few notices while it lasts, and one when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulation.scenario import HOUR
from tests.simulation.steady_scenario import SteadyScenario
from tests.support.builders import a_role

BEGIN, LENGTH, TURN = 2.5 * HOUR, 2 * HOUR, 90.0


def notices_of(roles, faults):
    """The keys of all notices, and how many roles each of those of failures names.

    Args:
        roles: how many are kept.
        faults: what is in the way for two hours, in turn, each for a minute and a half.
    """
    scenario = SteadyScenario(
        [a_role(f"role-{number:03}", keep=True, duration=timedelta(hours=1)) for number in range(roles)]
    )
    notices, watched = [], scenario.desktop.on_notice

    def record(notice):
        notices.append(notice)
        watched(notice)

    def fault_of(_role):
        passed = scenario.time.true - BEGIN
        return faults[int(passed // TURN) % len(faults)] if 0 <= passed < LENGTH else None

    scenario.desktop.on_notice, scenario.aws.fault_of = record, fault_of
    scenario.start()
    scenario._run_until(BEGIN + LENGTH + HOUR)
    return [notice.key for notice in notices], [len(notice.roles) for notice in notices if notice.roles]


@pytest.mark.parametrize("faults", [("refused",), ("throttled",), ("refused", "throttled")])
@pytest.mark.parametrize("roles", [1, 12, pytest.param(30, marks=pytest.mark.thorough)])
def test_an_outage_is_reported_a_few_times_and_its_end_once(roles, faults):
    keys, named = notices_of(roles, faults)
    assert len(named) <= roles.bit_length(), named
    assert 2 * named[-1] > roles
    assert keys == ["failing-network"] * len(named) + ["recovered"]
