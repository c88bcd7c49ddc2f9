"""While the screen is locked nothing is renewed, if the user wants it so; who comes back finds all fresh, and quiet."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state
from tests.unit.lifecycle.plan_outcomes import SECOND, issued, titles
from traycreds.core.events import ConfigChanged, Locked, Paused, RefreshAsked
from traycreds.core.model import Settings
from traycreds.core.snapshot import Status
from traycreds.lifecycle import presentation
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

OPTED = Settings(pause_when_locked=True)


def locked(*sessions, settings=OPTED, **changes):
    return apply(a_state(*sessions, settings=settings, **changes), Locked(True, NOW))


def test_behind_a_lock_nothing_is_renewed_or_announced():
    failing = a_session("prod", expires_in=-MINUTE, failure=a_failure(retry_at=NOW))
    state = locked(a_session(expires_in=MINUTE), failing)
    outcome = plan(NOW, state)
    assert (issued(outcome), titles(outcome)) == ([], [])
    assert presentation.snapshot(NOW, state).paused


def test_others_that_send_notices_know_when_they_may_not():
    state = locked(a_session(expires_in=HOUR))
    unlocked = apply(state, Locked(False, NOW))
    assert state.muted(NOW)
    assert unlocked.muted(NOW + MINUTE - SECOND)
    assert not unlocked.muted(NOW + MINUTE)


def test_without_the_option_the_lock_means_nothing():
    state = locked(a_session(expires_in=MINUTE), settings=Settings())
    assert issued(plan(NOW, state)) == ["dev"]
    assert not presentation.snapshot(NOW, state).paused
    assert not state.muted(NOW)
    assert apply(state, Locked(False, NOW)).quiet_until is None


def test_who_asks_from_elsewhere_is_served_behind_a_lock():
    assert issued(plan(NOW, apply(locked(a_session(expires_in=MINUTE)), RefreshAsked(("dev",))))) == ["dev"]


def test_after_unlocking_what_is_due_is_refreshed_at_once_and_a_minute_is_quiet():
    failed = a_session("prod", expires_in=-HOUR, failure=a_failure(attempts=9, retry_at=NOW + 5 * MINUTE))
    unlocked = apply(locked(a_session(expires_in=-HOUR), failed, a_session("ops", expires_in=HOUR)), Locked(False, NOW))
    outcome = plan(NOW, unlocked)
    assert sorted(issued(outcome)) == ["dev", "prod"]
    ending = apply(locked(a_session(expires_in=4 * MINUTE, keep=False)), Locked(False, NOW))
    assert titles(plan(NOW + MINUTE - SECOND, ending)) == []
    assert titles(plan(NOW + MINUTE, ending)) == ["dev: expires in 3 min"]


def test_unlocking_does_not_end_the_users_own_pause():
    state = apply(locked(a_session(expires_in=MINUTE), paused=True), Locked(False, NOW))
    assert issued(plan(NOW, state)) == []
    assert issued(plan(NOW, apply(state, Paused(False)))) == ["dev"]


@pytest.mark.parametrize(("settings", "names"), [(OPTED, []), (Settings(), ["dev"])])
def test_the_option_may_change_behind_the_lock(settings, names):
    session = a_session(expires_in=MINUTE)
    state = apply(locked(session, settings=Settings()), ConfigChanged((session.role,), settings))
    assert issued(plan(NOW, state)) == names


def test_a_role_without_a_session_is_off_behind_a_lock():
    assert presentation.snapshot(NOW, locked(a_session())).roles[0].status is Status.OFF
