"""The source that is made late: by the first call, once, however many come together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.builders import a_role
from traycreds.engine.jobs import LateSource


class NumberedSource:
    """Gives its number with the role's name as the session."""

    def __init__(self, number):
        self.number = number

    def issue(self, role):
        return role.name, self.number


class Maker:
    """Makes sources, and counts them."""

    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return NumberedSource(self.made)


def test_nothing_is_made_before_the_first_call():
    maker = Maker()
    source = LateSource(maker)
    assert maker.made == 0
    assert [source.issue(a_role(name)) for name in ("dev", "ops")] == [("dev", 1), ("ops", 1)]


def test_calls_at_the_same_time_share_one_source():
    callers = 4
    together = threading.Barrier(callers)
    source = LateSource(Maker())

    def call(name):
        together.wait(5)
        return source.issue(a_role(name))

    with ThreadPoolExecutor(callers) as pool:
        assert [*pool.map(call, "abcd")] == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]


def test_a_source_that_cannot_be_made_is_made_by_the_next_call():
    maker = Maker()

    def make():
        source = maker()
        if maker.made == 1:
            raise OSError("no file descriptors are left")
        return source

    source = LateSource(make)
    with pytest.raises(OSError, match="no file descriptors are left"):
        source.issue(a_role("dev"))
    assert source.issue(a_role("dev")) == ("dev", 2)
