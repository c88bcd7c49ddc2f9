"""When AWS or the credentials file fails: what is reported, what is retried, and what never stops the loop."""

from __future__ import annotations

import logging
import threading

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_role, a_session, credentials
from tests.unit.engine.turned_engine import DENIED, FULL, SECOND, GatedStore, TurnedEngine, no_thread
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.events import ConfigChanged, Paused, RefreshAsked, RoleDropped
from traycreds.core.model import Settings
from traycreds.core.snapshot import Status

# Failures of AWS


def test_a_refused_role_is_shown_and_reported_in_its_own_words():
    turned = TurnedEngine(a_session())
    turned.source.fail(DENIED)
    turned.handle()
    view = turned.role()
    assert (view.status, view.kind, view.error, view.hint) == (
        Status.FAILED,
        FailureKind.DENIED,
        "AWS refused dev.",
        "Ask for the role.",
    )
    assert turned.titles == ["dev: no session"]


def test_a_failure_that_passes_is_retried_and_recovery_reported():
    turned = TurnedEngine(a_session())
    turned.source.fail(IssueError(FailureKind.NETWORK, "STS is out of reach.", "Check the network."))
    turned.handle()
    turned.source.heal()
    turned.later(30 * SECOND, step=5 * SECOND)
    assert turned.role().status is Status.FRESH
    assert turned.titles == ["dev: no session", "dev has a session"]


@pytest.mark.logs_warnings
def test_an_unexpected_exception_is_reported_simply_and_logged_with_its_traceback(caplog):
    turned = TurnedEngine(a_session())
    turned.source.fail(ZeroDivisionError("division by zero"))
    turned.handle()
    assert turned.role().kind is FailureKind.UNEXPECTED
    assert turned.role().error == "Could not refresh the session of dev."
    assert turned.role().retry_at > NOW
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.logs_warnings
def test_a_machine_without_threads_left_stops_neither_the_loop_nor_what_comes_after(monkeypatch):
    turned = TurnedEngine(a_session(expires_in=-MINUTE))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        turned.handle()
        assert turned.engine.snapshot.trouble == "Could not process the credentials file."
    turned.later(MINUTE)
    assert turned.role().status is Status.FRESH
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        turned.handle(RefreshAsked(("dev",)))
        assert turned.role().error == "Could not refresh the session of dev."
    turned.later(MINUTE)
    assert (turned.role().status, turned.role().error) == (Status.FRESH, None)


def test_a_call_that_hangs_fails_at_its_deadline_and_its_late_answer_is_dropped():
    turned = TurnedEngine(a_session())
    gate = turned.source.hold("dev")
    turned.engine.turn([])
    turned.take_until(lambda: turned.role().status is Status.REFRESHING and turned.engine._state.calls)
    turned.clock.advance(44 * SECOND)
    turned.engine.turn([Paused(True)])
    assert turned.role().error is None
    turned.clock.advance(SECOND)
    turned.engine.turn([])
    assert turned.role().kind is FailureKind.NETWORK
    assert turned.role().error == "AWS did not respond for dev within 45 seconds."
    gate.set()
    turned.take_until(lambda: not turned.engine._aws._hung)
    assert turned.role().kind is FailureKind.NETWORK
    assert turned.on_file() is None
    turned.handle(RefreshAsked(("dev",)))
    assert turned.role().status is Status.FRESH


def test_the_deadline_of_a_call_is_as_the_settings_say():
    turned = TurnedEngine(a_session(), settings=Settings(call_deadline=10 * SECOND))
    gate = turned.source.hold()
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.calls)
    turned.clock.advance(10 * SECOND)
    turned.engine.turn([])
    assert turned.role().error == "AWS did not respond for dev within 10 seconds."
    gate.set()


def test_an_answer_for_a_role_that_was_changed_meanwhile_is_not_written():
    turned = TurnedEngine(a_session())
    gate = turned.source.hold("dev")
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.calls)
    moved = a_role(profile="elsewhere")
    turned.engine.turn([ConfigChanged((moved,), Settings())])
    gate.set()
    turned.handle()
    assert turned.source.asked == ["dev", "dev"]
    assert turned.on_file("dev-session") is None
    assert turned.on_file("elsewhere") == NOW + HOUR


