"""A scenario without random events, for counts; virtual time, the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.simulation.invariants import Invariants
from tests.simulation.scenario import HOUR, Scenario
from tests.support.builders import a_role
from traycreds.core.model import Role, Settings


class SteadyScenario(Scenario):
    """Keeps the given roles by the default settings and right clocks; what is to go wrong is begun by the caller."""

    def __init__(self, roles: Sequence[Role]) -> None:
        super().__init__(seed=0, hours=0)
        self._every = float("inf")
        self.time.offset = self.time.drift = 0.0
        self.settings = Settings()
        self.roles = tuple(roles)
        self.invariants = Invariants(self)
        self.file.on_write = self._checked(self.invariants.written)
        self.desktop.on_notice = self._checked(self.invariants.noticed)


def calls_per_role_hour(lifetime: timedelta, *, roles: int = 10, hours: int = 48) -> float:
    """How many sessions are asked for in each hour of a role that is kept, while all is well."""
    scenario = SteadyScenario([a_role(f"role-{number}", keep=True, duration=lifetime) for number in range(roles)])
    scenario.start()
    scenario._run_until(hours * HOUR)
    return scenario.invariants.calls.total() / (roles * hours)
