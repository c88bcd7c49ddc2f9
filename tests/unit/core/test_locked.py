"""While the screen is locked nothing is renewed, if the user wants it so; who comes back finds all fresh, and quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state
from traycreds.core import views
from traycreds.core.decide import plan
from traycreds.core.facts import apply
from traycreds.core.messages import ConfigChanged, Issue, Locked, Notify, Paused, RefreshAsked
from traycreds.core.model import Settings
from traycreds.core.shown import Status

SECOND = timedelta(seconds=1)
OPTED = Settings(pause_when_locked=True)


def locked(*sessions, settings=OPTED, **changes):
    return apply(a_state(*sessions, settings=settings, **changes), Locked(True, NOW))


def asked(outcome):
    return [action.role.name for action in outcome.actions if isinstance(action, Issue)]


def told(outcome):
    return [action.title for action in outcome.actions if isinstance(action, Notify)]


def test_behind_a_lock_nothing_is_renewed_nor_told():
    failing = a_session("prod", expires_in=-MINUTE, failure=a_failure(retry_at=NOW))
    state = locked(a_session(expires_in=MINUTE), failing)
    outcome = plan(NOW, state)
    assert (asked(outcome), told(outcome)) == ([], [])
    assert views.snapshot(NOW, state).paused


def test_others_that_tell_something_can_see_that_it_is_not_the_moment():
    state = locked(a_session(expires_in=HOUR))
    unlocked = apply(state, Locked(False, NOW))
    assert views.snapshot(NOW, state).hushed
    assert views.snapshot(NOW + MINUTE - SECOND, unlocked).hushed
    assert not views.snapshot(NOW + MINUTE, unlocked).hushed


def test_without_the_option_the_lock_means_nothing():
    state = locked(a_session(expires_in=MINUTE), settings=Settings())
    assert asked(plan(NOW, state)) == ["dev"]
    assert not views.snapshot(NOW, state).paused
    assert not views.snapshot(NOW, state).hushed
    assert apply(state, Locked(False, NOW)).quiet_until is None


def test_who_asks_from_elsewhere_is_served_behind_a_lock():
    assert asked(plan(NOW, apply(locked(a_session(expires_in=MINUTE)), RefreshAsked(("dev",))))) == ["dev"]


def test_after_unlocking_what_is_due_is_refreshed_at_once_and_a_minute_is_quiet():
    failed = a_session("prod", expires_in=-HOUR, failure=a_failure(attempts=9, retry_at=NOW + 5 * MINUTE))
    unlocked = apply(locked(a_session(expires_in=-HOUR), failed, a_session("ops", expires_in=HOUR)), Locked(False, NOW))
    outcome = plan(NOW, unlocked)
    assert sorted(asked(outcome)) == ["dev", "prod"]
    ending = apply(locked(a_session(expires_in=4 * MINUTE, keep=False)), Locked(False, NOW))
    assert told(plan(NOW + MINUTE - SECOND, ending)) == []
    assert told(plan(NOW + MINUTE, ending)) == ["dev: session expires in 3 min"]


def test_unlocking_does_not_end_the_users_own_pause():
    state = apply(locked(a_session(expires_in=MINUTE), paused=True), Locked(False, NOW))
    assert asked(plan(NOW, state)) == []
    assert asked(plan(NOW, apply(state, Paused(False)))) == ["dev"]


@pytest.mark.parametrize(("settings", "names"), [(OPTED, []), (Settings(), ["dev"])])
def test_the_option_may_change_behind_the_lock(settings, names):
    session = a_session(expires_in=MINUTE)
    state = apply(locked(session, settings=Settings()), ConfigChanged((session.role,), settings))
    assert asked(plan(NOW, state)) == names


def test_a_role_without_a_session_is_off_behind_a_lock():
    assert views.snapshot(NOW, locked(a_session())).roles[0].status is Status.OFF
