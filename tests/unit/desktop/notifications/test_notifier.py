from __future__ import annotations

import threading
import time

import pytest

from tests.support.wait_until import PATIENCE, until
from traycreds.core.events import Notify
from traycreds.core.ports import Notifier
from traycreds.desktop.notifications.notifier import DesktopNotifier
from traycreds.desktop.notifications.permission import NotAllowedError

NOTICE = Notify("dev", "dev failed", "No network.")


def failing(error):
    """A way that raises."""

    def way(notice):
        raise error

    return way


def test_it_fits_the_port():
    fits: Notifier = DesktopNotifier([])
    assert fits


def test_the_first_way_that_works_is_the_only_one():
    first, second = [], []
    notifier = DesktopNotifier([first.append, second.append])
    notifier.send(NOTICE)
    assert (first, second, notifier.failures) == ([NOTICE], [], 0)


def test_the_next_way_is_tried_when_one_fails():
    shown = []
    DesktopNotifier([failing(ImportError("no such thing")), failing(OSError()), shown.append]).send(NOTICE)
    assert shown == [NOTICE]


def test_nobody_goes_round_a_refusal_of_the_user(caplog):
    shown = []
    notifier = DesktopNotifier([failing(NotAllowedError("the user does not allow notices")), shown.append])
    notifier.send(NOTICE)
    sent = notifier.sent(NOTICE)
    assert (sent.by, sent.hint.partition(".")[0]) == (None, "It failed: the user does not allow notices")
    assert (shown, notifier.failures, caplog.records) == ([], 0, []), "the menu tells it"


@pytest.mark.logs_warnings
def test_the_reason_for_an_unsent_notice_is_reported():
    sent = DesktopNotifier([failing(OSError("away")), failing(TimeoutError("hangs"))]).sent(NOTICE)
    assert (sent.by, sent.hint.partition(".")[0]) == (None, "It failed: away; hangs")


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt(), NotImplementedError()])
def test_nothing_that_a_way_raises_gets_out(error):
    notifier = DesktopNotifier([failing(error)])
    notifier.send(NOTICE)
    assert notifier.failures == 1


@pytest.mark.logs_warnings
def test_a_machine_without_threads_left_is_a_counted_failure(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    shown = []
    notifier = DesktopNotifier([shown.append])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        notifier.send(NOTICE)
    assert (notifier.failures, shown) == (1, [])
    notifier.send(NOTICE)
    assert shown == [NOTICE]


@pytest.mark.logs_warnings
def test_without_any_way_it_is_counted():
    notifier = DesktopNotifier([])
    notifier.send(NOTICE)
    assert notifier.failures == 1


@pytest.mark.logs_warnings
def test_a_row_of_failures_is_logged_once_and_a_new_row_again(caplog):
    works = [False]

    def way(notice):
        if not works[0]:
            raise OSError("away")

    notifier = DesktopNotifier([way])
    for state in (False, False, True, False, False):
        works[0] = state
        notifier.send(NOTICE)
    assert notifier.failures == 4
    assert [record.getMessage() for record in caplog.records] == ["Notifications cannot be shown (OSError: away)."] * 2


@pytest.mark.logs_warnings
def test_a_way_that_hangs_costs_the_limit_once_and_is_used_again_when_it_is_free():
    go = threading.Event()
    calls = []

    def hangs(notice):
        calls.append(notice)
        go.wait(60)

    notifier = DesktopNotifier([hangs], limit=0.5)
    began = time.monotonic()
    notifier.send(NOTICE)
    for _ in range(100):
        notifier.send(NOTICE)
    assert time.monotonic() - began < PATIENCE
    assert (len(calls), notifier.failures) == (1, 101)
    go.set()
    until(lambda: not notifier._hung[0].pending, "it has ended")
    notifier.send(NOTICE)
    assert (len(calls), notifier.failures) == (2, 101)
