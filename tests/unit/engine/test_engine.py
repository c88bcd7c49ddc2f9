"""The loop against small working fakes, turn by turn on the test's own thread; started for real only at the end."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, SECRET, a_failure, a_role, a_session, a_state, credentials
from tests.fakes.clock import FakeClock
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.source import ScriptedSource
from tests.fakes.store import MemoryStore
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.messages import ConfigChanged, Paused, RefreshAsked, RoleChosen, RoleDropped, RoleSwitched
from traycreds.core.model import DEFAULT_PROFILE, Settings
from traycreds.core.shown import Status
from traycreds.engine.engine import Engine

SECOND = timedelta(seconds=1)
SOON = 10  # real seconds within which a thread of this machine answers; a test that meets it ends at once
DENIED = IssueError(FailureKind.DENIED, "AWS refused dev.", "Ask for the role.")
FULL = CredentialsFileError("The disk is full.", "Make room.")


class GatedStore(MemoryStore):
    """A store whose reads or writes hang until the test lets them go on."""

    def __init__(self, hang, **more):
        super().__init__(**more)
        self.hang = hang
        self.begun, self.let = threading.Event(), threading.Event()

    def _pass(self, what):
        if what == self.hang:
            self.begun.set()
            assert self.let.wait(SOON)

    def read(self):
        self._pass("read")
        return super().read()

    def write(self, batch):
        self._pass("write")
        return super().write(batch)


class BegunSource(ScriptedSource):
    """AWS as a script that tells when it was asked."""

    def __init__(self, **more):
        super().__init__(**more)
        self.begun = threading.Event()

    def issue(self, role):
        self.begun.set()
        return super().issue(role)


class BrokenNotifier(RecordingNotifier):
    """A desktop that breaks its promise never to raise."""

    def send(self, notice):
        super().send(notice)
        raise RuntimeError("no desktop")


def no_thread(_thread):
    """Instead of `Thread.start`, on a machine that has none left."""
    raise RuntimeError("can't start new thread")


class Rig:
    """An engine with its world."""

    def __init__(self, *sessions, store=None, notifier=None, watched=False, **changes):
        self.clock = FakeClock(NOW)
        self.source = BegunSource(now=self.clock.now)
        self.store = store or MemoryStore(now=self.clock.now)
        self.notifier = notifier or RecordingNotifier()
        self.engine = Engine(
            clock=self.clock,
            source=self.source,
            store=self.store,
            notifier=self.notifier,
            state=a_state(*sessions, file_known=False, **changes),
            watched=watched,
        )
        self.published = []
        self.engine.subscribe(self.published.append)

    def tell(self, *events):
        """Events come in, and all that follows from them at this moment is done."""
        self.engine.turn(list(events))
        while any(pool.busy for pool in self.engine._pools):
            self.take()

    def take(self):
        """One turn with what workers deliver next."""
        messages = self.engine._receive(SOON)
        assert messages, "no worker answered"
        self.engine.turn(messages)

    def take_until(self, reached):
        while not reached():
            self.take()

    def later(self, span, step=20 * SECOND):
        """Time passes as the running loop sees it: a look at least every half minute."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            self.tell()

    def on_file(self, profile="dev-session"):
        """The expiry of a profile on file, or None."""
        held = self.store.sessions.get(profile)
        return held[1].expires_at if held else None

    def role(self, name="dev"):
        return next(view for view in self.engine.snapshot.roles if view.name == name)

    @property
    def titles(self):
        return [notice.title for notice in self.notifier.sent]


# a refresh, from end to end


