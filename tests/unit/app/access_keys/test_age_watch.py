"""One notice a day names keys that are too old, and nothing else."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.app.access_keys import age_watch
from traycreds.app.access_keys.age_watch import EVERY, AgeWatch
from traycreds.doctor.finding import Finding, Severity
from traycreds.state import paths

HOUR = timedelta(hours=1)
OLD = Finding(file="credentials", line=2, what="the access key of profile base is 120 days old", remedy="Replace it.")
UNKNOWN = Finding(file="credentials", line=2, what="unknown", remedy="Ask.", severity=Severity.NOTE)
REFUSED = Finding(file="credentials", line=2, what="not accepted", remedy="Put another.", severity=Severity.ERROR)


class Watched:
    def __init__(self, monkeypatch) -> None:
        self.now, self.found, self.asked, self.notices = NOW, [OLD], 0, []
        monkeypatch.setattr(age_watch, "key_findings", self.ask)
        self.watch = AgeWatch(paths.locate(os.environ), self.notices.append, lambda: self.now)

    def ask(self, *_):
        self.asked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return iter(self.found)

    def polled(self, times: int) -> None:
        """Poll twice, and see that so many checks began in all."""
        self.watch.poll()
        self.watch.poll()
        until(lambda: self.asked == times, f"{times} checks began")


@pytest.fixture
def watched(monkeypatch, home):
    return Watched(monkeypatch)


def test_an_old_key_has_one_notice_a_day(watched):
    watched.polled(1)
    until(lambda: watched.notices, "a notice comes")
    (notice,) = watched.notices
    assert notice.title == "An access key is too old"
    assert notice.body == "The access key of profile base is 120 days old. Run: traycreds doctor"
    watched.now += EVERY - HOUR
    watched.polled(1)
    watched.now += HOUR
    watched.polled(2)


def test_a_clock_that_was_set_back_delays_no_check_for_long(watched):
    watched.polled(1)
    watched.now -= 400 * EVERY
    watched.polled(2)


def test_several_are_one_notice(watched):
    watched.found = [REFUSED, OLD, OLD, UNKNOWN]
    watched.watch.check()
    assert [notice.title for notice in watched.notices] == ["2 access keys are too old"]


@pytest.mark.parametrize("found", [[], [UNKNOWN], [REFUSED]])
def test_what_is_no_news_has_no_notice(watched, found):
    watched.found = found
    watched.watch.check()
    assert watched.notices == []


@pytest.mark.logs_warnings
def test_a_check_that_fails_ends_quietly(watched):
    watched.found = ValueError("x")
    watched.watch.check()
    assert watched.notices == []
