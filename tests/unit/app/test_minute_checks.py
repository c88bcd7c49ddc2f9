from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import MINUTE, NOW
from tests.support.fakes.clock import FakeClock
from traycreds.app.minute_checks import MinuteChecks
from traycreds.app.supervisor import STUCK_SECONDS
from traycreds.core.events import Resumed


class Engine:
    def __init__(self) -> None:
        self.posted, self.caught_up, self.behind = [], 0, 0.0

    def post(self, event) -> None:
        self.posted.append(event)

    def catch_up(self) -> None:
        self.caught_up += 1

    def stuck_for(self) -> float:
        return self.behind


@pytest.fixture
def run():
    engine, clock, stuck = Engine(), FakeClock(NOW + timedelta(seconds=20)), []
    return engine, clock, stuck, MinuteChecks(engine, clock, stuck=lambda: stuck.append(1))


def test_it_is_the_minute_and_the_time_to_the_next(run):
    engine, _, stuck, minutes = run
    assert minutes.begin() == (NOW, 40.0)
    assert engine.caught_up == 1
    assert (engine.posted, stuck) == ([], [])


def test_a_minute_that_came_late_is_one_after_a_sleep(run):
    engine, clock, _, minutes = run
    clock.advance(1.5 * MINUTE)
    minutes.begin()
    assert engine.posted == []
    clock.advance(1.6 * MINUTE)
    minutes.begin()
    assert engine.posted == [Resumed(clock.now())]


def test_a_stuck_engine_is_reported(run):
    engine, _, stuck, minutes = run
    engine.behind = STUCK_SECONDS + 1
    minutes.begin()
    assert stuck == [1]


def test_an_engine_that_may_be_stuck_is_checked_again_before_the_next_minute(run):
    engine, clock, stuck, minutes = run
    engine.behind = STUCK_SECONDS - 5
    _, seconds = minutes.begin()
    assert 5 < seconds < 6
    assert stuck == []
    clock.advance(timedelta(seconds=seconds))
    engine.behind += seconds
    minutes.begin()
    assert stuck == [1]
