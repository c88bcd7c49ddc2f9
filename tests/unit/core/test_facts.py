"""What each event makes of the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state, a_throttle, a_view, credentials
from traycreds.core import policy
from traycreds.core.decide import plan
from traycreds.core.errors import FailureKind
from traycreds.core.facts import apply
from traycreds.core.messages import (
    ConfigChanged,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    NetworkChanged,
    Paused,
    RefreshAsked,
    Resumed,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    RoleUsed,
    Written,
)
from traycreds.core.model import Batch, Settings, Told, WriteReport
from traycreds.core.shown import Status
from traycreds.core.throttle import Throttle
from traycreds.core.views import snapshot

SECOND = timedelta(seconds=1)
SETTINGS = Settings()


def failed(role, kind=FailureKind.NETWORK, at=NOW):
    return IssueFailed(role, kind, "It failed.", "Do something.", at)


def calling(*sessions, **changes):
    return a_state(*sessions, calls=frozenset(session.role.name for session in sessions), **changes)


# answers of AWS


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


def test_calls_that_were_under_way_together_count_as_one_refusal():
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
    rooms = []
    for n in range(6):
        state = apply(state, Issued(a_role(), credentials(), NOW + n * SECOND))
        assert state.throttle.until == NOW + n * SECOND
        assert state.throttle.refusals == 0
        rooms.append(state.throttle.room)
    assert rooms == [2, 3, 4, 5, 6, 7]
    assert apply(state, Issued(a_role(), credentials(), NOW + MINUTE)).throttle is None


def test_a_session_that_was_asked_for_before_the_refusal_is_no_sign_that_it_is_over():
    held = a_throttle(until=NOW + 10 * SECOND)
    state = apply(calling(a_session(), throttle=held), Issued(a_role(), credentials(), NOW))
    assert state.throttle == held


def test_a_refused_call_is_tried_alone_again_when_throttling_comes_back():
    state = calling(a_session(), throttle=a_throttle(refusals=0, until=NOW, room=5))
    state = apply(state, failed(a_role(), FailureKind.THROTTLED, NOW))
    assert (state.throttle.refusals, state.throttle.room) == (1, 1)
    assert state.throttle.until > NOW


@pytest.mark.parametrize(
    ("kind", "opens"), [(FailureKind.DENIED, True), (FailureKind.MFA, True), (FailureKind.NETWORK, False)]
)
def test_whoever_needs_no_answer_or_got_another_one_lets_the_next_try(kind, opens):
    shut = a_throttle(until=NOW).shut(NOW + 30 * SECOND)
    state = apply(calling(a_session(), throttle=shut), failed(a_role(), kind, NOW + SECOND))
    assert state.throttle.until == (NOW + SECOND if opens else shut.until)
    assert state.throttle.room == 1


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
def test_a_try_that_was_overtaken_by_a_change_or_the_user_is_made_once_more(event, kind):
    state = apply(apply(calling(a_session()), event), failed(a_role(), kind))
    assert state.session("dev").failure.retry_at == NOW
    again = apply(replace(state, calls=frozenset({"dev"})), failed(a_role(), kind))
    assert again.session("dev").failure.retry_at is None


def test_a_try_that_was_overtaken_waits_as_usual_when_a_timer_tries_again_anyway():
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


# what the user does


def test_choosing_makes_a_role_the_default_and_saves_it_from_being_dropped():
    state = apply(a_state(a_session(drop=True, expires_in=HOUR), remove_default=True), RoleChosen("dev"))
    assert state.chosen == "dev"
    assert state.default_due
    assert not state.remove_default
    assert not state.session("dev").drop
    assert not state.session("dev").asked, "what is on file will do"


def test_choosing_a_failing_role_tries_it_at_once():
    assert apply(a_state(a_session(failure=a_failure())), RoleChosen("dev")).session("dev").asked


def test_choosing_an_unknown_role_changes_nothing():
    state = a_state(a_session(), chosen="dev")
    assert apply(state, RoleChosen("gone")) == state


def test_choosing_anew_forgets_why_default_was_refused():
    state = a_state(a_session(), default_failure=a_failure(FailureKind.FILE))
    assert apply(state, RoleChosen("dev")).default_failure is None
    assert apply(state, RoleChosen(None)).default_failure is None


def test_taking_the_choice_back_removes_default():
    state = apply(a_state(a_session(), chosen="dev", default_due=True), RoleChosen(None))
    assert state.chosen is None
    assert state.remove_default
    assert not state.default_due


def test_switching_on_keeps_until_the_given_moment_and_cancels_a_drop():
    session = a_session(keep=False, drop=True, told=Told(kind=None, expires_at=NOW))
    after = apply(a_state(session), RoleSwitched("dev", True, NOW + HOUR)).session("dev")
    assert after.keep
    assert after.keep_until == NOW + HOUR
    assert not after.drop
    assert not after.asked
    assert after.told is None


def test_switching_on_a_failing_role_tries_it_at_once():
    assert apply(a_state(a_session(failure=a_failure())), RoleSwitched("dev", True)).session("dev").asked


def test_switching_off_lets_a_session_run_out():
    session = a_session(expires_in=HOUR, keep_until=NOW + HOUR)
    after = apply(a_state(session), RoleSwitched("dev", False, NOW + 2 * HOUR)).session("dev")
    assert not after.keep
    assert after.keep_until is None
    assert after.expires_at == NOW + HOUR
    assert not after.asked
    assert not after.drop


def test_a_failure_of_a_role_that_nobody_wants_any_more_is_forgotten():
    failing = a_session(failure=a_failure(FailureKind.DENIED), told=Told(kind=FailureKind.DENIED, expires_at=None))
    assert apply(a_state(failing), RoleSwitched("dev", False)).session("dev") == a_session(keep=False)
    unkept = replace(failing, keep=False)
    for chosen_now in ("prod", None):
        state = apply(a_state(unkept, a_session("prod"), chosen="dev"), RoleChosen(chosen_now))
        assert state.session("dev") == a_session(keep=False)


def test_a_failure_of_a_role_that_is_still_wanted_stays():
    failing = a_session(failure=a_failure(FailureKind.DENIED))
    assert apply(a_state(failing, chosen="dev"), RoleSwitched("dev", False)).session("dev").failure is not None
    assert apply(a_state(failing, chosen="dev"), RoleChosen(None)).session("dev").failure is not None
    assert apply(a_state(replace(failing, keep=False), chosen="dev"), RoleChosen("dev")).session("dev").failure


@pytest.mark.parametrize("event", [RoleChosen("dev"), RoleSwitched("dev", True), RefreshAsked(("dev",))])
def test_wanting_a_failing_role_while_it_is_tried_asks_no_second_time(event):
    assert not apply(calling(a_session(failure=a_failure())), event).session("dev").asked


def test_switching_off_does_not_cancel_a_drop():
    assert apply(a_state(a_session(drop=True)), RoleSwitched("dev", False)).session("dev").drop


def test_dropping_forgets_all_but_what_is_on_file():
    session = a_session(
        expires_in=HOUR, keep_until=NOW + HOUR, asked=True, unwritten=credentials(), failure=a_failure(), told=None
    )
    state = apply(a_state(session, a_session("prod"), chosen="prod"), RoleDropped("dev"))
    assert state.session("dev") == a_session(expires_in=HOUR, keep=False, drop=True)
    assert state.chosen == "prod"


def test_dropping_the_default_role_removes_default():
    state = apply(a_state(a_session(expires_in=HOUR), chosen="dev"), RoleDropped("dev"))
    assert state.chosen is None
    assert state.remove_default


def test_asking_for_all_means_those_that_are_kept_or_chosen():
    sessions = (a_session("kept"), a_session("chosen", keep=False), a_session("off", keep=False))
    state = apply(a_state(*sessions, chosen="chosen"), RefreshAsked())
    assert [session.asked for session in state.sessions] == [True, True, False]


def test_asking_by_name_means_that_role_kept_or_not():
    state = apply(a_state(a_session("dev"), a_session("off", keep=False, drop=True)), RefreshAsked(("off",)))
    assert [session.asked for session in state.sessions] == [False, True]
    assert not state.session("off").drop


def test_asking_while_a_call_is_under_way_asks_no_second_time():
    assert not apply(calling(a_session()), RefreshAsked(("dev",))).session("dev").asked


def test_asking_takes_a_drop_back_even_while_its_call_is_still_under_way():
    state = apply(apply(calling(a_session()), RoleDropped("dev")), RefreshAsked(("dev",)))
    state = apply(state, Issued(a_role(), credentials(), NOW))
    assert not state.session("dev").drop
    assert state.session("dev").unwritten == credentials()


@pytest.mark.parametrize("on", [True, False])
def test_pausing(on):
    assert apply(a_state(paused=not on), Paused(on)).paused is on


# the configuration


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
    old = a_session(expires_in=HOUR, unwritten=credentials(), failure=a_failure(), told=Told(kind=None, expires_at=NOW))
    new = a_role(arn="arn:aws:iam::123456789012:role/other")
    after = apply(a_state(old), ConfigChanged((new,), SETTINGS)).session("dev")
    assert after.role == new
    assert after.unwritten is None
    assert after.failure is None
    assert after.told is None
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


def test_a_call_under_way_for_the_old_definition_is_made_again_for_the_new_one():
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


# waking


def test_waking_tries_at_once_what_a_timer_would_have_tried():
    state = a_state(
        a_session("dev", failure=a_failure(attempts=9, retry_at=NOW + HOUR)),
        a_session("prod", failure=a_failure(FailureKind.MFA)),
        a_session("ops", expires_in=HOUR),
        throttle=a_throttle(until=NOW + HOUR),
        write_failure=a_failure(FailureKind.FILE, retry_at=NOW + HOUR, told=True),
        default_failure=a_failure(FailureKind.FILE),
    )
    after = apply(state, Resumed(NOW + MINUTE))
    assert after.session("dev").failure.retry_at == NOW + MINUTE
    assert after.session("dev").failure.attempts == 0
    assert after.session("prod") == state.session("prod"), "a person must cure that"
    assert after.session("ops") == state.session("ops")
    assert after.throttle is None
    assert after.write_failure.retry_at == NOW + MINUTE
    assert after.write_failure.told, "told once"
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


def test_a_session_that_a_wrong_clock_made_look_too_short_is_reckoned_anew():
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


# roles used lately


def test_roles_that_were_used_last_come_newest_first_each_once():
    state = a_state(*(a_session(name) for name in "abc"))
    for event in (RoleUsed("a"), RoleChosen("b"), RoleUsed("c"), RoleUsed("a"), RoleChosen(None), RoleUsed("gone")):
        state = apply(state, event)
    assert state.recent == ("a", "c", "b")
    assert [view.recent for view in snapshot(NOW, state).roles] == [0, 2, 1]


def test_only_some_are_remembered():
    names = [f"r{n}" for n in range(policy.RECENT + 3)]
    state = a_state(*map(a_session, names))
    for name in names:
        state = apply(state, RoleUsed(name))
    assert state.recent == tuple(reversed(names))[: policy.RECENT]
    assert snapshot(NOW, state).roles[0].recent is None


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
    waits = IssueFailed(a_role(), FailureKind.MFA, "Waits.", "Nothing.", NOW, device="phone", again_at=turn)
    state = apply(calling, waits)
    assert state.session("dev").failure is None
    assert snapshot(NOW, state).roles[0].status is Status.REFRESHING

    held = plan(turn - SECOND, state)
    assert held.actions == ()
    assert held.wake_at == turn
    begun = plan(turn, held.state)
    assert begun.actions == (Issue(a_role()),)
    assert begun.state.session("dev").not_before is None


def test_who_asks_again_need_not_wait_for_that_turn():
    waiting = a_state(a_session(asked=True, not_before=NOW + MINUTE))
    assert plan(NOW, apply(waiting, RefreshAsked(("dev",)))).actions == (Issue(a_role()),)


def test_what_is_to_know_of_a_session_is_shown_while_it_is_on_file():
    new = replace(credentials(), note="It lasts an hour.")
    state = apply(a_state(a_session(), calls=frozenset({"dev"})), Issued(a_role(), new, NOW))
    assert snapshot(NOW, state).roles[0].note is None
    state = state.map(lambda session: replace(session, unwritten=None, expires_at=NOW + HOUR))
    assert snapshot(NOW, state).roles[0].note == "It lasts an hour."
