"""No answer, no file, no network and no clock makes more calls for a role than one each MIN_INTERVAL, and one at once."""

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.builders import HOUR, NOW, a_role, a_session, a_state, a_view, credentials
from tests.unit.lifecycle.plan_outcomes import SECOND, issued
from traycreds.core import events
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    ClockSeen,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    Write,
    Written,
)
from traycreds.core.model import OwnedProfile, StoreView, WriteReport
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

WINDOW = timedelta(seconds=600)


def file_changed(state, now, view):
    return apply(state, FileChangedOutside(view, now)), now


def calls_in(answer, *, on_file, each_second=file_changed):
    """How many calls ten minutes bring, when each call gets an answer and something comes each second: the file changes."""
    state, now, count = a_state(a_session()), NOW, 0
    for _ in range(WINDOW // SECOND):
        outcome = plan(now, state)
        state = outcome.state
        for action in outcome.actions:
            if isinstance(action, Issue):
                count += 1
                state = apply(state, answer(action.role, now))
            elif isinstance(action, Write):
                state = apply(state, Written(action.batch, WriteReport(view=on_file(now)), now))
        state, now = each_second(state, now, on_file(now))
        now += SECOND
    return count


def good(role, now):
    return Issued(role, credentials(now + HOUR), now)


def test_a_tool_that_strips_the_expiry_causes_few_calls():
    assert calls_in(good, on_file=lambda _: StoreView()) <= WINDOW / policy.MIN_INTERVAL + 1


@pytest.mark.parametrize("end", [timedelta(0), -HOUR, SECOND, -20000 * HOUR], ids=str)
def test_sessions_that_end_at_once_cause_few_calls(end):
    role = a_role()

    def on_file(now):
        return StoreView(owned=(OwnedProfile(profile=role.profile, role=role.name, expires_at=now + end),))

    def answer(role, now):
        return Issued(role, credentials(now + end), now)

    assert calls_in(answer, on_file=on_file) <= WINDOW / policy.MIN_INTERVAL + 1


@pytest.mark.parametrize(
    "end",
    [datetime(1, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, tzinfo=timezone(-timedelta(hours=12)))],
    ids=str,
)
def test_a_session_that_ends_on_no_possible_date_is_a_failure(end):
    state = plan(NOW, a_state(a_session())).state

    state = apply(state, Issued(a_role(), credentials(end), NOW))

    session = state.session("dev")
    assert session.unwritten is None
    assert session.failure.kind is FailureKind.ANSWER
    assert session.failure.retry_at >= NOW + policy.MIN_INTERVAL
    assert "invalid expiry date" in session.failure.sentence
    assert state.calls == frozenset()


def test_an_impossible_expiry_on_file_is_ignored():
    owned = OwnedProfile(
        profile="dev-session", role="dev", expires_at=datetime(9999, 12, 31, tzinfo=timezone(-timedelta(hours=12)))
    )

    state = apply(a_state(a_session()), FileChangedOutside(StoreView(owned=(owned,)), NOW))

    assert state.session("dev").expires_at is None


@pytest.mark.parametrize("kind", sorted(policy.CURED_BY_FILE, key=str), ids=str)
def test_a_file_that_changes_all_the_time_causes_few_tries(kind):
    def answer(role, now):
        return IssueFailed(role, kind, "It failed.", "Fix it.", now)

    assert calls_in(answer, on_file=lambda _: StoreView()) <= WINDOW / policy.MIN_INTERVAL + 1


def test_a_network_that_comes_and_goes_all_the_time_makes_the_waits_no_shorter():
    def answer(role, now):
        return IssueFailed(role, FailureKind.NETWORK, "It failed.", "Wait.", now)

    def flaps(state, now, _):
        return apply(apply(state, events.NetworkChanged(now)), events.Resumed(now)), now

    once = calls_in(answer, on_file=lambda _: StoreView(), each_second=lambda state, now, _: (state, now))
    assert once < calls_in(answer, on_file=lambda _: StoreView(), each_second=flaps) <= once + 3


@pytest.mark.parametrize("kind", [FailureKind.CLOCK, FailureKind.NETWORK, FailureKind.DENIED], ids=str)
@pytest.mark.parametrize("ahead", [SECOND, timedelta(minutes=1), HOUR, timedelta(days=1), -HOUR], ids=str)
def test_dates_that_are_later_with_each_answer_cause_few_calls(kind, ahead):
    def answer(role, now):
        return IssueFailed(role, kind, "It failed.", "Set the clock.", now)

    def dated(state, now, _):
        now += ahead
        return apply(apply(state, ClockSeen(state.skew + ahead, now)), events.Resumed(now)), now

    short_waits = 4 if kind is FailureKind.NETWORK else 0
    most = WINDOW / policy.MIN_INTERVAL * 1.25 + 1 + short_waits
    assert calls_in(answer, on_file=lambda _: StoreView(), each_second=dated) <= most


def test_what_is_asked_for_is_called_at_once_whatever_came_before():
    state = a_state(a_session(called_at=NOW, early_at=NOW))
    assert issued(plan(NOW + SECOND, state)) == []
    assert issued(plan(NOW + SECOND, apply(state, events.RefreshAsked(("dev",))))) == ["dev"]


def test_what_was_asked_for_during_a_call_that_needs_a_person_is_repeated_at_once():
    state = apply(a_state(a_session(called_at=NOW, early_at=NOW), calls={"dev"}), events.RefreshAsked(("dev",)))
    state = apply(state, IssueFailed(a_role(), FailureKind.MFA, "It failed.", "Enter a code.", NOW + SECOND))
    assert issued(plan(NOW + SECOND, state)) == ["dev"]


def test_a_network_that_is_back_is_tried_at_once():
    state = plan(NOW, a_state(a_session())).state
    state = apply(state, IssueFailed(a_role(), FailureKind.NETWORK, "It failed.", "Wait.", NOW))
    assert issued(plan(NOW + SECOND, apply(state, events.NetworkChanged(NOW + SECOND)))) == ["dev"]


def test_failures_whose_kinds_take_turns_wait_longer_and_longer():
    kinds = [FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.UNEXPECTED]

    def answer(role, now):
        kinds.append(kinds.pop(0))
        return IssueFailed(role, kinds[-1], "It failed.", "Wait.", now)

    assert calls_in(answer, on_file=lambda _: StoreView()) <= WINDOW / policy.MIN_INTERVAL * 1.25 + 4


def test_what_someone_undid_is_written_again_at_once():
    state = apply(a_state(a_session(called_at=NOW)), FileChangedOutside(a_view(), NOW + SECOND))

    assert issued(plan(NOW + SECOND, state)) == ["dev"]


REFUSED_OR_ANSWERED_BADLY = (FailureKind.THROTTLED, FailureKind.ANSWER, FailureKind.DENIED, FailureKind.UNEXPECTED)
"""What a request was sent for, and someone has to do with."""


@pytest.mark.parametrize("kind", REFUSED_OR_ANSWERED_BADLY)
@pytest.mark.parametrize("news", [events.NetworkChanged, events.Resumed], ids=lambda news: news.__name__)
def test_no_news_brings_a_second_call_sooner_after_one_that_aws_received(kind, news):
    state = plan(NOW, a_state(a_session())).state
    state = apply(state, IssueFailed(a_role(), kind, "It failed.", "Wait.", NOW))
    for second in range(1, 30):
        now = NOW + second * SECOND
        state = apply(state, news(now))
        assert issued(plan(now, state)) == []
    state = apply(state, FileChangedOutside(a_view(), NOW + 29 * SECOND))
    assert issued(plan(NOW + 29 * SECOND, state)) == []


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.ANSWER, FailureKind.UNEXPECTED])
def test_news_brings_it_when_half_a_minute_is_over(kind):
    state = plan(NOW, a_state(a_session())).state
    state = apply(state, IssueFailed(a_role(), kind, "It failed.", "Wait.", NOW))
    state = apply(state, events.Resumed(NOW + SECOND))
    assert issued(plan(NOW + policy.MIN_INTERVAL, state)) == ["dev"]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if policy.waits(kind) and kind in policy.PASSING])
