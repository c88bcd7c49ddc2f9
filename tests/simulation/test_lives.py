"""A thousand lives in every run of the suite, longer ones on demand; a seed that fails can be lived again alone."""

from __future__ import annotations

import contextlib
import sys

import pytest

from tests.simulation.life import Life
from tests.simulation.watch import Watch

HOURS = 3
SEEDS, CHUNK = 1000, 50


def live(seed: int, hours: float) -> Life:
    life = Life(seed, hours=hours)
    try:
        life.live()
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed must be told
        again = f"python -m tests.simulation --seed {seed} --hours {hours:g}"
        pytest.fail(f"{type(error).__name__}: {error}\nTo live it again: {again}")
    return life


@contextlib.contextmanager
def unwatched():
    """Without coverage's tracer, which makes a life three times as long and has seen all of it after a few of them."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_life_has_a_gap(first):
    with unwatched() if first else contextlib.nullcontext():
        for seed in range(first, first + CHUNK):
            live(seed, HOURS)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(10_000, 30_000, 1000))
def test_no_longer_life_has_a_gap(first):
    for seed in range(first, first + 1000):
        live(seed, 12)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(20))
def test_no_life_of_three_weeks_has_a_gap(seed):
    assert live(seed, 21 * 24).time.awake >= 21 * 86400


def test_the_same_seed_lives_the_same_life():
    one, other = live(7, HOURS), live(7, HOURS)
    assert one.told == other.told
    assert one.aws.issued == other.aws.issued
    assert one.aws.issued


def test_a_life_that_fails_tells_how_to_live_it_again(monkeypatch):
    def end(_watch):
        raise AssertionError("it is not so")

    monkeypatch.setattr(Watch, "end", end)
    with pytest.raises(pytest.fail.Exception) as caught:
        live(7, HOURS)
    assert str(caught.value).splitlines() == [
        "AssertionError: it is not so",
        "To live it again: python -m tests.simulation --seed 7 --hours 3",
    ]
