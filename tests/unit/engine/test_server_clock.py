"""What time it is at AWS, on machines whose clocks are off, set, stopped or asleep."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import a_role, credentials
from tests.support.fakes.clock import START, FakeClock
from traycreds.engine.jobs import DatedSource
from traycreds.engine.server_clock import SLACK, ServerClock

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def answered(machine, clock, true):
    """A call that takes no time, answered with AWS's Date."""
    clock.asked()
    clock.seen(true.replace(microsecond=0))


def test_before_any_answer_it_is_the_machines_own():
    machine = FakeClock()
    clock = ServerClock(machine)
    assert clock.now() == machine.now()
    assert clock.skew() == timedelta(0)
    assert clock.monotonic() == machine.monotonic()
    assert clock.real_seconds(HOUR) == machine.real_seconds(HOUR)


@pytest.mark.parametrize("off", [-20 * MINUTE, -3 * SECOND, 3 * SECOND, 9 * HOUR])
def test_a_machine_that_is_off_counts_with_awss_time(off):
    machine = FakeClock(START + off)
    clock = ServerClock(machine)
    answered(machine, clock, START)
    assert clock.now() == START
    assert clock.skew() == -off
    machine.advance(HOUR)
    assert clock.now() == START + HOUR


def test_the_grain_of_the_header_moves_nothing():
    machine = FakeClock(START + 0.9 * SECOND)
    clock = ServerClock(machine)
    answered(machine, clock, machine.now())
    assert clock.skew() == timedelta(0)


def test_a_clock_set_back_changes_nothing():
    machine = FakeClock()
    clock = ServerClock(machine)
    answered(machine, clock, START)
    machine.step(-HOUR)
    machine.advance(MINUTE)
    assert clock.now() == START + MINUTE
    assert clock.skew() == HOUR


def test_sleep_counts_after_the_clock_was_set_where_the_monotonic_clock_stops():
    machine = FakeClock()
    clock = ServerClock(machine)
    answered(machine, clock, START)
    machine.step(-HOUR)
    assert clock.now() == START
    machine.sleep(8 * HOUR)
    assert clock.now() == START + 8 * HOUR


def test_a_clock_set_forward_is_believed_until_aws_says_otherwise():
    machine = FakeClock()
    clock = ServerClock(machine)
    answered(machine, clock, START)
    machine.step(HOUR)
    assert clock.now() == START + HOUR
    answered(machine, clock, START)
    assert clock.now() == START
    assert clock.skew() == -HOUR


@pytest.mark.parametrize("pause", [lambda machine: machine.advance(HOUR), lambda machine: machine.sleep(HOUR)])
def test_a_date_that_arrives_after_a_sleep_is_not_believed(pause):
    machine = FakeClock()
    clock = ServerClock(machine)
    clock.asked()
    pause(machine)
    clock.seen(START)
    assert clock.now() == START + HOUR
    assert clock.skew() == timedelta(0)


def test_a_date_that_took_as_long_as_the_call_says_nothing_of_another_time():
    machine = FakeClock()
    clock = ServerClock(machine)
    clock.asked()
    machine.advance(9 * SECOND)
    clock.seen(START)
    assert clock.skew() == timedelta(0)
    answered(machine, clock, START)
    assert clock.skew() == -9 * SECOND, "this one was not"


def test_a_machine_that_falls_asleep_between_two_readings_reads_again():
    class Sleepy(FakeClock):
        nap = timedelta(0)

        def now(self):
            nap, self.nap = self.nap, timedelta(0)
            wall = super().now()
            self.advance(nap)
            return wall

    machine = Sleepy()
    clock = ServerClock(machine)
    answered(machine, clock, START)
    machine.nap = HOUR
    assert clock.now() == START + HOUR
    assert clock.now() == START + HOUR


def test_it_runs_as_fast_as_the_demo():
    class Fast(FakeClock):
        def real_seconds(self, span):
            return span.total_seconds() / 60

    machine = Fast(START - HOUR)
    clock = ServerClock(machine)
    answered(machine, clock, START)
    machine._now += MINUTE
    machine._monotonic += 1
    assert clock.now() == START + MINUTE


class Answering:
    """A source whose answers carry a Date of the test's choice."""

    def __init__(self, clock, date, end):
        self.clock, self.date, self.end = clock, date, end

    def issue(self, role):
        self.clock.seen(self.date)
        return credentials(self.end)


QUARTER = 15 * MINUTE


@pytest.mark.parametrize("off", [-25 * 365 * DAY, -DAY, -SLACK - SECOND, DAY, 70 * 365 * DAY])
@pytest.mark.parametrize("duration", [QUARTER, None])
def test_a_date_by_which_a_new_session_cannot_end_when_it_does_is_not_believed(off, duration):
    machine = FakeClock()
    clock = ServerClock(machine)
    lasts = duration or 12 * HOUR
    source = DatedSource(Answering(clock, START + off, START + lasts), clock)

    source.issue(a_role("dev", duration=duration))

    assert clock.skew() == timedelta(0)


@pytest.mark.parametrize("off", [-9 * HOUR, -HOUR, MINUTE, DAY])
def test_a_machine_that_is_off_believes_the_dates_of_sessions_that_fit_them(off):
    machine = FakeClock(START - off)
    clock = ServerClock(machine)
    source = DatedSource(Answering(clock, START, START + QUARTER), clock)

    source.issue(a_role("dev", duration=QUARTER))

    assert clock.skew() == off
