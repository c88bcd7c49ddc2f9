"""What the user does is a fact too: choosing, keeping, dropping, asking, pausing, using."""

from __future__ import annotations

import pytest

from tests.support.builders import (
    HOUR,
    NOW,
    a_failure,
    a_role,
    a_session,
    a_state,
    credentials,
)
from tests.unit.lifecycle.states import calling
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    Issued,
    Paused,
    RefreshAsked,
    RoleChosen,
    RoleDropped,
    RoleSwitched,
    RoleUsed,
)
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.presentation import snapshot

# What the user does


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
    session = a_session(keep=False, drop=True, announced=Announced(kind=None, expires_at=NOW))
    after = apply(a_state(session), RoleSwitched("dev", True, NOW + HOUR)).session("dev")
    assert after.keep
    assert after.keep_until == NOW + HOUR
    assert not after.drop
    assert not after.asked
    assert after.announced is None


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
    failing = a_session(
        failure=a_failure(FailureKind.DENIED), announced=Announced(kind=FailureKind.DENIED, expires_at=None)
    )
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
        expires_in=HOUR, keep_until=NOW + HOUR, asked=True, unwritten=credentials(), failure=a_failure(), announced=None
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


def test_asking_while_a_call_is_in_progress_asks_no_second_time():
    assert not apply(calling(a_session()), RefreshAsked(("dev",))).session("dev").asked


def test_asking_takes_a_drop_back_even_while_its_call_is_still_in_progress():
    state = apply(apply(calling(a_session()), RoleDropped("dev")), RefreshAsked(("dev",)))
    state = apply(state, Issued(a_role(), credentials(), NOW))
    assert not state.session("dev").drop
    assert state.session("dev").unwritten == credentials()


@pytest.mark.parametrize("on", [True, False])
def test_pausing(on):
    assert apply(a_state(paused=not on), Paused(on)).paused is on


# Roles used lately


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
