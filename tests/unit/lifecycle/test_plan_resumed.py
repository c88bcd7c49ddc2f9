"""After waking: what is due is refreshed at once, and no notice reports a network that is not up yet."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state
from tests.unit.lifecycle.plan_outcomes import SECOND, announced, issued
from traycreds.core.errors import FailureKind
from traycreds.core.events import IssueFailed, Resumed
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan


def woken(*sessions, **changes):
    return apply(a_state(*sessions, **changes), Resumed(NOW))


def test_what_is_due_is_refreshed_at_once_even_if_it_had_failed():
    fresh, over = a_session("fresh", expires_in=HOUR), a_session("over", expires_in=-8 * HOUR)
    failed = a_session("failed", failure=a_failure(retry_at=NOW + 5 * MINUTE))
    assert sorted(issued(plan(NOW, woken(fresh, over, failed)))) == ["failed", "over"]


def test_a_notice_comes_only_after_a_minute():
    state = plan(NOW, woken(a_session(expires_in=-HOUR))).state
    failed = IssueFailed(a_role(), FailureKind.NETWORK, "It is out of reach.", "Check the network.", NOW + SECOND)
    outcome = plan(NOW + SECOND, apply(state, failed))
    assert announced(outcome) == []
    assert outcome.wake_at < NOW + MINUTE
    still = plan(NOW + MINUTE - SECOND, outcome.state)
    assert announced(still) == []
    assert [notice.title for notice in announced(plan(NOW + MINUTE, still.state))] == ["dev: expired"]


def test_the_engine_wakes_at_the_end_of_the_quiet_minute():
    state = woken(a_session(keep=False, expires_in=4 * MINUTE))
    outcome = plan(NOW, state)
    assert announced(outcome) == []
    assert outcome.wake_at == NOW + MINUTE
    assert [notice.title for notice in announced(plan(NOW + MINUTE, outcome.state))] == ["dev: expires in 3 min"]


def test_after_waking_the_network_is_tried_often():
    state = woken(a_session(expires_in=-HOUR, failure=a_failure(attempts=40, retry_at=NOW + 5 * MINUTE)))
    waits, now = [], NOW
    for _ in range(4):
        state = plan(now, state).state
        state = apply(state, IssueFailed(a_role(), FailureKind.NETWORK, "It is out of reach.", "Wait.", now))
        waits.append((state.session("dev").failure.retry_at - now).total_seconds())
        now = state.session("dev").failure.retry_at
    assert waits[0] <= 5
    assert sum(waits) <= 65
    assert max(waits) <= 30


def test_a_refresh_that_waits_for_its_turn_by_a_clock_that_was_far_ahead_does_not_wait_for_that():
    """As with an mfa_process whose next code was due while a proxy said that it is the year 2100."""
    waits = a_session(asked=True, not_before=NOW + 70 * 365 * 24 * HOUR)
    assert issued(plan(NOW, a_state(waits))) == []
    assert issued(plan(NOW, woken(waits))) == ["dev"]


def test_news_that_waited_for_others_by_such_a_clock_comes_after_the_quiet_minute():
    over = a_session("dev", expires_in=-HOUR, failure=a_failure(FailureKind.DENIED))
    others = (a_session("ops", expires_in=HOUR), {"calls": frozenset({"ops"})})
    state = woken(over, others[0], gather_until=NOW + 70 * 365 * 24 * HOUR, **others[1])
    quiet = plan(NOW + MINUTE, state)
    assert announced(quiet) == []
    assert [notice.title for notice in announced(plan(NOW + MINUTE + policy.GATHER, quiet.state))] == ["dev: expired"]


def test_the_failure_of_a_role_that_is_not_kept_is_forgotten_in_time_whatever_the_clock_was():
    ahead = NOW + 70 * 365 * 24 * HOUR
    failed = a_failure(FailureKind.MFA, first_at=ahead, last_at=ahead)
    state = woken(a_session(keep=False, failure=failed))
    assert plan(NOW + policy.SHOW_UNWANTED, state).state.session("dev").failure is None


@pytest.mark.parametrize("kind", [FailureKind.MFA, FailureKind.SIGN_IN])
def test_what_waits_for_a_person_goes_on_waiting(kind):
    outcome = plan(NOW, woken(a_session(failure=a_failure(kind))))
    assert issued(outcome) == []
