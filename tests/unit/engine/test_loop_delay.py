from __future__ import annotations

import pytest

from traycreds.engine.loop_delay import LoopDelay


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def overdue(clock):
    return LoopDelay(lambda: clock[0])


def test_a_loop_that_waits_is_behind_from_when_its_turn_is_due(overdue, clock):
    overdue.begin_to_wait(10)
    clock[0] += 10
    assert overdue.seconds() == 0
    clock[0] += 5
    assert overdue.seconds() == 5


def test_a_loop_that_turns_is_behind_from_when_the_turn_began(overdue, clock):
    overdue.begin_to_wait(10)
    clock[0] += 15
    overdue.begin_turn()
    assert overdue.seconds() == 0
    clock[0] += 3
    assert overdue.seconds() == 3
    overdue.begin_to_wait(1)
    assert overdue.seconds() == 0
