"""Who waits for a condition gets the Snapshot, the error that ends the wait, or gives up."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from tests.support.builders import HOUR, NOW, a_session, a_state
from tests.unit.engine.turned_engine import TurnedEngine
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.events import AskForCode, Clicked, RefreshAsked
from traycreds.engine.requests import Waiter
from traycreds.lifecycle import presentation, request_result

STATE = a_state(a_session(expires_in=HOUR))
SHOWN = presentation.snapshot(NOW, STATE)


def test_the_snapshot_comes_once_the_condition_holds():
    waiter = Waiter(lambda now, state: state is STATE, Future())
    assert not waiter.check(NOW, a_state(), SHOWN)
    assert not waiter.future.done()
    assert waiter.check(NOW, STATE, SHOWN)
    assert waiter.future.result(0) == (SHOWN, True)


def test_what_the_condition_finds_comes_with_the_snapshot_even_if_it_is_empty():
    waiter = Waiter(lambda now, state: {}, Future())
    assert waiter.check(NOW, STATE, SHOWN)
    assert waiter.future.result(0) == (SHOWN, {})


def test_an_error_ends_the_wait():
    def never(now, state):
        raise TraycredsError("It cannot be.", "Do something.")

    waiter = Waiter(never, Future())
    assert waiter.check(NOW, STATE, SHOWN)
    with pytest.raises(TraycredsError, match="It cannot be"):
        waiter.future.result(0)


def test_who_gave_up_is_not_asked_for_any_more():
    waiter = Waiter(lambda now, state: pytest.fail("nobody waits"), Future())
    waiter.future.cancel()
    assert waiter.check(NOW, STATE, SHOWN)


def test_who_gives_up_while_the_condition_is_checked_gets_nothing():
    future = Future()
    waiter = Waiter(lambda now, state: future.cancel(), future)
    assert waiter.check(NOW, STATE, SHOWN)
    assert future.cancelled()


def test_who_gives_up_while_the_condition_fails_gets_nothing():
    future = Future()

    def fail(now, state):
        future.cancel()
        raise TraycredsError("It cannot be.", "Do something.")

    waiter = Waiter(fail, future)
    assert waiter.check(NOW, STATE, SHOWN)
    assert future.cancelled()


def test_the_engine_checks_after_each_plan():
    turned = TurnedEngine(a_session())
    future = turned.engine.when(lambda now, state: request_result.kept(now, state, "dev"))
    turned.engine.turn(turned.engine._receive(0))
    assert not future.done()
    turned.handle()
    shown, _ = future.result(0)
    assert shown.roles[0].expires_at is not None
    assert turned.engine._waiters == []


def test_the_snapshot_at_an_action_has_its_cause():
    turned = TurnedEngine(a_session("prod", keep=False))
    turned.source.fail(IssueError(FailureKind.MFA, "A code is needed.", "Enter it.", device="phone"))
    turned.handle(Clicked(RefreshAsked(("prod",)), NOW))
    ((action, shown),) = turned.followed
    assert action == AskForCode("phone")
    assert shown.roles[0].mfa_device == "phone"