def test_a_dropped_session_is_removed_only_after_its_call_and_the_answer_is_discarded():
    turned = TurnedEngine(a_session())
    turned.store.sessions["dev-session"] = ("dev", credentials(NOW + MINUTE))
    gate = turned.source.hold("dev")
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.calls)
    turned.engine.turn([RoleDropped("dev")])
    assert not turned.engine._file.busy
    assert turned.on_file() == NOW + MINUTE
    gate.set()
    turned.handle()
    assert turned.on_file() is None
    assert [batch.sets for batch in turned.store.batches] == [()]
    assert turned.role().status is Status.OFF


# Failures of the file


def test_a_file_that_cannot_be_read_is_reported_once_and_nothing_is_asked_of_aws():
    turned = TurnedEngine(a_session())
    turned.store.failure = CredentialsFileError("The file has two sections [dev].", "Remove one.")
    turned.handle()
    turned.later(5 * MINUTE)
    assert turned.engine.snapshot.trouble == "The file has two sections [dev]."
    assert turned.titles == ["Credentials file not written"]
    assert turned.source.asked == []
    turned.store.failure = None
    turned.later(MINUTE)
    assert turned.engine.snapshot.trouble is None
    assert turned.role().status is Status.FRESH


def test_a_write_that_fails_keeps_the_credentials_and_is_retried():
    turned = TurnedEngine(a_session())
    turned.handle(Paused(True))
    turned.store.failure = FULL
    turned.handle(RefreshAsked(("dev",)))
    turned.later(MINUTE)
    assert turned.engine.snapshot.trouble == "The disk is full."
    assert len(turned.store.batches) > 1
    turned.store.failure = None
    turned.later(MINUTE)
    assert turned.on_file() == NOW + HOUR
    assert turned.source.asked == ["dev"], "AWS was asked once"
    assert turned.engine.snapshot.trouble is None


@pytest.mark.logs_warnings
def test_an_unexpected_exception_of_the_store_never_stops_the_loop(caplog):
    turned = TurnedEngine(a_session())
    turned.store.failure = ZeroDivisionError("division by zero")
    turned.handle()
    assert turned.engine.snapshot.trouble == "Could not process the credentials file."
    assert any(record.exc_info for record in caplog.records if record.levelno >= logging.ERROR)
    turned.store.failure = None
    turned.later(MINUTE)
    assert turned.role().status is Status.FRESH


def test_a_file_that_does_not_answer_is_reported_at_its_deadline():
    store = GatedStore("write")
    turned = TurnedEngine(a_session(), store=store)
    turned.engine.turn([])
    turned.take_until(lambda: turned.engine._state.writing)
    turned.clock.advance(29 * SECOND)
    turned.engine.turn([])
    assert turned.engine.snapshot.trouble is None
    turned.clock.advance(SECOND)
    turned.engine.turn([])
    assert turned.engine.snapshot.trouble == "The credentials file took more than 30 seconds to read or write."
    turned.take_until(lambda: not turned.engine._notifier.busy)
    store.let.set()
    turned.later(MINUTE)
    assert turned.on_file() == NOW + HOUR
    assert turned.engine.snapshot.trouble is None


def test_a_foreign_profile_is_reported_once_and_solved_by_a_change_of_the_file():
    turned = TurnedEngine(a_session())
    turned.store.edit_outside(foreign=["dev-session"])
    turned.handle()
    turned.later(10 * MINUTE)
    assert turned.role().kind is FailureKind.FILE
    assert turned.source.asked == ["dev"]
    assert turned.titles == ["dev: no session"]
    turned.store.edit_outside(foreign=["theirs"])
    turned.later(MINUTE)
    assert turned.source.asked == ["dev"], "it would be refused again, at the price of a call"
    turned.store.foreign.clear()
    turned.store.edit_outside()
    turned.later(MINUTE)
    assert turned.role().status is Status.FRESH
    assert turned.titles == ["dev: no session", "dev has a session"]
