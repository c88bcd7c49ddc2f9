"""What to do at a moment: refreshes, the one write, notices, and when to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state, a_throttle, credentials
from tests.unit.lifecycle.plan_outcomes import (
    DENIED,
    SECOND,
    announced,
    asked_at,
    batch_of,
    in_hand,
    issued,
    titles,
    written,
)
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    RefreshAsked,
)
from traycreds.core.model import DEFAULT_PROFILE, OwnedProfile, Settings, StoreView
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

# Refreshes


def test_nothing_is_asked_of_aws_and_nothing_written_before_the_file_was_read():
    state = a_state(a_session(), in_hand("prod", asked=True), file_known=False)
    assert plan(NOW, state).actions == ()
    known = apply(state, FileChangedOutside(StoreView(), NOW))
    assert issued(plan(NOW, known)) == ["dev"]


def test_a_fresh_session_on_file_spares_the_call():
    state = a_state(a_session(), file_known=False)
    found = OwnedProfile(profile=a_role().profile, role=a_role().name, expires_at=NOW + HOUR)
    assert plan(NOW, apply(state, FileChangedOutside(StoreView(owned=(found,)), NOW))).actions == ()


def test_a_refresh_begins_at_its_moment_and_no_sooner():
    session = a_session(expires_in=HOUR)
    due = policy.refresh_at(session)
    assert asked_at(due - SECOND, session) == []
    assert asked_at(due, session) == ["dev"]
    assert plan(due - SECOND, a_state(session)).wake_at == due


def test_planning_twice_asks_once():
    once = plan(NOW, a_state(a_session("dev"), in_hand("prod")))
    assert len(once.actions) == 2
    assert plan(NOW, once.state).actions == ()
    assert plan(NOW, once.state).state == once.state


def test_only_what_is_kept_or_chosen_is_renewed():
    sessions = (a_session("kept"), a_session("chosen", keep=False), a_session("off", keep=False))
    assert asked_at(NOW, *sessions, chosen="chosen") == ["kept", "chosen"]


def test_the_earliest_expiry_goes_first_and_none_on_file_before_all():
    sessions = (
        a_session("later", expires_in=4 * MINUTE),
        a_session("expired", expires_in=-MINUTE),
        a_session("soon", expires_in=2 * MINUTE),
        a_session("none"),
    )
    assert asked_at(NOW, *sessions) == ["none", "expired", "soon", "later"]
    assert asked_at(NOW, *sessions, settings=Settings(max_in_flight=2)) == ["none", "expired"]


def test_no_more_calls_than_allowed_are_in_progress():
    state = a_state(*(a_session(f"role-{n}") for n in range(200)))
    first = plan(NOW, state)
    assert len(issued(first)) == 8
    assert plan(NOW, first.state).actions == ()
    answered = apply(first.state, Issued(a_role("role-0"), credentials(), NOW))
    assert len(issued(plan(NOW, answered))) == 1


def test_a_lower_limit_lets_calls_in_progress_end():
    state = a_state(a_session(), calls=frozenset({"a", "b", "c"}), settings=Settings(max_in_flight=1))
    assert issued(plan(NOW, state)) == []


@pytest.mark.parametrize("asked", [False, True])
def test_throttling_of_one_role_holds_everybody_until_its_moment(asked):
    calling = a_state(a_session("dev"), a_session("prod", asked=asked), calls=frozenset({"dev"}))
    state = apply(calling, IssueFailed(a_role("dev"), FailureKind.THROTTLED, "Slow down.", "Wait.", NOW))
    until = state.throttle.until
    held = plan(until - SECOND, state)
    assert issued(held) == []
    assert held.wake_at == until
    assert "prod" in issued(plan(until, state))


def test_after_throttling_refreshes_begin_one_at_a_time_and_faster_with_each_session():
    state = a_state(*(a_session(f"role-{n:02}") for n in range(40)), throttle=a_throttle(until=NOW))
    calls = []
    for at in (NOW + n * SECOND for n in range(8)):
        outcome = plan(at, state)
        begun = issued(outcome)
        calls.append(len(begun))
        assert plan(at, outcome.state).actions == ()
        state = outcome.state
        for name in begun:
            state = apply(state, Issued(a_role(name), credentials(), at + SECOND))
    assert calls == [1, 2, 4, 8, 8, 8, 8, 1]
    assert state.throttle is None


def test_a_try_that_hangs_after_throttling_holds_up_the_others_for_half_a_minute():
    state = a_state(a_session("dev"), a_session("prod"), throttle=a_throttle(until=NOW))
    first = plan(NOW, state)
    assert issued(first) == ["dev"]
    assert first.wake_at == NOW + 30 * SECOND
    assert issued(plan(NOW + 29 * SECOND, first.state)) == []
    assert issued(plan(NOW + 30 * SECOND, first.state)) == ["prod"]


def test_an_hour_of_throttling_costs_few_refused_calls():
    """200 roles without a session, each call refused after a tenth of a second, then all is well."""
    state, now, in_progress, refused, given = a_state(*(a_session(f"role-{n}") for n in range(200))), NOW, [], 0, 0
    while given < 200:
        outcome = plan(now, state)
        state = outcome.state
        in_progress += [(action.role, now) for action in outcome.actions if isinstance(action, Issue)]
        now = min(now + SECOND / 10, outcome.wake_at or now) if in_progress else outcome.wake_at
        for role, begun in in_progress:
            if now < NOW + HOUR:
                refused += 1
                event = IssueFailed(role, FailureKind.THROTTLED, "Slow down.", "Wait.", begun)
            else:
                given += 1
                event = Issued(role, credentials(now + HOUR), now)
            state = apply(state, event)
        in_progress = []
    assert refused <= 8 + 3600 / 24
    assert now - NOW < HOUR + 40 * SECOND


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(expires_in=HOUR), {"paused": True}, id="paused"),
        pytest.param(a_session(keep=False), {}, id="not kept"),
        pytest.param(a_session(expires_in=HOUR), {}, id="fresh"),
        pytest.param(a_session(failure=a_failure(FailureKind.MFA)), {}, id="waiting for a person"),
        pytest.param(a_session(failure=a_failure(retry_at=NOW + HOUR)), {}, id="waiting for its next try"),
        pytest.param(a_session(keep_until=NOW - MINUTE), {}, id="no longer kept"),
    ],
)
def test_an_asked_role_goes_through_pause_and_failure(session, changes):
    assert asked_at(NOW, session, **changes) == []
    state = apply(a_state(session, **changes), RefreshAsked(("dev",)))
    outcome = plan(NOW, state)
    assert issued(outcome) == ["dev"]
    assert not outcome.state.session("dev").asked


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(asked=True), {"calls": frozenset({"dev"})}, id="in progress already"),
        pytest.param(in_hand(asked=True), {"writing": True}, id="credentials in hand"),
        pytest.param(a_session(asked=True, drop=True), {}, id="being dropped"),
    ],
)
def test_even_an_asked_role_is_not_asked_for(session, changes):
    assert asked_at(NOW, session, **changes) == []


def test_pausing_holds_retries_too():
    failing = a_session(failure=a_failure(retry_at=NOW))
    assert asked_at(NOW, failing) == ["dev"]
    assert asked_at(NOW, failing, paused=True) == []


def test_a_failed_refresh_is_retried_at_its_moment():
    failing = a_session(expires_in=-HOUR, failure=a_failure(retry_at=NOW + MINUTE))
    assert asked_at(NOW + MINUTE - SECOND, failing) == []
    assert asked_at(NOW + MINUTE, failing) == ["dev"]


def test_keeping_ends_at_its_moment():
    session = a_session(keep_until=NOW + MINUTE, failure=a_failure(retry_at=NOW + MINUTE))
    bystander = a_session("prod", expires_in=HOUR)
    before = plan(NOW + MINUTE - SECOND, a_state(session, bystander))
    assert before.state.session("dev").keep
    assert before.wake_at == NOW + MINUTE
    after = plan(NOW + MINUTE, a_state(session, bystander))
    assert issued(after) == []
    assert not after.state.session("dev").keep
    assert after.state.session("dev").keep_until is None
    assert after.state.session("prod").keep
    assert asked_at(NOW + MINUTE, session, chosen="dev") == ["dev"], "default is renewed all the same"


def test_the_failure_of_a_role_that_nobody_keeps_is_shown_for_a_while_and_then_forgotten():
    once_by_hand = a_session(keep=False, failure=a_failure(DENIED))
    state = a_state(once_by_hand, a_session("prod", failure=a_failure(DENIED)))
    before = plan(NOW + 10 * MINUTE - SECOND, state)
    assert before.state.session("dev").failure is not None
    assert before.wake_at == NOW + 10 * MINUTE
    after = plan(NOW + 10 * MINUTE, before.state)
    assert after.state.session("dev") == replace(once_by_hand, failure=None)
    assert after.state.session("prod").failure is not None


@pytest.mark.parametrize(
    ("session", "changes"),
    [
        pytest.param(a_session(keep=False, failure=a_failure()), {"chosen": "dev"}, id="default"),
        pytest.param(a_session(keep=False, failure=a_failure()), {"calls": frozenset({"dev"})}, id="being tried"),
        pytest.param(
            a_session(keep=False, asked=True, failure=a_failure()),
            {"throttle": a_throttle(until=NOW + HOUR)},
            id="asked for",
        ),
    ],
)
def test_a_failure_that_is_being_worked_on_is_not_forgotten(session, changes):
    assert plan(NOW + 20 * MINUTE, a_state(session, **changes)).state.session("dev").failure is not None


def test_the_failure_of_a_role_that_is_not_kept_is_reported_once():
    outcome = plan(NOW, a_state(a_session(keep=False, failure=a_failure())))
    assert titles(outcome) == ["dev: no session"]
    other = outcome.state.map(lambda session: replace(session, failure=a_failure(DENIED)))
    assert announced(plan(NOW, other)) == []


# The write


def test_one_write_takes_all_that_is_unwritten():
    batch = batch_of(in_hand("dev"), a_session("fresh", expires_in=HOUR), in_hand("prod"))
    assert [(w.profile, w.role, w.credentials) for w in batch.sets] == [
        ("dev-session", "dev", credentials()),
        ("prod-session", "prod", credentials()),
    ]
    assert batch.copy_default_from is None
    assert batch.removes == ()


def test_what_comes_during_a_write_goes_together_with_the_next():
    assert batch_of(in_hand("dev"), in_hand("prod"), writing=True) is None
    assert len(batch_of(in_hand("dev"), in_hand("prod")).sets) == 2


def test_pausing_does_not_hold_back_what_is_in_hand():
    assert batch_of(in_hand(), paused=True).sets


def test_nothing_to_write_is_no_write():
    assert batch_of(a_session(expires_in=HOUR), chosen="dev") is None


@pytest.mark.parametrize(
    ("session", "due", "copied"),
    [
        pytest.param(in_hand(), False, True, id="new credentials"),
        pytest.param(a_session(expires_in=HOUR), True, True, id="chosen again, on file"),
        pytest.param(a_session(), True, False, id="chosen, not on file yet"),
        pytest.param(a_session(expires_in=HOUR), False, False, id="as it should be"),
    ],
)
def test_the_chosen_role_is_copied_to_default_when_that_changes_it(session, due, copied):
    batch = batch_of(session, a_session("prod", expires_in=HOUR), chosen="dev", default_due=due)
    assert (batch is not None and batch.copy_default_from == "dev-session") is copied


def test_a_refused_default_waits_for_the_file_to_change():
    refused = a_failure(FailureKind.FILE, retry_at=None)
    session = a_session(expires_in=HOUR)
    assert batch_of(session, chosen="dev", default_due=True, default_failure=refused) is None
    assert batch_of(in_hand(), chosen="dev", default_failure=refused).copy_default_from is None
    changed = replace(refused, retry_at=NOW)
    assert batch_of(session, chosen="dev", default_due=True, default_failure=changed).copy_default_from == "dev-session"


def test_a_failed_write_is_retried_at_its_moment():
    state = a_state(in_hand(), write_failure=a_failure(FailureKind.FILE, retry_at=NOW + MINUTE, announced=True))
    before = plan(NOW + MINUTE - SECOND, state)
    assert before.actions == ()
    assert before.wake_at == NOW + MINUTE
    assert written(plan(NOW + MINUTE, state)).sets


def test_a_dropped_session_is_removed_once_no_call_can_bring_it_back():
    dropped = a_session(expires_in=HOUR, keep=False, drop=True)
    assert batch_of(dropped, calls=frozenset({"dev"})) is None
    assert batch_of(dropped).removes == ("dev-session",)


def test_an_expired_session_that_nobody_wants_is_removed_and_no_other():
    leftover = a_session("leftover", expires_in=timedelta(0), keep=False)
    sessions = (
        leftover,
        a_session("kept", expires_in=-HOUR),
        a_session("default", expires_in=-HOUR, keep=False),
        a_session("asked", expires_in=-HOUR, keep=False, asked=True),
        in_hand("in hand", expires_at=NOW - HOUR, keep=False),
        a_session("in progress", expires_in=-HOUR, keep=False),
        a_session("still good", expires_in=SECOND, keep=False),
        a_session("no session", keep=False),
    )
    changes = {"chosen": "default", "calls": frozenset({"in progress"})}
    assert batch_of(*sessions, **changes).removes == ("leftover-session",)


def test_default_is_removed_when_the_choice_is_taken_back():
    assert batch_of(a_session(expires_in=HOUR), remove_default=True).removes == (DEFAULT_PROFILE,)


# When to look again


@pytest.mark.parametrize(
    ("state", "wake_at"),
    [
        pytest.param(a_state(), None, id="nothing at all"),
        pytest.param(a_state(a_session(keep=False)), None, id="nothing wanted"),
        pytest.param(a_state(a_session(expires_in=HOUR), paused=True), NOW + 55 * MINUTE, id="the end to report"),
        pytest.param(a_state(a_session(expires_in=MINUTE, keep=False)), NOW + MINUTE, id="the end"),
        pytest.param(a_state(a_session(failure=a_failure(retry_at=NOW + HOUR))), NOW + HOUR, id="a retry"),
        pytest.param(
            a_state(default_failure=a_failure(retry_at=NOW + HOUR, announced=True)), NOW + HOUR, id="a retry of default"
        ),
    ],
)
def test_the_next_check_is_when_something_can_change(state, wake_at):
    assert plan(NOW, state).wake_at == wake_at
