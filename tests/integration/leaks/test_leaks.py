"""The running app holds as little after thousands of refreshes as after its first hundreds."""

from __future__ import annotations

import sys

import pytest

from tests.integration.leaks import day
from tests.integration.leaks.memory import refreshed

MIB = 1 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def growth(found: list[dict[str, float]], what: str) -> float:
    """By how much something grew over the second half."""
    return found[-1][what] - found[len(found) // 2 - 1][what]


@pytest.mark.thorough
def test_a_few_hundred_refreshes_leave_nothing_behind(home):
    # What is remembered of the last sessions makes it swing by 500 blocks, once 200 sessions have filled it.
    found = refreshed(home, sessions=800, every=200)
    assert growth(found, "blocks") < 2 * 400, "of which one set of credentials takes five"
    assert growth(found, "private") < MIB
    assert growth(found, "threads") <= 1
    assert growth(found, "files") <= 1


@pytest.mark.slow
@pytest.mark.timeout(1600)
@pytest.mark.parametrize("trace", [False, True], ids=["as it runs", "traced"])
def test_ten_thousand_refreshes_leave_nothing_behind(home, trace):
    found = refreshed(home, sessions=10_000, every=1_000, trace=trace)
    assert growth(found, "blocks") < 0.1 * 5_000
    assert growth(found, "traced") < 0.05 * MIB
    assert growth(found, "private") < 1.5 * MIB
    assert growth(found, "threads") <= 1
    assert growth(found, "files") <= 1


@pytest.mark.slow
@pytest.mark.timeout(1600)
def test_a_day_of_ten_thousand_refreshes_leaves_nothing_behind(home):
    found = list(day.hours(home))
    assert found[-1].refreshes >= 10_000
    assert day.grown(found) == []
