"""What the plan has the user told: once, in time, and only what is true."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state, credentials
from tests.unit.lifecycle.plan_outcomes import DENIED, SECOND, announced, issued, titles
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    FileChangedOutside,
    RoleSwitched,
)
from traycreds.core.model import Settings, StoreView
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

# Notices


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_failing_is_quiet_while_the_session_is_good_and_reported_once_when_it_is_not(kind):
    failing = a_session(expires_in=10 * MINUTE, failure=a_failure(kind, retry_at=NOW + HOUR))
    state = a_state(failing)
    for second in range(0, 300, 60):
        outcome = plan(NOW + second * SECOND, state)
        assert announced(outcome) == []
        state = outcome.state
    assert plan(NOW + 5 * MINUTE - SECOND, state).wake_at == NOW + 5 * MINUTE
    outcome = plan(NOW + 5 * MINUTE, state)
    assert titles(outcome) == ["dev: expires in 5 min"]
    for minute in range(5, 60):
        outcome = plan(NOW + minute * MINUTE, outcome.state)
        assert announced(outcome) == []


def test_the_window_is_as_the_settings_say():
    state = a_state(
        a_session(expires_in=10 * MINUTE, failure=a_failure()), settings=Settings(notify_before=10 * MINUTE)
    )
    assert titles(plan(NOW, state)) == ["dev: expires in 10 min"]


def test_failing_without_a_session_is_reported_at_once():
    assert titles(plan(NOW, a_state(a_session(failure=a_failure())))) == ["dev: no session"]


def test_another_cause_is_reported_again():
    state = plan(NOW, a_state(a_session(failure=a_failure(FailureKind.NETWORK)))).state
    same = state.map(lambda session: replace(session, failure=a_failure(FailureKind.NETWORK, attempts=2)))
    assert announced(plan(NOW, same)) == []
    other = state.map(lambda session: replace(session, failure=a_failure(DENIED)))
    assert titles(plan(NOW, other)) == ["dev: no session"]


def test_another_expiry_is_reported_again():
    state = plan(NOW, a_state(a_session(expires_in=MINUTE, failure=a_failure()))).state
    later = state.map(lambda session: replace(session, expires_at=NOW + 4 * MINUTE))
    assert titles(plan(NOW, later)) == ["dev: expires in 4 min"]


def test_roles_that_fail_for_one_cause_share_a_notice():
    network = [a_session(f"role-{n}", failure=a_failure()) for n in range(12)]
    outcome = plan(NOW, a_state(*network, a_session("denied", failure=a_failure(DENIED))))
    assert titles(outcome) == ["12 roles: no usable response from AWS", "denied: no session"]
    assert len({notice.key for notice in announced(outcome)}) == 2
    assert announced(plan(NOW, outcome.state)) == []


def test_a_role_that_joins_a_cause_replaces_the_earlier_notice():
    first = plan(NOW, a_state(a_session("dev", failure=a_failure()), a_session("prod", expires_in=HOUR)))
    joined = first.state.map(lambda s: replace(s, failure=a_failure(), expires_at=None))
    second = plan(NOW, joined)
    assert titles(second) == ["2 roles: no usable response from AWS"]
    assert announced(second)[0].key == announced(first)[0].key


def test_recovery_is_reported_once_and_only_if_the_failure_was():
    quiet = a_state(a_session(expires_in=HOUR))
    assert announced(plan(NOW, quiet)) == []
    failed = plan(NOW, a_state(a_session("dev", failure=a_failure()), a_session("prod", failure=a_failure()))).state
    well = failed.map(lambda session: replace(session, failure=None, expires_at=NOW + HOUR))
    outcome = plan(NOW, well)
    assert titles(outcome) == ["dev and prod have sessions"]
    assert announced(plan(NOW, outcome.state)) == []


@pytest.mark.parametrize(
    ("session", "calls"),
    [
        pytest.param({"failure": None, "expires_at": NOW}, (), id="expired"),
        pytest.param({"failure": None, "expires_at": None}, (), id="nothing on file"),
        pytest.param({"failure": None, "expires_at": NOW + HOUR, "unwritten": credentials()}, (), id="not written yet"),
        pytest.param({"failure": None, "expires_at": NOW + HOUR}, ("dev",), id="in a call"),
        pytest.param({"expires_at": NOW + HOUR}, (), id="still failing"),
    ],
)
def test_recovery_is_not_reported_too_soon(session, calls):
    failed = plan(NOW, a_state(a_session(failure=a_failure()))).state
    state = replace(failed.map(lambda old: replace(old, **session)), calls=frozenset(calls), paused=True)
    assert announced(plan(NOW, state)) == []


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(expires_in=10 * MINUTE, keep=False), {}, id="not kept"),
        pytest.param(a_session(expires_in=10 * MINUTE), {"paused": True}, id="paused"),
    ],
)
def test_the_end_of_a_session_that_nothing_renews_is_reported_once(session, changes):
    state = a_state(session, **changes)
    assert announced(plan(NOW + 5 * MINUTE - SECOND, state)) == []
    outcome = plan(NOW + 5 * MINUTE, state)
    assert titles(outcome) == ["dev: expires in 5 min"]
    assert announced(plan(NOW + 6 * MINUTE, outcome.state)) == []
    assert announced(plan(NOW + 10 * MINUTE, outcome.state)) == []


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(expires_in=MINUTE), {}, id="about to be renewed"),
        pytest.param(a_session(expires_in=MINUTE, keep=False), {"chosen": "dev"}, id="default"),
        pytest.param(a_session(expires_in=MINUTE, keep=False), {"calls": frozenset({"dev"})}, id="in a call"),
        pytest.param(a_session(expires_in=MINUTE, keep=False, unwritten=credentials()), {}, id="new one in hand"),
        pytest.param(a_session(expires_in=MINUTE, keep=False, drop=True), {}, id="dropped by the user"),
        pytest.param(a_session(expires_in=-MINUTE, keep=False), {}, id="over already"),
        pytest.param(a_session(keep=False), {}, id="no session"),
    ],
)
def test_no_end_is_announced_for_a_session_that_is_renewed_or_not_used(session, changes):
    assert announced(plan(NOW, a_state(session, **changes))) == []


@pytest.mark.parametrize("left", [22 * MINUTE, HOUR], ids=["session ends soon after", "session ends long after"])
def test_the_end_of_keeping_is_announced_once_and_covers_that_of_its_session(left):
    state = a_state(a_session(expires_in=left, keep_until=NOW + 20 * MINUTE), a_session("prod", expires_in=5 * HOUR))
    at = policy.refresh_at(state.session("dev"))
    state = replace(state, paused=at < NOW + 20 * MINUTE)
    before = plan(NOW + 15 * MINUTE - SECOND, state)
    assert announced(before) == []
    assert before.wake_at == NOW + 15 * MINUTE
    outcome = plan(NOW + 15 * MINUTE, before.state)
    assert titles(outcome) == ["dev: kept alive 5 min more"]
    for minutes in (16, 18, 20, left // MINUTE - 4, left // MINUTE - 1):
        outcome = plan(NOW + minutes * MINUTE, outcome.state)
        assert announced(outcome) == []
    assert not outcome.state.session("dev").keep


def test_the_end_of_a_session_that_came_after_its_keeping_is_reported():
    state = plan(NOW, a_state(a_session(expires_in=HOUR, keep_until=NOW + MINUTE))).state
    state = plan(NOW + MINUTE, state).state
    # The user refreshed the session by hand.
    later = replace(state.session("dev"), expires_at=NOW + 3 * HOUR)
    assert titles(plan(NOW + 3 * HOUR - MINUTE, replace(state, sessions=(later,)))) == ["dev: expires in 1 min"]


def test_keeping_that_was_extended_is_reported_again_when_it_ends():
    state = plan(NOW, a_state(a_session(expires_in=HOUR, keep_until=NOW + 4 * MINUTE))).state
    state = apply(state, RoleSwitched("dev", on=True, until=NOW + 30 * MINUTE))
    assert announced(plan(NOW + 5 * MINUTE, state)) == []
    assert titles(plan(NOW + 25 * MINUTE, state)) == ["dev: kept alive 5 min more"]


def test_what_failed_before_keeping_ended_still_recovers():
    before = Announced(kind=DENIED, expires_at=NOW + HOUR)
    failing = a_session(
        expires_in=HOUR,
        keep_until=NOW,
        announced_end=NOW,
        announced=before,
        failure=a_failure(DENIED, retry_at=NOW + MINUTE),
    )
    assert plan(NOW, a_state(failing)).state.session("dev").announced == before


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(expires_in=HOUR, keep_until=NOW + MINUTE), {"chosen": "dev"}, id="default"),
        pytest.param(a_session(keep_until=NOW + MINUTE), {}, id="no session"),
        pytest.param(a_session(expires_in=-HOUR, keep_until=NOW + MINUTE), {}, id="no working session"),
        pytest.param(a_session(expires_in=HOUR), {}, id="no end"),
    ],
)
def test_no_end_of_keeping_is_announced_if_nothing_is_lost(session, changes):
    assert announced(plan(NOW, a_state(session, **changes))) == []


def test_a_failing_session_that_ends_is_reported_only_as_failing():
    state = a_state(a_session(expires_in=MINUTE, keep=False, failure=a_failure(DENIED)))
    (notice,) = announced(plan(NOW, state))
    assert notice.body == "STS is out of reach. Check the network."


@pytest.mark.parametrize(
    ("which", "title"),
    [("write_failure", "Credentials file not written"), ("default_failure", "Default profile not switched")],
)
def test_trouble_with_the_file_is_reported_once(which, title):
    outcome = plan(NOW, a_state(**{which: a_failure(FailureKind.FILE)}))
    assert titles(outcome) == [title]
    assert announced(plan(NOW, outcome.state)) == []


def test_a_foreign_profile_is_reported_once_and_solved_by_a_change_of_the_file():
    state = a_state(a_session(failure=a_failure(FailureKind.FILE)))
    outcome = plan(NOW, state)
    assert titles(outcome) == ["dev: no session"]
    assert issued(outcome) == []
    changed = plan(NOW + MINUTE, apply(outcome.state, FileChangedOutside(StoreView(), NOW + MINUTE)))
    assert issued(changed) == ["dev"]
    assert announced(changed) == []
