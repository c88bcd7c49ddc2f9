from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.fakes.clock import START, FakeClock
from traycreds.core.ports import Clock
from traycreds.engine import clock
from traycreds.engine.clock import FastClock, SystemClock


def test_system_clock_is_aware_utc_and_true():
    before = datetime.now(timezone.utc)
    now = SystemClock().now()
    assert now.tzinfo is timezone.utc
    assert before <= now <= datetime.now(timezone.utc)


def test_system_clock_takes_a_span_as_it_is():
    assert SystemClock().real_seconds(timedelta(minutes=2)) == 120


@pytest.mark.skipif(sys.platform != "linux", reason="CLOCK_BOOTTIME is Linux's")
def test_monotonic_counts_sleep_on_linux():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.fixture
def boot(monkeypatch):
    """Seconds since boot, moved by hand."""
    hand = [50.0]
    monkeypatch.setattr(clock, "seconds_since_boot", lambda: hand[0])
    return hand


def test_fast_clock_runs_faster_from_the_real_time_on(boot):
    fast = FastClock(60)
    start = fast.now()
    assert abs(start - datetime.now(timezone.utc)) < timedelta(seconds=5)
    boot[0] += 2
    assert fast.now() - start == timedelta(minutes=2)


def test_fast_clock_gives_real_seconds_for_waiting_and_real_monotonic(boot):
    fast = FastClock(60)
    boot[0] += 7
    assert fast.real_seconds(timedelta(minutes=1)) == 1
    assert fast.monotonic() == 57


@pytest.mark.parametrize("speed", [0, -1])
def test_fast_clock_refuses_to_stand_or_go_back(speed):
    with pytest.raises(ValueError, match="above zero"):
        FastClock(speed)


def test_all_fit_the_port():
    for made in (SystemClock(), FastClock(10), FakeClock()):
        fits: Clock = made
        assert fits.now().utcoffset() == timedelta(0)


def test_fake_clock_moves_only_by_advance():
    fake = FakeClock()
    assert (fake.now(), fake.now()) == (START, START)
    fake.advance(timedelta(seconds=9))
    assert (fake.now() - START, fake.monotonic()) == (timedelta(seconds=9), 1009)
    fake.sleep(timedelta(hours=1))
    assert (fake.now() - START, fake.monotonic()) == (timedelta(hours=1, seconds=9), 1009)


def test_monotonic_is_that_of_python_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    before = time.monotonic()
    assert before <= SystemClock().monotonic() <= time.monotonic()