def test_a_kept_role_gets_on_file_and_stays_fresh_for_hours():
    rig = Rig(a_session("dev"), a_session("prod", keep=False), chosen="prod")
    rig.tell()
    assert rig.on_file("dev-session") == rig.on_file("prod-session") == rig.on_file(DEFAULT_PROFILE) == NOW + HOUR
    for _ in range(6 * 12):
        rig.later(5 * MINUTE, step=30 * SECOND)
        for profile in ("dev-session", "prod-session", DEFAULT_PROFILE):
            assert rig.on_file(profile) > rig.clock.now() + 11 * MINUTE
    assert rig.engine.snapshot.overall is Status.FRESH
    assert rig.titles == []
    assert len(rig.source.asked) <= 2 * (6 * 60 / 45 + 1)


def test_a_burst_ends_in_few_writes():
    rig = Rig(*(a_session(f"role-{n}") for n in range(40)))
    rig.tell()
    assert len(rig.store.sessions) == 40
    written = [write.role for batch in rig.store.batches for write in batch.sets]
    assert sorted(written) == sorted(f"role-{n}" for n in range(40)), "each was written once"


def test_nothing_is_asked_of_aws_before_the_file_was_read():
    store = GatedStore("read")
    rig = Rig(a_session(), store=store)
    rig.engine.turn([])
    assert store.begun.wait(SOON)
    rig.engine.turn([RefreshAsked()])
    assert rig.source.asked == []
    store.let.set()
    rig.tell()
    assert rig.source.asked == ["dev"]


def test_a_fresh_session_on_file_is_taken_over_without_a_call():
    rig = Rig(a_session())
    rig.store.sessions["dev-session"] = ("dev", credentials(NOW + HOUR))
    rig.tell()
    assert rig.source.asked == []
    assert rig.role().status is Status.FRESH


def test_at_most_the_allowed_number_of_calls_is_under_way():
    rig = Rig(*(a_session(f"role-{n}") for n in range(5)), settings=Settings(max_in_flight=2))
    gate = rig.source.hold()
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.calls)
    assert len(rig.engine._state.calls) == 2
    gate.set()
    rig.tell()
    assert len(rig.source.asked) == 5


def test_a_call_that_hangs_holds_up_no_other_role():
    rig = Rig(a_session("dev"), a_session("prod"))
    gate = rig.source.hold("dev")
    rig.engine.turn([])
    rig.take_until(lambda: rig.on_file("prod-session"))
    assert rig.on_file("dev-session") is None
    gate.set()


# failures of AWS


def test_a_refused_role_is_shown_and_told_in_its_own_words():
    rig = Rig(a_session())
    rig.source.fail(DENIED)
    rig.tell()
    view = rig.role()
    assert (view.status, view.kind, view.error, view.hint) == (
        Status.FAILED,
        FailureKind.DENIED,
        "AWS refused dev.",
        "Ask for the role.",
    )
    assert rig.titles == ["dev: no session"]


def test_a_failure_that_passes_is_tried_again_and_recovery_told():
    rig = Rig(a_session())
    rig.source.fail(IssueError(FailureKind.NETWORK, "STS is out of reach.", "Check the network."))
    rig.tell()
    rig.source.heal()
    rig.later(30 * SECOND, step=5 * SECOND)
    assert rig.role().status is Status.FRESH
    assert rig.titles == ["dev: no session", "dev is fresh again"]


@pytest.mark.logs_warnings
def test_an_unforeseen_exception_is_told_simply_and_logged_with_its_traceback(caplog):
    rig = Rig(a_session())
    rig.source.fail(ZeroDivisionError("division by zero"))
    rig.tell()
    assert rig.role().kind is FailureKind.UNEXPECTED
    assert rig.role().error == "The session of dev could not be refreshed."
    assert rig.role().retry_at > NOW
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.logs_warnings
def test_a_machine_without_threads_left_stops_neither_the_loop_nor_what_comes_after(monkeypatch):
    rig = Rig(a_session(expires_in=-MINUTE))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        rig.tell()
        assert rig.engine.snapshot.trouble == "The credentials file could not be worked on."
    rig.later(MINUTE)
    assert rig.role().status is Status.FRESH
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        rig.tell(RefreshAsked(("dev",)))
        assert rig.role().error == "The session of dev could not be refreshed."
    rig.later(MINUTE)
    assert (rig.role().status, rig.role().error) == (Status.FRESH, None)


