"""One outage is reported as one, however many roles it hits and whatever it looks like meanwhile."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state
from tests.unit.lifecycle.plan_outcomes import SECOND, announced, titles
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.value_class import replace
from traycreds.lifecycle import alerts, policy
from traycreds.lifecycle.plan import plan

LATER = NOW + HOUR
NETWORK, THROTTLED, DENIED, EXPIRED = (
    FailureKind.NETWORK,
    FailureKind.THROTTLED,
    FailureKind.DENIED,
    FailureKind.SOURCE_EXPIRED,
)


def failing(name, kind=NETWORK, **changes):
    return a_session(name, failure=a_failure(kind, retry_at=LATER), **changes)


def turned(state, kind, *names):
    """The state in which these roles (or all) fail for another kind of cause."""
    failure = a_failure(kind, retry_at=LATER)
    return state.map(lambda s: replace(s, failure=failure) if not names or s.role.name in names else s)


def healed(state, *names, at=NOW):
    def well(session):
        return replace(session, failure=None, issued_at=at, expires_at=at + HOUR)

    return state.map(lambda s: well(s) if s.role.name in names else s)


def test_causes_that_pass_by_themselves_are_reported_as_one_however_they_change():
    state = plan(NOW, a_state(failing("dev"))).state
    for kind in (THROTTLED, NETWORK, FailureKind.UNEXPECTED, THROTTLED):
        outcome = plan(NOW, turned(state, kind))
        assert titles(outcome) == []
        state = outcome.state


def test_a_change_to_a_cause_for_the_user_is_reported_and_the_change_back_is_not():
    state = plan(NOW, a_state(failing("dev"))).state
    refused = plan(NOW, turned(state, DENIED))
    assert [notice.key for notice in announced(refused)] == ["failing-denied"]
    back = plan(NOW, turned(refused.state, NETWORK))
    assert titles(back) == []
    assert titles(plan(NOW, turned(back.state, DENIED))) == []


def test_roles_that_fail_for_various_causes_that_pass_share_a_notice():
    (notice,) = announced(plan(NOW, a_state(failing("a"), failing("b", THROTTLED), failing("c"))))
    assert notice.title == "3 roles: no usable response from AWS; AWS is throttling requests"
    assert notice.key == "failing-network"


def test_roles_that_join_an_outage_are_reported_once_their_number_doubles():
    state = a_state(*(a_session(f"role-{n:02}", expires_in=HOUR) for n in range(12)))
    ended = []
    for n in range(12):
        name = f"role-{n:02}"
        ill = failing(name)
        outcome = plan(NOW, state.map(lambda s, name=name, ill=ill: ill if s.role.name == name else s))
        ended += [len(notice.roles) for notice in announced(outcome)]
        state = outcome.state
    assert ended == [1, 2, 4, 8]


def test_who_refreshes_a_role_by_hand_learns_that_the_outage_affects_it():
    state = plan(NOW, a_state(*map(failing, "abc"), a_session("hand", expires_in=HOUR, keep=False))).state
    outcome = plan(NOW, turned(state.map(lambda s: replace(s, expires_at=None)), NETWORK, "hand"))
    assert [notice.roles for notice in announced(outcome)] == [("a", "b", "c", "hand")]
    assert titles(plan(NOW, outcome.state)) == []


def test_each_role_that_joins_a_cause_for_the_user_is_reported_with_all_that_need_the_same():
    early = failing("early", EXPIRED, expires_in=10 * MINUTE)
    first = plan(NOW, a_state(failing("a", EXPIRED), early, a_session("fresh", expires_in=HOUR)))
    assert [notice.roles for notice in announced(first)] == [("a", "early")]
    assert titles(plan(NOW + 6 * MINUTE, first.state)) == [], "early was reported"
    joined = plan(NOW, first.state.map(lambda s: failing("fresh", EXPIRED) if s.role.name == "fresh" else s))
    assert [notice.roles for notice in announced(joined)] == [("a", "early", "fresh")]


def test_what_may_pass_while_the_session_is_good_is_not_reported_with_others():
    outcome = plan(NOW, a_state(failing("a"), failing("early", expires_in=10 * MINUTE)))
    assert [notice.roles for notice in announced(outcome)] == [("a",)]


def test_the_end_of_an_outage_is_reported_once_when_all_are_well():
    state = plan(NOW, a_state(*map(failing, "abc"))).state
    for name in "ab":
        outcome = plan(NOW + SECOND, healed(state, name))
        assert titles(outcome) == []
        state = outcome.state
    assert titles(plan(NOW + SECOND, healed(state, "c"))) == ["a, b and c have sessions"]


@pytest.mark.parametrize("announced", [True, False])
def test_but_nobody_waits_long_for_one_whose_trouble_is_its_own(announced):
    state = plan(NOW, a_state(failing("a"), failing("b"))).state
    if not announced:
        state = state.map(lambda s: replace(s, announced=None) if s.role.name == "b" else s)
    state = healed(state, "a")
    assert "a has a session" not in titles(plan(NOW + policy.TOGETHER - SECOND, state))
    assert "a has a session" in titles(plan(NOW + policy.TOGETHER, state))


def test_who_is_refused_no_more_does_not_wait_for_an_outage_to_end():
    well = a_session("a", expires_in=HOUR, announced=Announced(kind=DENIED, expires_at=None))
    still = failing("b", announced=Announced(kind=NETWORK, expires_at=None))
    assert titles(plan(NOW, a_state(well, still))) == ["a has a session"]


def test_a_session_that_another_program_wrote_is_reported_at_once():
    well = a_session("a", expires_in=HOUR, issued_at=None, announced=Announced(kind=NETWORK, expires_at=None))
    still = failing("b", announced=Announced(kind=NETWORK, expires_at=None))
    assert titles(plan(NOW, a_state(well, still))) == ["a has a session"]


def test_a_notice_about_one_role_changes_no_other():
    state = a_state(a_session("a"), a_session("b"))
    news = Announced(kind=DENIED, expires_at=None)
    marked, other = alerts.mark(state, {"a": news}).sessions
    assert marked.announced == news
    assert other is state.session("b")
