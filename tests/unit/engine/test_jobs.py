"""The source that is made late: by the first call, once, however many come together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.builders import a_role
from traycreds.engine.jobs import LateSource


class CountedSource:
    """Gives its number as the session, and counts how many there are."""

    made = 0

    def __init__(self):
        type(self).made += 1
        self.number = self.made

    def issue(self, role):
        return role.name, self.number


def test_nothing_is_made_before_the_first_call():
    class Source(CountedSource):
        pass

    source = LateSource(Source)
    assert Source.made == 0
    assert [source.issue(a_role(name)) for name in ("dev", "ops")] == [("dev", 1), ("ops", 1)]


def test_calls_at_the_same_time_share_one_source():
    class Source(CountedSource):
        pass

    callers = 4
    together = threading.Barrier(callers)
    source = LateSource(Source)

    def call(name):
        together.wait(5)
        return source.issue(a_role(name))

    with ThreadPoolExecutor(callers) as pool:
        assert [*pool.map(call, "abcd")] == [("a", 1), ("b", 1), ("c", 1), ("d", 1)]


def test_a_source_that_cannot_be_made_is_made_by_the_next_call():
    attempts = []

    def make():
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise OSError("no file descriptors are left")
        return CountedSource()

    source = LateSource(make)
    with pytest.raises(OSError, match="no file descriptors are left"):
        source.issue(a_role("dev"))
    assert source.issue(a_role("dev"))[0] == "dev"