def test_a_call_that_hangs_fails_at_its_deadline_and_its_late_answer_is_dropped():
    rig = Rig(a_session())
    gate = rig.source.hold("dev")
    rig.engine.turn([])
    rig.take_until(lambda: rig.role().status is Status.REFRESHING and rig.engine._state.calls)
    rig.clock.advance(44 * SECOND)
    rig.engine.turn([Paused(True)])
    assert rig.role().error is None
    rig.clock.advance(SECOND)
    rig.engine.turn([])
    assert rig.role().kind is FailureKind.NETWORK
    assert rig.role().error == "AWS did not answer for dev within 45 seconds."
    gate.set()
    rig.take_until(lambda: not rig.engine._aws._hung)
    assert rig.role().kind is FailureKind.NETWORK
    assert rig.on_file() is None
    rig.tell(RefreshAsked(("dev",)))
    assert rig.role().status is Status.FRESH


def test_the_deadline_of_a_call_is_as_the_settings_say():
    rig = Rig(a_session(), settings=Settings(call_deadline=10 * SECOND))
    gate = rig.source.hold()
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.calls)
    rig.clock.advance(10 * SECOND)
    rig.engine.turn([])
    assert rig.role().error == "AWS did not answer for dev within 10 seconds."
    gate.set()


def test_an_answer_for_a_role_that_was_changed_meanwhile_is_not_written():
    rig = Rig(a_session())
    gate = rig.source.hold("dev")
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.calls)
    moved = a_role(profile="elsewhere")
    rig.engine.turn([ConfigChanged((moved,), Settings())])
    gate.set()
    rig.tell()
    assert rig.source.asked == ["dev", "dev"]
    assert rig.on_file("dev-session") is None
    assert rig.on_file("elsewhere") == NOW + HOUR


def test_a_dropped_session_is_removed_only_after_its_call_and_the_answer_is_discarded():
    rig = Rig(a_session())
    rig.store.sessions["dev-session"] = ("dev", credentials(NOW + MINUTE))
    gate = rig.source.hold("dev")
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.calls)
    rig.engine.turn([RoleDropped("dev")])
    assert not rig.engine._file.busy
    assert rig.on_file() == NOW + MINUTE
    gate.set()
    rig.tell()
    assert rig.on_file() is None
    assert [batch.sets for batch in rig.store.batches] == [()]
    assert rig.role().status is Status.OFF


# failures of the file


def test_a_file_that_cannot_be_read_is_told_once_and_nothing_is_asked_of_aws():
    rig = Rig(a_session())
    rig.store.failure = CredentialsFileError("The file has two sections [dev].", "Remove one.")
    rig.tell()
    rig.later(5 * MINUTE)
    assert rig.engine.snapshot.trouble == "The file has two sections [dev]."
    assert rig.titles == ["Credentials file not written"]
    assert rig.source.asked == []
    rig.store.failure = None
    rig.later(MINUTE)
    assert rig.engine.snapshot.trouble is None
    assert rig.role().status is Status.FRESH


def test_a_write_that_fails_keeps_the_credentials_and_is_tried_again():
    rig = Rig(a_session())
    rig.tell(Paused(True))
    rig.store.failure = FULL
    rig.tell(RefreshAsked(("dev",)))
    rig.later(MINUTE)
    assert rig.engine.snapshot.trouble == "The disk is full."
    assert len(rig.store.batches) > 1
    rig.store.failure = None
    rig.later(MINUTE)
    assert rig.on_file() == NOW + HOUR
    assert rig.source.asked == ["dev"], "AWS was asked once"
    assert rig.engine.snapshot.trouble is None


