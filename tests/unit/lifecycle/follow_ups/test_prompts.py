"""A click on a role that turns out to need an MFA code has it asked for, once, and no dialog comes out of nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_session, a_state
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    AskForCode,
    Clicked,
    Notify,
    OpenSignIn,
    Paused,
    RefreshAsked,
    RoleChosen,
    RoleSwitched,
)
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.presentation import snapshot

PHONE = "arn:aws:iam::123456789012:mfa/phone"
NEEDS = a_failure(FailureKind.MFA, device=PHONE)
OFF = replace(a_session("prod"), keep=False)


def asked(state, now=NOW):
    return [action.device for action in plan(now, state).actions if isinstance(action, AskForCode)]


def with_prod(state, **changes):
    return state.map(lambda session: replace(session, **changes) if session.role.name == "prod" else session)


@pytest.mark.parametrize("event", [RoleChosen("prod"), RoleSwitched("prod", on=True), RefreshAsked(("prod",))])
def test_the_user_s_own_click_opens_the_dialog_once_the_role_is_known_to_need_it(event):
    state = apply(a_state(OFF), Clicked(event, NOW))
    state = with_prod(state, asked=False)
    for calls, failure in ((frozenset({"prod"}), None), (frozenset({"prod"}), NEEDS)):
        state = replace(with_prod(state, failure=failure), calls=calls)
        assert asked(state) == []
        state = plan(NOW, state).state
    state = replace(state, calls=frozenset())
    assert asked(state) == [PHONE]
    assert asked(plan(NOW, state).state) == [], "a click counts once"


def test_the_user_s_own_click_opens_the_sign_in_that_the_role_needs_once():
    needs = a_failure(FailureKind.SIGN_IN, sign_in="corp")
    other = replace(a_session("ops"), keep=False)
    state = apply(apply(a_state(OFF, other), Clicked(RoleChosen("ops"), NOW)), Clicked(RoleChosen("prod"), NOW))
    state = state.map(lambda session: replace(session, failure=needs, asked=False))
    planned = plan(NOW, state)
    assert [action for action in planned.actions if isinstance(action, OpenSignIn)] == [OpenSignIn("ops")]
    assert not any(isinstance(action, OpenSignIn) for action in plan(NOW, planned.state).actions)
    unasked = a_state(replace(OFF, failure=needs))
    assert not any(isinstance(action, OpenSignIn) for action in plan(NOW, unasked).actions)


@pytest.mark.parametrize(
    "event",
    [
        RefreshAsked(),
        RefreshAsked(("prod", "ops")),
        RoleChosen(None),
        RoleSwitched("prod", on=False),
        Paused(on=True),
        RoleChosen("dev"),
    ],
)
def test_no_dialog_out_of_nowhere(event):
    needy = a_state(a_session("dev", expires_in=HOUR), replace(OFF, failure=NEEDS), a_session("ops"))
    assert asked(with_prod(apply(needy, Clicked(event, NOW)), failure=NEEDS, asked=False)) == []
    assert asked(apply(needy, event)) == []


def test_what_was_clicked_is_done_as_without_a_click():
    event = RoleSwitched("prod", on=True)
    clicked = apply(a_state(OFF), Clicked(event, NOW))
    assert replace(clicked, clicks=()) == apply(a_state(OFF), event)


def test_a_click_is_forgotten_when_the_role_is_fresh_gone_or_a_minute_has_passed():
    def clicked(*sessions):
        return apply(a_state(*sessions), Clicked(RefreshAsked(("prod",)), NOW))

    fresh = with_prod(clicked(a_session("prod", expires_in=HOUR)), asked=False)
    assert plan(NOW, fresh).state.clicks == ()
    gone = replace(clicked(OFF), sessions=())
    assert plan(NOW, gone).state.clicks == ()
    needy = with_prod(clicked(OFF), failure=NEEDS, asked=False)
    assert asked(needy, NOW + policy.CLICK_LASTS) == [PHONE]
    late = NOW + policy.CLICK_LASTS + timedelta(seconds=1)
    assert asked(needy, late) == []
    assert plan(late, needy).state.clicks == ()


def announced(state, now=NOW):
    return [action.title for action in plan(now, state).actions if isinstance(action, Notify)]


def test_who_is_asked_for_a_code_by_a_dialog_gets_no_notice_that_one_is_needed():
    event = RefreshAsked(("prod",))
    asking = with_prod(apply(a_state(OFF), Clicked(event, NOW)), failure=NEEDS, asked=False)
    assert (asked(asking), announced(asking)) == ([PHONE], [])
    assert announced(plan(NOW, asking).state) == [], "nor later"
    other = replace(asking, sessions=(*asking.sessions, a_session("ops", failure=replace(NEEDS, device="other"))))
    assert announced(other) == ["ops: no session"]
    assert announced(with_prod(apply(a_state(OFF), event), failure=NEEDS, asked=False)) == ["prod: no session"], (
        "no click"
    )


def test_the_icon_shows_no_failure_while_the_dialog_is_new():
    asking = with_prod(apply(a_state(OFF), Clicked(RefreshAsked(("prod",)), NOW)), failure=NEEDS, asked=False)
    open_now = plan(NOW, asking).state
    assert snapshot(NOW, open_now).overall is Status.REFRESHING
    late = NOW + policy.CLICK_LASTS + timedelta(seconds=1)
    assert snapshot(late, open_now).overall is Status.FAILED
    assert plan(late, open_now).state.prompted == ()
    refused = with_prod(open_now, failure=a_failure(FailureKind.DENIED))
    assert snapshot(NOW, refused).overall is Status.FAILED, "it is not the code that it waits for"
