import math

import pytest

from tests.support.builders import NOW
from tests.support.fakes.notifier import RecordingNotifier
from traycreds.app.supervisor import ANSWER_SECONDS, CHECKED_SECONDS, STUCK_SECONDS, Supervisor
from traycreds.core.snapshot import Snapshot, Status
from traycreds.lifecycle import notices
from traycreds.ui.menu import labels

LAST = Snapshot(as_of=NOW, overall=Status.FRESH)
pytestmark = pytest.mark.logs_warnings


class Watched:
    def __init__(self):
        self.stuck, self.takes_messages, self.notifier, self.shown = 0.0, False, RecordingNotifier(), []
        self.supervisor = Supervisor(
            lambda: self.stuck,
            takes_messages=lambda _: self.takes_messages,
            notifier=self.notifier,
            show=self.shown.append,
        )

    def check(self, stuck, *, takes_messages=False):
        self.stuck, self.takes_messages = stuck, takes_messages
        self.supervisor.check(LAST)


def test_an_engine_in_time_is_left_alone():
    watched = Watched()

    watched.check(STUCK_SECONDS)

    assert watched.notifier.sent == watched.shown == []
    assert not watched.supervisor.stopped


def test_an_engine_whose_turn_it_was_while_the_machine_slept_is_not_stuck():
    watched = Watched()

    watched.check(8 * 3600, takes_messages=True)

    assert watched.notifier.sent == watched.shown == []
    assert not watched.supervisor.stopped


@pytest.mark.parametrize(
    "behind",
    [STUCK_SECONDS + 1, CHECKED_SECONDS - 1, CHECKED_SECONDS, CHECKED_SECONDS + 0.5, 8 * 3600],
)
def test_an_engine_that_is_late_is_given_two_seconds_however_long_the_machine_may_have_slept(behind):
    watched, given = Watched(), []
    watched.supervisor = Supervisor(
        lambda: behind,
        takes_messages=lambda seconds: given.append(seconds) or False,
        notifier=watched.notifier,
        show=watched.shown.append,
    )

    assert watched.supervisor.stopped
    assert given == [ANSWER_SECONDS]


@pytest.mark.parametrize("stuck", [STUCK_SECONDS + 1, math.inf], ids=["stuck", "ended"])
def test_an_engine_that_stops_is_reported_once_and_shown(stuck):
    watched = Watched()

    watched.check(stuck)
    watched.check(stuck)

    (notice,) = watched.notifier.sent
    assert (notice.title, notice.body) == ("traycreds has stopped refreshing", notices.RESTART)
    assert notice.urgent
    (shown,) = watched.shown
    assert shown.overall is Status.FAILED
    assert labels.overall(shown) == "traycreds has stopped refreshing sessions"
    assert notice.key in watched.notifier.visible


def test_an_engine_that_comes_back_is_shown_well_again():
    watched = Watched()
    watched.check(math.inf)

    watched.check(0)

    assert watched.shown[-1] is LAST
    assert watched.notifier.visible == {}


@pytest.mark.parametrize("before", [0, math.inf], ids=["well", "stopped"])
def test_an_engine_that_is_ended_on_purpose_is_no_news(before):
    watched = Watched()
    watched.check(before)
    sent, shown = list(watched.notifier.sent), list(watched.shown)

    watched.supervisor.end()
    watched.check(math.inf)

    assert not watched.supervisor.stopped
    assert (watched.notifier.sent, watched.shown) == (sent, shown)


def test_an_engine_that_is_ended_while_someone_asks_for_it_is_no_news():
    watched = Watched()
    watched.supervisor = Supervisor(
        lambda: watched.supervisor.end() or math.inf,
        takes_messages=lambda _: False,
        notifier=watched.notifier,
        show=watched.shown.append,
    )

    watched.check(math.inf)

    assert watched.notifier.sent == watched.shown == []
