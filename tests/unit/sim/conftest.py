"""A simulator on a clock that the test moves, and its user."""

from __future__ import annotations

import pytest

from tests.unit.sim.calls import ARN, Clock
from traycreds.sim import Simulator


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sim(clock):
    with Simulator(clock=clock) as sim:
        yield sim


@pytest.fixture
def user(sim):
    user = sim.world.add_user("base")
    sim.world.add_role(ARN, trust=[user.principal.arn])
    return user
