"""Forty runs in every run of the suite, a thousand in CI, longer ones on demand; a seed can be run again alone."""

from __future__ import annotations

import contextlib
import sys

import pytest

from tests.simulation.invariants import Invariants
from tests.simulation.scenario import Scenario
from tests.simulation.with_tray import ScenarioWithTray

HOURS = 3
SEEDS, CHUNK, USUAL = 1000, 10, 40


def run(seed: int, hours: float, kind: type[Scenario] = Scenario) -> Scenario:
    scenario = kind(seed, hours=hours)
    try:
        scenario.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed must be shown
        tray = " --tray" if kind is ScenarioWithTray else ""
        again = f"python -m tests.simulation --seed {seed} --hours {hours:g}{tray}"
        pytest.fail(f"{type(error).__name__}: {error}\nTo live it again: {again}")
    return scenario


@contextlib.contextmanager
def unwatched():
    """Without coverage's tracer, which makes a scenario three times as long and has seen all of it after a few of them."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.mark.parametrize(
    "first",
    [
        *range(0, USUAL, CHUNK),
        *(pytest.param(first, marks=pytest.mark.thorough) for first in range(USUAL, SEEDS, CHUNK)),
    ],
)
def test_no_scenario_has_a_gap(first):
    with unwatched() if first else contextlib.nullcontext():
        for seed in range(first, first + CHUNK):
            run(seed, HOURS)


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.thorough) for first in range(30, 600, 30))]
)
def test_an_engine_that_sleeps_for_long_beside_a_tray_leaves_no_gap(first):
    with unwatched():
        for seed in range(first, first + 30):
            run(seed, HOURS, ScenarioWithTray)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(10_000, 30_000, 1000))
def test_no_longer_scenario_has_a_gap(first):
    for seed in range(first, first + 1000):
        run(seed, 12)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(20))
def test_no_scenario_of_three_weeks_has_a_gap(seed):
    assert run(seed, 21 * 24).time.awake >= 21 * 86400


def test_the_same_seed_gives_the_same_scenario():
    one, other = run(7, HOURS), run(7, HOURS)
    assert one.log == other.log
    assert one.aws.issued == other.aws.issued
    assert one.aws.issued


def test_a_scenario_that_fails_reports_how_to_run_it_again(monkeypatch):
    def end(_watch):
        raise AssertionError("it is not so")

    monkeypatch.setattr(Invariants, "end", end)
    with pytest.raises(pytest.fail.Exception) as caught:
        run(7, HOURS)
    assert str(caught.value).splitlines() == [
        "AssertionError: it is not so",
        "To live it again: python -m tests.simulation --seed 7 --hours 3",
    ]
