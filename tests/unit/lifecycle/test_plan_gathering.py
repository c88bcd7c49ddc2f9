"""News of many roles comes as one: the first waits a moment for the roles that are being tried."""

from __future__ import annotations

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state, credentials
from tests.unit.lifecycle.plan_outcomes import SECOND, titles
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import policy
from traycreds.lifecycle.plan import plan

SOON = policy.GATHER


def failed(name, **changes):
    return a_session(name, failure=a_failure(retry_at=NOW + HOUR, **changes))


def announced(name, **changes):
    """Told to fail, and fresh again."""
    return a_session(name, expires_in=HOUR, announced=Announced(kind=FailureKind.NETWORK, expires_at=None), **changes)


def allowed(name, **changes):
    """Told to be refused, and fresh again."""
    return a_session(name, expires_in=HOUR, announced=Announced(kind=FailureKind.DENIED, expires_at=None), **changes)


def calling(*sessions, names):
    return a_state(*sessions, calls=frozenset(names))


def test_a_failure_waits_for_the_roles_that_are_being_tried():
    first = plan(NOW, calling(failed("a"), a_session("b"), names={"b"}))
    assert titles(first) == []
    assert first.wake_at == NOW + SOON
    assert titles(plan(NOW + SECOND, first.state)) == []
    both = calling(failed("a"), failed("b"), names=()).sessions
    outcome = plan(NOW + SECOND, a_state(*both, gather_until=first.state.gather_until))
    assert titles(outcome) == ["2 roles: no usable response from AWS"]
    assert outcome.state.gather_until is None
    assert titles(plan(NOW + SECOND, outcome.state)) == []


def test_but_not_for_long():
    """A call may hang."""
    waits = plan(NOW, calling(failed("a"), a_session("hangs"), names={"hangs"}))
    assert titles(plan(NOW + SOON - SECOND, waits.state)) == []
    assert titles(plan(NOW + SOON, waits.state)) == ["a: no session"]


def test_a_failure_that_is_retried_waits_for_nobody():
    assert titles(plan(NOW, calling(failed("a"), names={"a"}))) == ["a: no session"]


def test_outdated_news_is_not_waited_for():
    waits = plan(NOW, calling(failed("a"), a_session("b"), names={"b"})).state
    well = plan(NOW + SECOND, a_state(a_session("a", expires_in=HOUR), gather_until=waits.gather_until))
    assert titles(well) == []
    assert well.state.gather_until is None


def test_recovery_waits_for_those_that_are_being_tried_or_soon_will_be():
    ill = a_failure(retry_at=NOW + 3 * SECOND)
    still = a_session("b", failure=ill, announced=Announced(kind=FailureKind.NETWORK, expires_at=None))
    waits = plan(NOW, a_state(announced("a"), still))
    assert titles(waits) == []
    trying = plan(NOW + 4 * SECOND, waits.state)
    assert titles(trying) == []
    assert trying.state.calls == {"b"}
    both = plan(NOW + 4 * SECOND, a_state(announced("a"), announced("b"), gather_until=trying.state.gather_until))
    assert titles(both) == ["a and b have sessions"]


def test_recovery_waits_for_what_is_not_on_file_yet():
    waits = plan(NOW, a_state(allowed("a"), allowed("b", unwritten=credentials()), writing=True))
    assert titles(waits) == []
    assert titles(plan(NOW + SOON, waits.state)) == ["a has a session"]


def test_recovery_waits_for_nobody_who_is_tried_later():
    later = a_failure(FailureKind.DENIED, retry_at=NOW + MINUTE)
    still = a_session("b", failure=later, announced=Announced(kind=FailureKind.DENIED, expires_at=None))
    assert titles(plan(NOW, a_state(allowed("a"), still))) == ["a has a session"]


def test_what_a_person_does_at_the_file_and_ends_that_near_do_not_wait():
    ending = a_session("ends", expires_in=MINUTE, keep=False)
    outcome = plan(NOW, calling(failed("a"), ending, a_session("b"), names={"b"}))
    assert titles(outcome) == ["ends: expires in 1 min"]
