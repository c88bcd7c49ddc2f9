"""What each event makes of the state."""

from __future__ import annotations

import pytest

from tests.support.builders import (
    HOUR,
    MINUTE,
    NOW,
    a_failure,
    a_role,
    a_session,
    a_state,
    a_throttle,
    a_view,
    credentials,
)
from tests.unit.lifecycle.states import SECOND, SETTINGS, calling, failed
from traycreds.core.engine_state import Announced, Throttle
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    ConfigChanged,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    NetworkChanged,
    RefreshAsked,
    Resumed,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    Written,
)
from traycreds.core.model import Batch, Settings, WriteReport
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.presentation import snapshot

# Answers of AWS


def test_issued_credentials_wait_to_be_written_and_end_the_failure():
    session = a_session(expires_in=MINUTE, failure=a_failure())
    state = apply(calling(session), Issued(session.role, credentials(), NOW))
    after = state.session("dev")
    assert state.calls == frozenset()
    assert after.unwritten == credentials()
    assert after.issued_at == NOW
    assert after.failure is None
    assert after.expires_at == NOW + MINUTE, "the file still has the old one"


def test_a_failure_names_the_mfa_device_whose_code_is_needed():
    session = a_session()
    event = replace(failed(session.role, FailureKind.MFA), device="arn:aws:iam::123456789012:mfa/phone")
    state = apply(calling(session), event)
    assert state.session("dev").failure.device == event.device
    assert snapshot(NOW, state).roles[0].mfa_device == event.device


def test_a_failure_names_the_sign_in_that_is_needed():
    session = a_session()
    state = apply(calling(session), replace(failed(session.role, FailureKind.SIGN_IN), sign_in="corp"))
    assert state.session("dev").failure.sign_in == "corp"
    assert snapshot(NOW, state).roles[0].sign_in == "corp"


def test_a_failure_keeps_what_is_on_file():
    session = a_session(expires_in=10 * MINUTE)
    after = apply(calling(session), failed(session.role)).session("dev")
    assert after.expires_at == NOW + 10 * MINUTE
    assert (after.failure.kind, after.failure.sentence, after.failure.hint) == (
        FailureKind.NETWORK,
        "It failed.",
        "Do something.",
    )
    assert after.failure.attempts == 1
    assert after.failure.first_at == NOW
    assert NOW < after.failure.retry_at <= NOW + MINUTE


def test_failures_of_one_kind_count_and_another_kind_begins_anew():
    state = calling(a_session())
    for minute in range(3):
        state = apply(state, failed(a_role(), at=NOW + minute * MINUTE))
    assert state.session("dev").failure.attempts == 3
    assert state.session("dev").failure.first_at == NOW
    state = apply(state, failed(a_role(), FailureKind.DENIED, NOW + 9 * MINUTE))
    assert state.session("dev").failure.attempts == 1
    assert state.session("dev").failure.first_at == NOW + 9 * MINUTE


def test_throttling_of_one_role_holds_everybody():
    state = apply(calling(a_session("dev"), a_session("prod")), failed(a_role("dev"), FailureKind.THROTTLED))
    assert state.throttle == Throttle(refusals=1, since=state.throttle.until, until=NOW + policy.hold(1, "dev"))


def test_calls_that_were_in_progress_together_count_as_one_refusal():
    state = calling(*(a_session(f"role-{n}") for n in range(8)))
    for n in range(8):
        state = apply(state, failed(a_role(f"role-{n}"), FailureKind.THROTTLED, NOW + n * SECOND / 10))
    assert state.throttle == Throttle(refusals=1, since=state.throttle.until, until=NOW + policy.hold(1, "role-0"))


def test_a_refusal_after_the_wait_makes_all_wait_longer_up_to_half_a_minute():
    state, at, waits = calling(a_session()), NOW, []
    for _ in range(4):
        state = apply(state, failed(a_role(), FailureKind.THROTTLED, at))
        waits.append(state.throttle.until - at)
        at = state.throttle.until
    assert waits == [policy.hold(n, "dev") for n in (1, 2, 3, 4)]
    assert waits[0] < waits[1] < waits[2] <= 30 * SECOND


