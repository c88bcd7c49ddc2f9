"""A life in which nothing happens by chance, for what is to be counted; virtual time, the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.builders import a_role
from tests.simulation.life import HOUR, Life
from tests.simulation.watch import Watch
from traycreds.core.model import Role, Settings


class Calm(Life):
    """Keeps the given roles by the default settings and right clocks; what is to go wrong is begun by the caller."""

    def __init__(self, roles: Sequence[Role]) -> None:
        super().__init__(seed=0, hours=0)
        self._every = float("inf")
        self.time.offset = self.time.drift = 0.0
        self.settings = Settings()
        self.roles = tuple(roles)
        self.watch = Watch(self)
        self.file.on_write = self._heard(self.watch.written)
        self.desktop.on_notice = self._heard(self.watch.noticed)


def calls_per_role_hour(lifetime: timedelta, *, roles: int = 10, hours: int = 48) -> float:
    """How many sessions are asked for in each hour of a role that is kept, while all is well."""
    life = Calm([a_role(f"role-{number}", keep=True, duration=lifetime) for number in range(roles)])
    life.start()
    life._run_until(hours * HOUR)
    return life.watch.calls.total() / (roles * hours)