@pytest.mark.logs_warnings
def test_an_unforeseen_exception_of_the_store_never_stops_the_loop(caplog):
    rig = Rig(a_session())
    rig.store.failure = ZeroDivisionError("division by zero")
    rig.tell()
    assert rig.engine.snapshot.trouble == "The credentials file could not be worked on."
    assert any(record.exc_info for record in caplog.records if record.levelno >= logging.ERROR)
    rig.store.failure = None
    rig.later(MINUTE)
    assert rig.role().status is Status.FRESH


def test_a_file_that_does_not_answer_is_told_at_its_deadline():
    store = GatedStore("write")
    rig = Rig(a_session(), store=store)
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.writing)
    rig.clock.advance(29 * SECOND)
    rig.engine.turn([])
    assert rig.engine.snapshot.trouble is None
    rig.clock.advance(SECOND)
    rig.engine.turn([])
    assert rig.engine.snapshot.trouble == "The credentials file did not answer within 30 seconds."
    rig.take_until(lambda: not rig.engine._teller.busy)
    store.let.set()
    rig.later(MINUTE)
    assert rig.on_file() == NOW + HOUR
    assert rig.engine.snapshot.trouble is None


def test_a_profile_that_is_not_ours_is_told_once_and_cured_by_a_change_of_the_file():
    rig = Rig(a_session())
    rig.store.edit_outside(foreign=["dev-session"])
    rig.tell()
    rig.later(10 * MINUTE)
    assert rig.role().kind is FailureKind.FILE
    assert rig.source.asked == ["dev"]
    assert rig.titles == ["dev: no session"]
    rig.store.edit_outside(foreign=["theirs"])
    rig.later(MINUTE)
    assert rig.source.asked == ["dev"], "it would be refused again, at the price of a call"
    rig.store.foreign.clear()
    rig.store.edit_outside()
    rig.later(MINUTE)
    assert rig.role().status is Status.FRESH
    assert rig.titles == ["dev: no session", "dev is fresh again"]


# looking at the file


def test_a_session_that_somebody_removed_is_back_within_half_a_minute():
    rig = Rig(a_session())
    rig.tell()
    rig.later(5 * SECOND)
    rig.store.edit_outside(lost=["dev-session"])
    rig.later(30 * SECOND, step=10 * SECOND)
    assert rig.on_file() is not None


def test_the_file_is_looked_at_again_two_seconds_after_a_write():
    rig = Rig(a_session())
    rig.tell()
    rig.store.edit_outside(lost=["dev-session"])
    rig.clock.advance(SECOND)
    rig.tell()
    assert rig.on_file() is None
    assert rig.engine.seconds_to_wait() == 1
    rig.clock.advance(SECOND)
    rig.tell()
    assert rig.on_file() is not None


def test_a_file_that_somebody_watches_is_looked_at_when_they_say_so():
    rig = Rig(a_session(), watched=True)
    rig.tell()
    rig.later(5 * SECOND)
    rig.store.edit_outside(lost=["dev-session"])
    rig.later(10 * MINUTE)
    assert rig.on_file() is None
    rig.engine.look()
    rig.engine.turn(rig.engine._receive(0))
    rig.tell()
    assert rig.on_file() is not None


def test_a_watched_file_that_could_not_be_worked_on_is_tried_again_unasked():
    rig = Rig(a_session(), watched=True)
    rig.store.failure = FULL
    rig.tell()
    assert rig.engine.snapshot.trouble == "The disk is full."
    rig.store.failure = None
    rig.later(30 * SECOND, step=10 * SECOND)
    assert rig.engine.snapshot.trouble is None
    assert rig.on_file() is not None


def test_with_nothing_due_a_watched_engine_wakes_once_a_minute():
    rig = Rig(a_session(), watched=True)
    rig.tell()
    rig.later(MINUTE)  # the looks after the start and after the write are over
    wakes = 0
    end = rig.clock.now() + 10 * MINUTE
    while rig.clock.now() < end:
        rig.clock.advance(timedelta(seconds=rig.engine.seconds_to_wait()))
        rig.tell()
        wakes += 1
    assert wakes <= 11
    assert [view.status for view in rig.engine.snapshot.roles] == [Status.FRESH]