def test_a_session_given_after_the_wait_lets_more_begin_until_as_many_may_as_ever():
    state = calling(a_session(), throttle=a_throttle(refusals=3, until=NOW))
    limits = []
    for n in range(6):
        state = apply(state, Issued(a_role(), credentials(), NOW + n * SECOND))
        assert state.throttle.until == NOW + n * SECOND
        assert state.throttle.refusals == 0
        limits.append(state.throttle.limit)
    assert limits == [2, 3, 4, 5, 6, 7]
    assert apply(state, Issued(a_role(), credentials(), NOW + MINUTE)).throttle is None


def test_a_session_that_was_asked_for_before_the_refusal_is_no_sign_that_it_is_over():
    held = a_throttle(until=NOW + 10 * SECOND)
    state = apply(calling(a_session(), throttle=held), Issued(a_role(), credentials(), NOW))
    assert state.throttle == held


def test_a_refused_call_is_tried_alone_again_when_throttling_comes_back():
    state = calling(a_session(), throttle=a_throttle(refusals=0, until=NOW, limit=5))
    state = apply(state, failed(a_role(), FailureKind.THROTTLED, NOW))
    assert (state.throttle.refusals, state.throttle.limit) == (1, 1)
    assert state.throttle.until > NOW


@pytest.mark.parametrize(
    ("kind", "opens"), [(FailureKind.DENIED, True), (FailureKind.MFA, True), (FailureKind.NETWORK, False)]
)
def test_anyone_who_needs_no_answer_or_got_another_one_lets_the_next_try(kind, opens):
    shut = a_throttle(until=NOW).shut(NOW + 30 * SECOND)
    state = apply(calling(a_session(), throttle=shut), failed(a_role(), kind, NOW + SECOND))
    assert state.throttle.until == (NOW + SECOND if opens else shut.until)
    assert state.throttle.limit == 1


def test_throttling_of_a_role_that_is_configured_no_more_holds_the_others_all_the_same():
    state = apply(a_state(a_session("prod"), calls=frozenset({"dev"})), failed(a_role(), FailureKind.THROTTLED))
    assert state.throttle.until > NOW


def test_no_other_failure_holds_anybody():
    assert apply(calling(a_session()), failed(a_role(), FailureKind.NETWORK)).throttle is None
    assert apply(calling(a_session()), failed(a_role(), FailureKind.DENIED)).throttle is None


