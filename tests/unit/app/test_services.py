"""The services of one run notice an engine that is stuck, and say so without it."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest

from tests.support.fakes.clock import FakeClock
from traycreds.app import supervisor
from traycreds.app.followers import config_watch
from traycreds.app.services import Display, Services
from traycreds.app.supervisor import CHECKED_SECONDS
from traycreds.core.engine_state import Choices, State
from traycreds.lifecycle import notices
from traycreds.state import paths

PATIENCE = 30.0
"""Real seconds for what comes at once."""


class Stuck:
    """Services whose engine hangs in a turn that began just after a check."""

    def __init__(self, *, keeps_time):
        self.clock, self.noticed, self.sent = FakeClock(), threading.Event(), []
        display = Display(
            can=frozenset(),
            show=self.show,
            show_around=lambda _: None,
            notice=self.sent.append,
            at_icon=None,
            asker=None,
            keeps_time=keeps_time,
        )
        where = paths.locate(os.environ)
        first = config_watch.FirstRead(choices=Choices(), state=State(), stamps=config_watch.stamps(where))
        self.services = Services(where, self.clock, first=first, display=display, end=lambda: None)
        self.hung, self.goes_on = threading.Event(), threading.Event()

    def show(self, snapshot):
        """The last of what happens: the notice came before."""
        if snapshot.trouble == notices.STOPPED:
            self.noticed.set()

    def __enter__(self):
        self.services.each_minute()
        self.services._watch.start()
        self.services._engine.start()
        self.services._engine.after(lambda _: (self.hung.set(), self.goes_on.wait(PATIENCE)))
        assert self.hung.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self.goes_on.set()
        self.services.stop()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    """The engine of these tests gives no answer, however long it is waited for."""
    monkeypatch.setattr(supervisor, "ANSWER_SECONDS", 0.0)


@pytest.mark.logs_warnings
def test_with_a_tray_a_stuck_engine_is_reported_after_a_minute(home):
    with Stuck(keeps_time=True) as app:
        app.clock.advance(timedelta(seconds=CHECKED_SECONDS))
        app.services.each_minute()
        assert app.noticed.wait(PATIENCE)
        assert [notice.title for notice in app.sent] == ["traycreds has stopped refreshing"]


@pytest.mark.logs_warnings
def test_without_a_tray_the_second_check_of_the_files_reports_a_stuck_engine(home, monkeypatch):
    with Stuck(keeps_time=False) as app:
        assert 2 * app.services._watch.pause <= CHECKED_SECONDS
        app.clock.advance(timedelta(seconds=CHECKED_SECONDS))
        app.services._watch.nudge()
        assert app.noticed.wait(PATIENCE)
        assert [notice.title for notice in app.sent] == ["traycreds has stopped refreshing"]