def test_a_changed_configuration_has_the_file_read_at_once():
    rig = Rig()
    rig.tell()
    rig.store.sessions["dev-session"] = ("dev", credentials(NOW + HOUR))
    rig.tell(ConfigChanged((a_role(keep=True),), Settings()))
    assert rig.role().status is Status.FRESH
    assert rig.on_file() == NOW + HOUR


# time


def test_a_jump_of_the_clock_ends_every_wait():
    rig = Rig(a_session())
    rig.source.fail(DENIED)
    rig.tell()
    rig.clock.step(-2 * HOUR)
    rig.tell()
    assert rig.source.asked == ["dev", "dev"]


@pytest.mark.parametrize("seconds", [4, -4])
def test_a_small_step_of_the_clock_is_nothing(seconds):
    rig = Rig(a_session())
    rig.source.fail(DENIED)
    rig.tell()
    rig.clock.step(seconds * SECOND)
    rig.tell()
    assert rig.source.asked == ["dev"]


def test_a_loop_that_did_not_run_for_a_minute_and_a_half_slept():
    rig = Rig(a_session(failure=a_failure(retry_at=NOW + HOUR)))
    rig.tell()
    assert rig.source.asked == []
    rig.clock.advance(90 * SECOND)
    rig.tell()
    assert rig.source.asked == []
    rig.clock.advance(91 * SECOND)
    rig.tell()
    assert rig.source.asked == ["dev"]


def test_the_wait_is_at_most_half_a_minute_and_ends_with_it():
    rig = Rig()
    rig.tell()
    assert rig.engine.seconds_to_wait() == 30
    rig.clock.advance(12 * SECOND)
    rig.tell()
    assert rig.engine.seconds_to_wait() == 18


def test_the_wait_ends_when_something_is_due():
    rig = Rig(a_session(keep=False, failure=a_failure(retry_at=NOW + HOUR), keep_until=NOW + 7 * SECOND))
    rig.tell()
    assert rig.engine.seconds_to_wait() == 7
    rig.clock.advance(9 * SECOND)
    assert rig.engine.seconds_to_wait() == 0, "late already, but never less than nothing"


def test_the_wait_ends_at_the_deadline_of_a_job():
    rig = Rig(a_session(), settings=Settings(call_deadline=5 * SECOND))
    gate = rig.source.hold()
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._state.calls)
    assert rig.engine.seconds_to_wait() == 5
    gate.set()


# what is published and told


def test_a_snapshot_is_published_when_it_changed_and_only_then():
    rig = Rig(a_session())
    rig.tell()
    assert rig.published[-1] is rig.engine.snapshot
    assert all(one != next_one for one, next_one in zip(rig.published, rig.published[1:], strict=False))
    before = len(rig.published)
    for _ in range(5):
        rig.clock.advance(SECOND)
        rig.tell()
    assert len(rig.published) == before
    rig.later(MINUTE)
    assert len(rig.published) == before + 1, "labels count minutes"


@pytest.mark.logs_warnings
def test_a_subscriber_that_fails_stops_neither_the_loop_nor_the_others(caplog):
    rig = Rig(a_session())
    later = []
    rig.engine.subscribe(lambda snapshot: 1 / 0)
    rig.engine.subscribe(later.append)
    rig.tell()
    assert rig.role().status is Status.FRESH
    assert later == rig.published
    assert any(record.getMessage() == "a subscriber failed" for record in caplog.records)


