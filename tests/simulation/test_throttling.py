"""Two hundred roles whom AWS is throttling requests, in virtual time: the real engine asks seldom, and misses no session."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from tests.simulation.scenario import HOUR
from tests.simulation.steady_scenario import SteadyScenario
from tests.simulation.world import Fault
from tests.support.builders import a_role

ROLES = 200


class ManyRoles(SteadyScenario):
    """Two hundred roles.

    Attributes:
        refused: when calls that AWS refused began, by true time.
    """

    def __init__(self, *, lifetime: timedelta) -> None:
        super().__init__([a_role(f"role-{n:03}", keep=True, duration=lifetime) for n in range(ROLES)])
        self.refused: list[float] = []
        check, turns = self.invariants.check, itertools.count(1)
        # With so many roles, each check takes long.
        self.invariants.check = lambda **how: check(**how) if next(turns) % ROLES == 0 else None

    def _spawn(self, name, run) -> None:
        if name.startswith("aws") and self.aws.faults:
            self.refused.append(self.time.true)
        super()._spawn(name, run)

    def throttle(self, *, begins: float, lasts: float) -> None:
        """AWS refuses every call for some seconds, from a true time on."""
        fault = Fault("throttled", begins + lasts)
        self._world.add(begins, lambda: self._begin(fault))


@pytest.mark.parametrize(
    ("begins", "lasts"),
    [
        pytest.param(0.0, 600.0, id="from the start, with no session yet"),
        pytest.param(600.0, HOUR, id="in the midst, beyond the end of all sessions", marks=pytest.mark.thorough),
        pytest.param(2700.0, 180.0, id="as all come due", marks=pytest.mark.thorough),
    ],
)
def test_throttling_is_answered_by_few_calls_and_all_are_well_soon_after_it(begins, lasts):
    scenario = ManyRoles(lifetime=timedelta(hours=1))
    scenario.throttle(begins=begins, lasts=lasts)
    scenario.start()
    scenario._run_until(begins + lasts + 60)
    now = scenario.clock.now()
    on_file = [each for each in scenario.file.view.owned if each.expires_at and each.expires_at > now]
    assert len(on_file) == ROLES, "a minute later"
    assert 8 <= len(scenario.refused) <= 8 + lasts / 24 + 1
    assert len(scenario.aws.issued) <= ROLES * (1 + (begins + lasts) / (0.75 * HOUR)), (
        "nor more sessions than are needed"
    )


def test_some_calls_refused_at_random_do_not_stop_the_others():
    """AWS's limit is a bucket that fills again: under it, some calls get through and some do not."""
    scenario = ManyRoles(lifetime=timedelta(hours=1))
    real = scenario.aws.fault_of
    scenario.aws.fault_of = lambda role: "throttled" if scenario.rng.random() < 0.1 else real(role)
    scenario.start()
    scenario._run_until(HOUR / 2)
    assert len(scenario.file.view.owned) == ROLES
