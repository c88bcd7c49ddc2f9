"""After waking: what is due is refreshed at once, and nobody is told of a network that is not up yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state
from traycreds.core.decide import plan
from traycreds.core.errors import FailureKind
from traycreds.core.facts import apply
from traycreds.core.messages import Issue, IssueFailed, Notify, Resumed

SECOND = timedelta(seconds=1)


def told(outcome):
    return [action for action in outcome.actions if isinstance(action, Notify)]


def woken(*sessions, **changes):
    return apply(a_state(*sessions, **changes), Resumed(NOW))


def test_what_is_due_is_refreshed_at_once_even_if_it_had_failed():
    fresh, over = a_session("fresh", expires_in=HOUR), a_session("over", expires_in=-8 * HOUR)
    failed = a_session("failed", failure=a_failure(retry_at=NOW + 5 * MINUTE))
    issues = [action.role.name for action in plan(NOW, woken(fresh, over, failed)).actions if isinstance(action, Issue)]
    assert sorted(issues) == ["failed", "over"]


def test_for_a_minute_nothing_is_told_and_then_it_is():
    state = plan(NOW, woken(a_session(expires_in=-HOUR))).state
    failed = IssueFailed(a_role(), FailureKind.NETWORK, "It is out of reach.", "Check the network.", NOW + SECOND)
    outcome = plan(NOW + SECOND, apply(state, failed))
    assert told(outcome) == []
    assert outcome.wake_at < NOW + MINUTE
    still = plan(NOW + MINUTE - SECOND, outcome.state)
    assert told(still) == []
    assert [notice.title for notice in told(plan(NOW + MINUTE, still.state))] == ["dev: session expired"]


def test_the_end_of_the_quiet_minute_is_looked_at():
    state = woken(a_session(keep=False, expires_in=4 * MINUTE))
    outcome = plan(NOW, state)
    assert told(outcome) == []
    assert outcome.wake_at == NOW + MINUTE
    assert [notice.title for notice in told(plan(NOW + MINUTE, outcome.state))] == ["dev: session expires in 3 min"]


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


@pytest.mark.parametrize("kind", [FailureKind.MFA, FailureKind.SIGN_IN])
def test_what_waits_for_a_person_goes_on_waiting(kind):
    outcome = plan(NOW, woken(a_session(failure=a_failure(kind))))
    assert not [action for action in outcome.actions if isinstance(action, Issue)]