@pytest.mark.logs_warnings
def test_a_notifier_that_fails_never_stops_the_loop(caplog):
    rig = Rig(a_session(), notifier=BrokenNotifier())
    rig.source.fail(DENIED)
    rig.tell()
    assert rig.titles == ["dev: no session"]
    rig.source.heal()
    rig.tell(RefreshAsked(("dev",)))
    assert rig.role().status is Status.FRESH
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

    rig = Rig(a_session(), notifier=HangingOnce())
    rig.source.fail(DENIED)
    rig.engine.turn([])
    rig.take_until(lambda: rig.engine._teller.busy)
    assert begun.wait(SOON)
    rig.source.heal()
    rig.engine.turn([RefreshAsked(("dev",))])
    rig.take_until(lambda: rig.role().status is Status.FRESH)
    assert rig.titles == []
    rig.clock.advance(10 * SECOND)
    rig.tell()
    assert rig.titles == ["dev is fresh again"]
    assert "did not answer within 10 seconds" in caplog.text
    let.set()


def test_the_log_says_what_happened_without_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    rig = Rig(a_session("dev"), a_session("prod"), chosen="dev")
    rig.source.fail(DENIED, "prod")
    rig.tell()
    rig.store.failure = FULL
    rig.tell(RefreshAsked(("dev",)))
    rig.clock.step(HOUR)
    rig.tell(RoleChosen(None))
    for expected in (
        "dev: new session until 2026-11-24T13:00:00+00:00",
        "prod: denied: AWS refused dev.",
        "credentials file: 1 written, 0 refused",
        "credentials file: The disk is full.",
        "the machine slept or its clock was set",
    ):
        assert expected in caplog.text
    assert "scripted-" not in caplog.text
    assert SECRET not in caplog.text


# the running loop


def test_the_loop_runs_on_a_thread_of_its_own_and_takes_events_from_any():
    rig = Rig(a_session(keep=False))
    threads = set()
    rig.engine.subscribe(lambda _: threads.add(threading.current_thread().name))
    fresh = threading.Event()
    rig.engine.subscribe(lambda snapshot: fresh.set() if snapshot.roles[0].status is Status.FRESH else None)
    assert not rig.engine.running
    rig.engine.start()
    assert rig.engine.running
    rig.engine.post(RoleSwitched("dev", True))
    assert fresh.wait(SOON)
    rig.engine.stop(SOON)
    assert not rig.engine.running
    assert threads == {"engine"}


def test_who_asks_what_came_of_his_events_is_told_when_they_are_taken_in():
    rig = Rig(a_session(keep=False))
    rig.tell()
    seen = []
    rig.engine.post(RoleSwitched("dev", True))
    rig.engine.after(seen.append)
    assert seen == []
    rig.take()
    assert [snapshot.roles[0].kept for snapshot in seen] == [True]
    rig.tell()
    published = len(rig.published)
    rig.engine.after(seen.append)
    rig.take()
    assert seen[1] is rig.engine.snapshot
    assert len(rig.published) == published, "nothing changed"


def test_stopping_returns_in_time_while_a_call_hangs():
    rig = Rig(a_session())
    gate = rig.source.hold()
    rig.engine.start()
    assert rig.source.begun.wait(SOON)
    begun = time.monotonic()
    rig.engine.stop(5)
    assert time.monotonic() - begun < 4
    assert not rig.engine.running
    gate.set()


def test_stopping_waits_for_a_write_under_way_and_takes_its_news():
    store = GatedStore("write")
    rig = Rig(a_session(), store=store)
    rig.engine.start()
    assert store.begun.wait(SOON)
    rig.engine.stop(0.05)
    assert rig.engine.running
    store.let.set()
    rig.engine.stop(SOON)
    assert not rig.engine.running
    assert rig.on_file() == NOW + HOUR
    assert rig.role().status is Status.FRESH


def test_stopping_what_never_started_is_nothing():
    Rig().engine.stop()


def test_an_engine_without_roles_idles():
    rig = Rig()
    rig.tell()
    assert rig.engine.snapshot.roles == ()
    assert rig.engine.snapshot.overall is Status.OFF
    assert rig.titles == []
