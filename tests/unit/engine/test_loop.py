"""The loop against small working fakes, turn by turn on the test's own thread; started for real only at the end."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, SECRET, a_failure, a_role, a_session, credentials
from tests.support.fakes.notifier import RecordingNotifier
from tests.unit.engine.turned_engine import DENIED, FULL, SECOND, SOON, BrokenNotifier, GatedStore, TurnedEngine
from traycreds.core.events import ConfigChanged, Locked, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import DEFAULT_PROFILE, Settings
from traycreds.core.snapshot import Status

# A refresh, from end to end


def test_a_kept_role_gets_on_file_and_stays_fresh_for_hours():
    turned = TurnedEngine(a_session("dev"), a_session("prod", keep=False), chosen="prod")
    turned.handle()
    assert (
        turned.on_file("dev-session") == turned.on_file("prod-session") == turned.on_file(DEFAULT_PROFILE) == NOW + HOUR
    )
    for _ in range(6 * 12):
        turned.later(5 * MINUTE, step=30 * SECOND)
        for profile in ("dev-session", "prod-session", DEFAULT_PROFILE):
            assert turned.on_file(profile) > turned.clock.now() + 11 * MINUTE
    assert turned.engine.snapshot.overall is Status.FRESH
    assert turned.titles == []
    assert len(turned.source.asked) <= 2 * (6 * 60 / 45 + 1)


def test_a_burst_ends_in_few_writes():
    turned = TurnedEngine(*(a_session(f"role-{n}") for n in range(40)))
    turned.handle()
    assert len(turned.store.sessions) == 40
    written = [write.role for batch in turned.store.batches for write in batch.sets]
    assert sorted(written) == sorted(f"role-{n}" for n in range(40)), "each was written once"


def test_nothing_is_asked_of_aws_before_the_file_was_read():
    store = GatedStore("read")
    turned = TurnedEngine(a_session(), store=store)
    turned.engine.turn([])
    assert store.begun.wait(SOON)
    turned.engine.turn([RefreshAsked()])
    assert turned.source.asked == []
    store.let.set()
    turned.handle()
    assert turned.source.asked == ["dev"]


def test_a_fresh_session_on_file_is_taken_over_without_a_call():
    turned = TurnedEngine(a_session())
    turned.store.sessions["dev-session"] = ("dev", credentials(NOW + HOUR))
    turned.handle()
    assert turned.source.asked == []
    assert turned.role().status is Status.FRESH


def test_at_most_the_allowed_number_of_calls_is_in_progress():
    turned = TurnedEngine(*(a_session(f"role-{n}") for n in range(5)), settings=Settings(max_in_flight=2))
    gate = turned.source.hold()
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.calls)
    assert len(turned.engine._state.calls) == 2
    gate.set()
    turned.handle()
    assert len(turned.source.asked) == 5


def test_a_call_that_hangs_holds_up_no_other_role():
    turned = TurnedEngine(a_session("dev"), a_session("prod"))
    gate = turned.source.hold("dev")
    turned.engine.turn([])
    turned.take_until(lambda: turned.on_file("prod-session"))
    assert turned.on_file("dev-session") is None
    gate.set()


# Looking at the file


def test_a_session_that_someone_removed_is_back_within_half_a_minute():
    turned = TurnedEngine(a_session())
    turned.handle()
    turned.later(5 * SECOND)
    turned.store.edit_outside(lost=["dev-session"])
    turned.later(30 * SECOND, step=10 * SECOND)
    assert turned.on_file() is not None


def test_the_file_is_checked_again_two_seconds_after_a_write():
    turned = TurnedEngine(a_session())
    turned.handle()
    turned.store.edit_outside(lost=["dev-session"])
    turned.clock.advance(SECOND)
    turned.handle()
    assert turned.on_file() is None
    assert turned.engine.seconds_to_wait() == 1
    turned.clock.advance(SECOND)
    turned.handle()
    assert turned.on_file() is not None


def test_a_watched_file_is_checked_when_it_changes():
    turned = TurnedEngine(a_session(), watched=True)
    turned.handle()
    turned.later(5 * SECOND)
    turned.store.edit_outside(lost=["dev-session"])
    turned.later(10 * MINUTE)
    assert turned.on_file() is None
    turned.engine.check_file()
    turned.engine.turn(turned.engine._receive(0))
    turned.handle()
    assert turned.on_file() is not None


def test_a_watched_file_that_could_not_be_worked_on_is_retried_unasked():
    turned = TurnedEngine(a_session(), watched=True)
    turned.store.failure = FULL
    turned.handle()
    assert turned.engine.snapshot.trouble == "The disk is full."
    turned.store.failure = None
    turned.later(30 * SECOND, step=10 * SECOND)
    assert turned.engine.snapshot.trouble is None
    assert turned.on_file() is not None


def test_with_nothing_due_a_watched_engine_wakes_once_a_minute():
    turned = TurnedEngine(a_session(), watched=True)
    turned.handle()
    # By then, the checks after the start and after the write are over.
    turned.later(MINUTE)
    wakes = 0
    end = turned.clock.now() + 10 * MINUTE
    while turned.clock.now() < end:
        turned.clock.advance(timedelta(seconds=turned.engine.seconds_to_wait()))
        turned.handle()
        wakes += 1
    assert wakes <= 11
    assert [view.status for view in turned.engine.snapshot.roles] == [Status.FRESH]


def test_a_changed_configuration_has_the_file_read_at_once():
    turned = TurnedEngine()
    turned.handle()
    turned.store.sessions["dev-session"] = ("dev", credentials(NOW + HOUR))
    turned.handle(ConfigChanged((a_role(keep=True),), Settings()))
    assert turned.role().status is Status.FRESH
    assert turned.on_file() == NOW + HOUR


# Time


@pytest.mark.parametrize("seconds", [4, -4])
def test_a_small_step_of_the_clock_is_nothing(seconds):
    turned = TurnedEngine(a_session())
    turned.source.fail(DENIED)
    turned.handle()
    turned.clock.step(seconds * SECOND)
    turned.handle()
    assert turned.source.asked == ["dev"]


def test_a_loop_that_did_not_run_for_a_minute_and_a_half_slept():
    turned = TurnedEngine(a_session(failure=a_failure(retry_at=NOW + HOUR)))
    turned.handle()
    assert turned.source.asked == []
    turned.clock.advance(90 * SECOND)
    turned.handle()
    assert turned.source.asked == []
    turned.clock.advance(91 * SECOND)
    turned.handle()
    assert turned.source.asked == ["dev"]


def test_the_wait_is_at_most_half_a_minute_and_ends_with_it():
    turned = TurnedEngine()
    turned.handle()
    assert turned.engine.seconds_to_wait() == 30
    turned.clock.advance(12 * SECOND)
    turned.handle()
    assert turned.engine.seconds_to_wait() == 18


def test_the_wait_ends_when_something_is_due():
    turned = TurnedEngine(a_session(keep=False, failure=a_failure(retry_at=NOW + HOUR), keep_until=NOW + 7 * SECOND))
    turned.handle()
    assert turned.engine.seconds_to_wait() == 7
    turned.clock.advance(9 * SECOND)
    assert turned.engine.seconds_to_wait() == 0, "late already, but never less than nothing"


def test_the_wait_ends_at_the_deadline_of_a_job():
    turned = TurnedEngine(a_session(), settings=Settings(call_deadline=5 * SECOND))
    gate = turned.source.hold()
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.calls)
    assert turned.engine.seconds_to_wait() == 5
    gate.set()


# What is published and told


def test_a_snapshot_is_published_when_it_changed_and_only_then():
    turned = TurnedEngine(a_session())
    turned.handle()
    assert turned.published[-1] is turned.engine.snapshot
    assert all(one != next_one for one, next_one in zip(turned.published, turned.published[1:], strict=False))
    before = len(turned.published)
    for _ in range(5):
        turned.clock.advance(SECOND)
        turned.handle()
    assert len(turned.published) == before
    turned.later(MINUTE)
    assert len(turned.published) == before + 1, "labels count minutes"


@pytest.mark.logs_warnings
def test_a_subscriber_that_fails_stops_neither_the_loop_nor_the_others(caplog):
    turned = TurnedEngine(a_session())
    later = []
    turned.engine.subscribe(lambda snapshot: 1 / 0)
    turned.engine.subscribe(later.append)
    turned.handle()
    assert turned.role().status is Status.FRESH
    assert later == turned.published
    assert any(record.getMessage() == "a subscriber failed" for record in caplog.records)


@pytest.mark.logs_warnings
def test_a_notifier_that_fails_never_stops_the_loop(caplog):
    turned = TurnedEngine(a_session(), notifier=BrokenNotifier())
    turned.source.fail(DENIED)
    turned.handle()
    assert turned.titles == ["dev: no session"]
    turned.source.heal()
    turned.handle(RefreshAsked(("dev",)))
    assert turned.role().status is Status.FRESH
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        "a notice could not be shown",
        "a notice could not be shown",
    ]


@pytest.mark.logs_warnings
def test_a_notifier_that_hangs_holds_up_nothing_and_later_notices_get_through(caplog):
    begun, let = threading.Event(), threading.Event()

    class HangingOnce(RecordingNotifier):
        def send(self, notice):
            if not begun.is_set():
                begun.set()
                assert let.wait(SOON)
            super().send(notice)

    turned = TurnedEngine(a_session(), notifier=HangingOnce())
    turned.source.fail(DENIED)
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._notifier.busy)
    assert begun.wait(SOON)
    turned.source.heal()
    turned.engine.turn([RefreshAsked(("dev",))])
    turned.take_until(lambda: turned.role().status is Status.FRESH)
    assert turned.titles == []
    turned.clock.advance(10 * SECOND)
    turned.handle()
    assert turned.titles == ["dev has a session"]
    assert "did not respond within 10 seconds" in caplog.text
    let.set()


def test_the_log_says_what_happened_without_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    turned = TurnedEngine(a_session("dev"), a_session("prod"), chosen="dev")
    turned.source.fail(DENIED, "prod")
    turned.handle()
    turned.store.failure = FULL
    turned.handle(RefreshAsked(("dev",)))
    turned.clock.step(HOUR)
    turned.handle(RoleChosen(None))
    for expected in (
        "dev: new session until 2026-11-24T13:00:00Z",
        "prod: denied: AWS refused dev.",
        "credentials file: 1 written, 0 refused",
        "credentials file: The disk is full.",
        "the machine slept or its clock was set",
    ):
        assert expected in caplog.text
    assert "scripted-" not in caplog.text
    assert SECRET not in caplog.text


def test_others_can_ask_the_engine_whether_notices_may_be_shown_now():
    turned = TurnedEngine(a_session(expires_in=HOUR), settings=Settings(pause_when_locked=True))
    turned.handle()
    assert not turned.engine.muted
    turned.handle(Locked(True, NOW))
    assert turned.engine.muted
    turned.handle(Locked(False, NOW))
    assert turned.engine.muted, "he has just come back"
    turned.clock.advance(MINUTE)
    assert not turned.engine.muted


# The running loop


def test_the_loop_runs_on_a_thread_of_its_own_and_takes_events_from_any():
    turned = TurnedEngine(a_session(keep=False))
    threads = set()
    turned.engine.subscribe(lambda _: threads.add(threading.current_thread().name))
    fresh = threading.Event()
    turned.engine.subscribe(lambda snapshot: fresh.set() if snapshot.roles[0].status is Status.FRESH else None)
    assert not turned.engine.running
    turned.engine.start()
    assert turned.engine.running
    turned.engine.post(RoleSwitched("dev", True))
    assert fresh.wait(SOON)
    turned.engine.stop(SOON)
    assert not turned.engine.running
    assert threads == {"engine"}


def test_others_learn_whether_the_running_loop_takes_what_was_posted():
    turned = TurnedEngine(a_session(keep=False))
    assert not turned.engine.takes_messages(0)
    turned.engine.start()
    assert turned.engine.takes_messages(SOON)
    turned.engine.stop(SOON)


def test_who_waits_for_events_is_called_once_they_are_processed():
    turned = TurnedEngine(a_session(keep=False))
    turned.handle()
    seen = []
    turned.engine.post(RoleSwitched("dev", True))
    turned.engine.after(seen.append)
    assert seen == []
    turned.take()
    assert [snapshot.roles[0].kept for snapshot in seen] == [True]
    turned.handle()
    published = len(turned.published)
    turned.engine.after(seen.append)
    turned.take()
    assert seen[1] is turned.engine.snapshot
    assert len(turned.published) == published, "nothing changed"


def test_stopping_returns_in_time_while_a_call_hangs():
    turned = TurnedEngine(a_session())
    gate = turned.source.hold()
    turned.engine.start()
    assert turned.source.begun.wait(SOON)
    begun = time.monotonic()
    turned.engine.stop(40)
    assert time.monotonic() - begun < SOON
    assert not turned.engine.running
    gate.set()


def test_stopping_waits_for_a_write_in_progress_and_takes_its_news():
    store = GatedStore("write")
    turned = TurnedEngine(a_session(), store=store)
    turned.engine.start()
    assert store.begun.wait(SOON)
    turned.engine.stop(0.05)
    assert turned.engine.running
    store.let.set()
    turned.engine.stop(SOON)
    assert not turned.engine.running
    assert turned.on_file() == NOW + HOUR
    assert turned.role().status is Status.FRESH


def test_stopping_what_never_started_is_nothing():
    TurnedEngine().engine.stop()


def test_an_engine_without_roles_idles():
    turned = TurnedEngine()
    turned.handle()
    assert turned.engine.snapshot.roles == ()
    assert turned.engine.snapshot.overall is Status.OFF
    assert turned.titles == []