def test_once_no_session_is_left_what_passes_by_itself_is_tried_within_forty_seconds_however_long_it_lasts(kind):
    state, now, tries = a_state(a_session(expires_in=-HOUR)), NOW, [NOW]
    for _ in range(1800):
        outcome = plan(now, state)
        state = outcome.state
        for action in outcome.actions:
            if isinstance(action, Issue):
                tries.append(now)
                state = apply(state, IssueFailed(action.role, kind, "It failed.", "Wait.", now))
        now += SECOND
    assert max(later - before for before, later in itertools.pairwise(tries)) <= timedelta(seconds=40)


def test_a_program_is_tried_after_no_longer_than_it_has_failed_for():
    first, cap = policy.waits(FailureKind.PROGRAM)
    state, now, tries = a_state(a_session(expires_in=-HOUR)), NOW, []
    for second in range(2400):
        # A person asks at these moments.
        if second in (5, 10, 15):
            state = apply(state, events.RefreshAsked(("dev",)))
        outcome = plan(now, state)
        state = outcome.state
        for action in outcome.actions:
            if isinstance(action, Issue):
                tries.append(now)
                failure = IssueFailed(action.role, FailureKind.PROGRAM, "It failed.", "Try it.", now)
                state = apply(state, failure)
        now += SECOND
    assert all(
        later - before <= min(cap, before - tries[0] + first) + SECOND for before, later in itertools.pairwise(tries)
    )
