"""A day fails if memory, threads, open files or the log grew by more than they may."""

from __future__ import annotations

import dataclasses

import pytest

from tests.integration.leaks import day
from tests.integration.leaks.day import Hour
from tools.bench import scale

HOURS = [
    Hour(
        hour=hour, refreshes=400 * hour, mib=30.0 if hour < day.FULL_BY else 40.0, threads=6, files=20, log=1000 * hour
    )
    for hour in range(1, 25)
]


def with_last(**changes):
    return [*HOURS[:-1], dataclasses.replace(HOURS[-1], **changes)]


def test_what_comes_before_all_is_there_is_no_growth():
    assert day.grown(HOURS) == []
    assert all(row.met for row in scale.day_rows(HOURS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mib": 41.0}, "memory grew by 1.0 MiB"),
        ({"threads": 8}, "threads grew from 6 to 8"),
        ({"files": 22}, "open files grew from 20 to 22"),
        ({"log": 4_000_001}, "the log takes 4,000,001 bytes"),
    ],
)
def test_growth_misses_its_goal(changes, words):
    assert day.grown(with_last(**changes)) == [words]
    assert [row.met for row in scale.day_rows(with_last(**changes))].count(False) == 1


def test_the_result_names_both_moments():
    assert "| refreshes so far | 2,400 | 9,600 |  |" in day.text(HOURS, 180.0).splitlines()
