"""Whatever raises in a turn, the loop continues: logged with its event, told once, from the last good state."""

from __future__ import annotations

import math
import threading

import pytest

from tests.support.builders import MINUTE, a_session, a_state
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.source import ScriptedSource
from tests.support.fakes.store import MemoryStore
from tests.support.wait_until import until
from tests.unit.engine.turned_engine import DENIED, SOON, TurnedEngine
from traycreds.core.events import Issued, Paused, RoleChosen, Written
from traycreds.engine.clock import SystemClock
from traycreds.engine.decisions import AFTER_FAULT
from traycreds.engine.loop import Engine
from traycreds.lifecycle import apply, plan, presentation

ANNOUNCED = "traycreds hit an unexpected error"


class Once:
    """A function that raises the first time, or as often as it should, when called with what counts."""

    def __init__(self, real, *, counts=lambda *_: True, times=1):
        self.real, self.counts, self.times = real, counts, times

    def __call__(self, *args):
        if self.times and self.counts(*args):
            self.times -= 1
            raise OverflowError("date value out of range")
        return self.real(*args)


pytestmark = pytest.mark.logs_warnings


@pytest.mark.parametrize("kind", [Issued, Written], ids=lambda kind: kind.__name__)
def test_an_event_that_cannot_be_folded_in_is_left_behind(monkeypatch, caplog, kind):
    monkeypatch.setattr(apply, "apply", Once(apply.apply, counts=lambda _, event: isinstance(event, kind)))
    turned = TurnedEngine(a_session())

    turned.handle()
    turned.later(3 * MINUTE)

    assert turned.on_file() is not None, "it was retried"
    assert turned.role().kind is None
    assert f"unexpected error in the event {kind.__name__}; continuing" in caplog.messages
    assert turned.titles.count(ANNOUNCED) == 1


def test_a_plan_that_cannot_be_made_is_made_from_the_last_good_state(monkeypatch, caplog):
    turned = TurnedEngine(a_session())
    turned.handle()
    turned.later(MINUTE)
    monkeypatch.setattr(plan, "plan", Once(plan.plan))

    turned.handle(RoleChosen("dev"))
    turned.later(MINUTE)
    turned.handle(RoleChosen("dev"))

    assert turned.engine.snapshot.roles[0].wanted_default
    assert "unexpected error in the plan after RoleChosen; continuing" in caplog.messages
    assert turned.titles.count(ANNOUNCED) == 1


def test_a_call_whose_answer_broke_the_plan_is_made_again(monkeypatch):
    turned = TurnedEngine(a_session())
    monkeypatch.setattr(plan, "plan", Once(plan.plan, counts=lambda _, state: state.sessions[0].unwritten is not None))

    turned.handle()
    turned.later(3 * MINUTE)

    assert turned.on_file() is not None


def test_what_cannot_be_shown_does_not_keep_sessions_from_being_refreshed(monkeypatch):
    turned = TurnedEngine(a_session())
    monkeypatch.setattr(presentation, "snapshot", Once(presentation.snapshot, times=1000))

    turned.handle()
    turned.later(3 * MINUTE)

    assert turned.on_file() is not None
    assert turned.titles.count(ANNOUNCED) == 1


@pytest.mark.parametrize("action", ["issue", "write"])
def test_an_action_that_cannot_be_begun_is_retried(monkeypatch, action):
    turned = TurnedEngine(a_session())
    jobs = {"issue": turned.engine._jobs, "write": turned.engine._file_jobs}[action]
    monkeypatch.setattr(jobs, action, Once(getattr(jobs, action)))

    turned.handle()
    assert turned.on_file() is None
    turned.later(3 * MINUTE)

    assert turned.on_file() is not None


def test_a_notice_that_cannot_be_begun_is_left_behind(monkeypatch, caplog):
    turned = TurnedEngine(a_session())
    turned.source.fail(DENIED)
    jobs = turned.engine._jobs
    monkeypatch.setattr(jobs, "notify", Once(jobs.notify))

    turned.handle()

    assert "unexpected error in the action Notify; continuing" in caplog.messages
    assert turned.titles == [ANNOUNCED]


def test_a_wait_that_cannot_be_counted_is_short(monkeypatch, caplog):
    turned = TurnedEngine(a_session())
    monkeypatch.setattr(turned.engine, "seconds_to_wait", Once(turned.engine.seconds_to_wait))

    assert turned.engine._begin_to_wait() == AFTER_FAULT.total_seconds()
    assert "unexpected error in the time until the next turn; continuing" in caplog.messages
    assert turned.engine._begin_to_wait() == turned.engine.seconds_to_wait()


def test_a_subscriber_that_fails_all_the_time_is_reported_once():
    turned = TurnedEngine(a_session())
    turned.engine.subscribe(Once(None, times=1000))

    turned.handle()
    turned.later(10 * MINUTE)

    assert turned.titles.count(ANNOUNCED) == 1


def test_the_thread_outlives_whatever_a_turn_raises(monkeypatch, caplog):
    engine = Engine(
        clock=SystemClock(),
        source=ScriptedSource(now=SystemClock().now),
        store=MemoryStore(now=SystemClock().now),
        notifier=RecordingNotifier(),
        state=a_state(a_session(), file_known=False),
    )
    monkeypatch.setattr(engine, "_events", Once(engine._events, times=3))
    passed = threading.Event()
    engine.start()
    for _ in range(5):
        engine.post(Paused(False))
        until(engine._inbox.empty)
    engine.after(lambda _: passed.set())

    assert passed.wait(SOON)
    assert engine.running
    assert engine.stuck_for() < SOON
    engine.stop()
    assert engine.stuck_for() == math.inf
    assert "unexpected error in a turn of the loop; continuing" in caplog.messages


def test_a_loop_that_runs_during_the_check_is_not_stuck(monkeypatch):
    """The thread that looks is held up between two of its looks for longer than a stuck loop is given."""
    turned = TurnedEngine(a_session())
    engine, clock = turned.engine, turned.clock
    engine._thread = threading.current_thread()
    engine._delay._busy_since = clock.monotonic()
    monotonic = clock.monotonic

    def held_up():
        clock.advance(MINUTE)
        engine._delay._busy_since = monotonic()
        return monotonic()

    monkeypatch.setattr(clock, "monotonic", held_up)
    assert engine.stuck_for() == 0


def test_a_loop_that_hangs_in_a_turn_is_stuck():
    turned = TurnedEngine(a_session())
    turned.engine._delay._busy_since = turned.clock.monotonic()
    turned.engine._thread = threading.current_thread()
    turned.clock.advance(MINUTE)

    assert turned.engine.stuck_for() == 60