@pytest.mark.parametrize(
    "event",
    [
        FileChangedOutside(a_view(), NOW),
        RefreshAsked(("dev",)),
        RefreshAsked(),
        RoleChosen("dev"),
        RoleSwitched("dev", on=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [FailureKind.SOURCE_EXPIRED, FailureKind.SIGN_IN])
def test_a_try_that_is_superseded_by_a_change_or_the_user_is_repeated(event, kind):
    state = apply(apply(calling(a_session()), event), failed(a_role(), kind))
    assert state.session("dev").failure.retry_at == NOW
    again = apply(replace(state, calls=frozenset({"dev"})), failed(a_role(), kind))
    assert again.session("dev").failure.retry_at is None


def test_a_superseded_try_waits_as_usual_if_a_timer_tries_again_anyway():
    state = apply(apply(calling(a_session()), RefreshAsked()), failed(a_role(), FailureKind.DENIED))
    assert state.session("dev").failure.retry_at > NOW


@pytest.mark.parametrize("answer", [Issued(a_role(), credentials(), NOW), failed(a_role(), FailureKind.DENIED)])
def test_an_answer_for_a_role_that_is_configured_no_more_only_ends_the_call(answer):
    state = replace(a_state(a_session("prod")), calls=frozenset({"dev"}))
    assert apply(state, answer) == replace(state, calls=frozenset())


@pytest.mark.parametrize("answer", [Issued(a_role(), credentials(), NOW), failed(a_role(), FailureKind.DENIED)])
def test_an_answer_for_a_dropped_session_is_discarded(answer):
    state = apply(apply(calling(a_session()), RoleDropped("dev")), answer)
    session = state.session("dev")
    assert session.drop
    assert session.unwritten is None
    assert session.failure is None
    assert state.calls == frozenset()


def test_an_answer_for_the_old_definition_of_a_role_is_discarded_and_the_new_one_is_asked_for():
    old = a_session(expires_in=HOUR)
    new = a_role(arn="arn:aws:iam::123456789012:role/other")
    state = apply(calling(old), ConfigChanged((new,), SETTINGS))
    state = apply(state, Issued(old.role, credentials(), NOW))
    session = state.session("dev")
    assert session.unwritten is None
    assert session.asked
    assert state.calls == frozenset()


def test_an_answer_outlives_an_edit_of_how_the_role_is_shown():
    state = apply(calling(a_session()), ConfigChanged((a_role(group="Work"),), SETTINGS))
    assert apply(state, Issued(a_role(), credentials(), NOW)).session("dev").unwritten == credentials()


# The configuration


def test_roles_come_stay_and_go_with_the_configuration():
    stays = a_session("stays", expires_in=HOUR, keep_until=NOW + HOUR, failure=a_failure())
    state = a_state(a_session("goes"), stays, chosen="stays")
    settings = Settings(max_in_flight=3)
    after = apply(state, ConfigChanged((a_role("comes", keep=True), replace(stays.role, group="Work")), settings))
    assert [session.role.name for session in after.sessions] == ["comes", "stays"]
    assert after.session("comes") == a_session("comes", role=a_role("comes", keep=True))
    assert after.session("stays") == replace(stays, role=replace(stays.role, group="Work"))
    assert after.chosen == "stays"
    assert after.settings == settings


def test_a_default_role_that_is_configured_no_more_is_default_no_more():
    state = a_state(a_session(), chosen="dev", default_due=True, default_failure=a_failure(FailureKind.FILE))
    after = apply(state, ConfigChanged((a_role("prod"),), SETTINGS))
    assert after.chosen is None
    assert not after.default_due
    assert after.default_failure is None


@pytest.mark.parametrize("kept", [True, False])
def test_what_the_user_switched_outlives_an_edit_elsewhere_but_not_an_edit_of_keep(kept):
    session = a_session(role=a_role(keep=not kept), keep=kept)
    assert apply(a_state(session), ConfigChanged((session.role,), SETTINGS)).session("dev").keep is kept
    edited = ConfigChanged((a_role(keep=kept),), SETTINGS)
    assert apply(a_state(replace(session, keep=not kept)), edited).session("dev").keep is kept


def test_another_role_under_the_same_name_forgets_what_the_old_one_had():
    old = a_session(
        expires_in=HOUR, unwritten=credentials(), failure=a_failure(), announced=Announced(kind=None, expires_at=NOW)
    )
    new = a_role(arn="arn:aws:iam::123456789012:role/other")
    after = apply(a_state(old), ConfigChanged((new,), SETTINGS)).session("dev")
    assert after.role == new
    assert after.unwritten is None
    assert after.failure is None
    assert after.announced is None
    assert after.asked, "the session on file is the old role's"


@pytest.mark.parametrize(
    "old",
    [
        pytest.param(a_session(unwritten=credentials(), keep=False), id="whose first credentials are being written"),
        pytest.param(a_session(asked=True, keep=False), id="that was asked for"),
    ],
)
def test_another_role_under_the_same_name_is_asked_for_in_place_of_the_old_one(old):
    state = apply(a_state(old, writing=True), ConfigChanged((a_role(region="eu-west-1"),), SETTINGS))
    view = a_view(replace(old, expires_at=NOW + HOUR))
    after = apply(state, Written(Batch(), WriteReport(view=view), NOW)).session("dev")
    assert after.asked, "the session on file is the old role's"


def test_a_call_in_progress_for_the_old_definition_is_made_again_for_the_new_one():
    state = apply(calling(a_session(keep=False)), ConfigChanged((a_role(region="eu-west-1"),), SETTINGS))
    assert state.session("dev").asked


def test_a_dropped_session_stays_dropped_when_its_role_changes():
    dropped = apply(calling(a_session(expires_in=HOUR)), RoleDropped("dev"))
    after = apply(dropped, ConfigChanged((a_role(region="eu-west-1"),), SETTINGS)).session("dev")
    assert after.drop
    assert not after.asked


def test_a_role_that_moves_to_another_profile_has_no_session_there_yet():
    old = a_session(expires_in=HOUR)
    after = apply(a_state(old), ConfigChanged((a_role(profile="elsewhere"),), SETTINGS)).session("dev")
    assert after.expires_at is None


# Waking


def test_waking_tries_at_once_what_a_timer_would_have_tried():
    state = a_state(
        a_session("dev", failure=a_failure(attempts=9, retry_at=NOW + HOUR)),
        a_session("prod", failure=a_failure(FailureKind.MFA)),
        a_session("ops", expires_in=HOUR),
        throttle=a_throttle(until=NOW + HOUR),
        write_failure=a_failure(FailureKind.FILE, retry_at=NOW + HOUR, announced=True),
        default_failure=a_failure(FailureKind.FILE),
    )
    after = apply(state, Resumed(NOW + MINUTE))
    assert after.session("dev").failure.retry_at == NOW + MINUTE
    assert after.session("dev").failure.attempts == 0
    assert after.session("prod") == state.session("prod"), "a person must cure that"
    assert after.session("ops") == state.session("ops")
    assert after.throttle is None
    assert after.write_failure.retry_at == NOW + MINUTE
    assert after.write_failure.announced, "told once"
    assert after.default_failure == state.default_failure


def test_another_way_into_the_network_tries_at_once_what_could_not_reach_aws():
    far = a_failure(attempts=9, retry_at=NOW + 5 * MINUTE)
    denied = a_failure(FailureKind.DENIED, attempts=9, retry_at=NOW + 5 * MINUTE)
    state = a_state(a_session("far", failure=far), a_session("denied", failure=denied), a_session("well"))
    after = apply(state, NetworkChanged(NOW))
    assert after.session("far").failure == replace(far, attempts=0, retry_at=NOW)
    assert after.session("denied").failure == denied
    assert after.session("well") == a_session("well")
    assert after.quiet_until is None


def test_a_session_that_seemed_too_short_by_a_wrong_clock_is_counted_again():
    state = a_state(a_session(expires_in=-HOUR, lifetime=-HOUR))
    assert apply(state, Resumed(NOW)).session("dev").issued_at is None


def test_an_unknown_event_changes_nothing():
    state = a_state(a_session())
    assert apply(state, object()) == state


def test_a_configuration_that_says_keep_ends_an_end_of_keeping():
    state = apply(a_state(a_session(keep_until=NOW)), ConfigChanged((a_role(keep=True),), SETTINGS))
    assert (state.session("dev").keep, state.session("dev").keep_until) == (True, None)
    same = apply(a_state(a_session(keep_until=NOW)), ConfigChanged((a_role(),), SETTINGS))
    assert same.session("dev").keep_until == NOW


def test_a_first_run_is_one_until_a_role_is_configured():
    state = apply(a_state(), ConfigChanged((a_role(),), SETTINGS, discovered=True))
    assert state.discovered
    assert snapshot(NOW, state).discovered
    assert not apply(state, ConfigChanged((a_role(),), SETTINGS)).discovered


def test_it_is_known_whether_files_of_others_are_included():
    state = apply(a_state(), ConfigChanged((a_role(),), SETTINGS, includes=True))
    assert snapshot(NOW, state).includes
    assert not snapshot(NOW, apply(state, ConfigChanged((a_role(),), SETTINGS))).includes


def test_a_refresh_that_waits_for_its_turn_is_no_failure_and_comes_again_by_itself():
    turn = NOW + 20 * SECOND
    calling = a_state(a_session(), calls=frozenset({"dev"}))
    waits = IssueFailed(a_role(), FailureKind.MFA, "Waits.", "Nothing.", NOW, device="phone", again_in=turn - NOW)
    state = apply(calling, waits)
    assert state.session("dev").failure is None
    assert snapshot(NOW, state).roles[0].status is Status.REFRESHING

    held = plan(turn - SECOND, state)
    assert held.actions == ()
    assert held.wake_at == turn
    begun = plan(turn, held.state)
    assert begun.actions == (Issue(a_role()),)
    assert begun.state.session("dev").not_before is None


def test_a_role_that_is_dropped_waits_for_no_moment():
    waiting = a_state(a_session(asked=True, not_before=NOW + MINUTE))
    assert apply(waiting, RoleDropped("dev")).session("dev").not_before is None


def test_who_asks_again_need_not_wait_for_that_turn():
    waiting = a_state(a_session(asked=True, not_before=NOW + MINUTE))
    assert plan(NOW, apply(waiting, RefreshAsked(("dev",)))).actions == (Issue(a_role()),)


def test_what_is_to_know_of_a_session_is_shown_while_it_is_on_file():
    new = replace(credentials(), note="It lasts an hour.")
    state = apply(a_state(a_session(), calls=frozenset({"dev"})), Issued(a_role(), new, NOW))
    assert snapshot(NOW, state).roles[0].note is None
    state = state.map(lambda session: replace(session, unwritten=None, expires_at=NOW + HOUR))
    assert snapshot(NOW, state).roles[0].note == "It lasts an hour."
