"""A first run: the role that is taken first is offered to be kept alive once it has a session, and only that one."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_default, a_failure, a_role, a_session, a_state, credentials
from tests.unit.lifecycle.plan_outcomes import announced, issued, written
from traycreds.core.engine_state import Choices
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    Clicked,
    ConfigChanged,
    Issued,
    OpenSignIn,
    RefreshAsked,
    RoleChosen,
    RoleSwitched,
    TakeBack,
    Written,
)
from traycreds.core.model import Settings, StoreView, WriteReport
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.follow_ups import choices
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.presentation import snapshot

FOUND = tuple(a_role(name, from_profile=name) for name in ("dev", "prod"))
EMPTY = a_state(*(a_session(role=role, keep=False) for role in FOUND), discovered=True)


def click(state, event, at=NOW):
    return plan(at, apply(state, Clicked(event, at)))


def with_session(outcome, name, at=NOW):
    """The plan once the call for a role has given a session, and that and `default` are written."""
    assert issued(outcome) == [name]
    role = next(session.role for session in outcome.state.sessions if session.role.name == name)
    got = plan(at, apply(outcome.state, Issued(role, credentials(at + HOUR), at)))
    assert announced(got) == [], "it is not on file"
    owned = replace(a_default(name, at + HOUR), profile=role.profile), a_default(name, at + HOUR)
    return plan(at, apply(got.state, Written(written(got), WriteReport(view=StoreView(owned=owned)), at)))


def offers(outcome):
    return [notice for notice in announced(outcome) if notice.key == notices.FIRST_ROLE]


def taken_back(outcome):
    return [key for action in outcome.actions if isinstance(action, TakeBack) for key in action.keys]


def first():
    return with_session(click(EMPTY, RoleChosen("dev")), "dev")


def test_the_first_role_is_offered_with_the_word_of_the_menu_once_its_session_is_on_file():
    outcome = first()
    (notice,) = announced(outcome)
    assert notice.title == "dev has a session"
    assert [(button.label, button.command) for button in notice.buttons] == [
        ("Keep alive", RoleSwitched("dev", on=True))
    ]
    assert "Keep alive in the tray menu" in notice.body
    assert snapshot(NOW, outcome.state).keep_offered == "dev"
    for minutes in (0, 1, 20):
        outcome = plan(NOW + minutes * MINUTE, outcome.state)
        assert announced(outcome) == [], "once"
        assert taken_back(outcome) == []


def test_the_click_on_the_button_keeps_it_and_ends_the_offer():
    (notice,) = announced(shown := first())
    kept = click(shown.state, notice.buttons[0].command)
    assert kept.state.session("dev").keep
    assert taken_back(kept) == [notices.FIRST_ROLE]
    assert snapshot(NOW, kept.state).keep_offered is None
    let_go = click(kept.state, RoleSwitched("dev", on=False))
    assert offers(let_go) == []
    assert snapshot(NOW, let_go.state).keep_offered is None


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(Clicked(RoleChosen("prod"), NOW), id="another role"),
        pytest.param(Clicked(RoleChosen(None), NOW), id="no role"),
        pytest.param(ConfigChanged(FOUND, Settings()), id="configured"),
        pytest.param(ConfigChanged(FOUND[1:], Settings(), discovered=True), id="gone"),
    ],
)
def test_what_ends_the_offer_takes_its_notice_back_and_nothing_is_offered_again(end):
    outcome = plan(NOW, apply(first().state, end))
    assert taken_back(outcome) == [notices.FIRST_ROLE]
    assert snapshot(NOW, outcome.state).keep_offered is None
    if isinstance(end, Clicked) and end.event.name:
        assert offers(with_session(outcome, "prod")) == []


def test_where_the_first_click_leads_to_no_session_the_next_one_counts():
    denied = click(EMPTY, RoleChosen("dev")).state
    denied = replace(denied, calls=frozenset()).map(
        lambda session: (
            replace(session, failure=a_failure(FailureKind.DENIED)) if session.role.name == "dev" else session
        )
    )
    assert snapshot(NOW, denied).keep_offered is None
    (notice,) = offers(with_session(click(denied, RoleChosen("prod")), "prod"))
    assert notice.title == "prod has a session"


def test_a_role_that_needs_a_sign_in_has_it_opened_by_the_first_click_and_is_offered_afterwards():
    needs = a_failure(FailureKind.SIGN_IN, sign_in="corp")
    state = replace(click(EMPTY, RoleChosen("dev")).state, calls=frozenset())
    state = state.map(lambda session: replace(session, failure=needs) if session.role.name == "dev" else session)
    asked = plan(NOW, state)
    assert [action for action in asked.actions if isinstance(action, OpenSignIn)] == [OpenSignIn("dev")]
    (failing,) = announced(asked)
    assert failing.title == "dev: no session"
    signed_in = apply(asked.state, RefreshAsked(("dev",)))
    outcome = with_session(plan(NOW, signed_in), "dev")
    assert [notice.title for notice in announced(outcome)] == ["dev has a session"], "that it is well again is in it"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(replace(EMPTY, discovered=False), id="configured roles"),
        pytest.param(replace(EMPTY, recent=("prod",)), id="no first run"),
        pytest.param(EMPTY.map(lambda session: replace(session, keep=True)), id="kept already"),
    ],
)
def test_nothing_is_offered_otherwise(state):
    outcome = plan(NOW, replace(apply(state, Clicked(RoleChosen("dev"), NOW)), calls=frozenset({"prod"})))
    assert offers(with_session(outcome, "dev")) == []


def test_the_choice_of_the_last_run_is_offered_no_more_after_a_restart():
    chosen = Choices(chosen="dev", recent=("dev",))
    state = EMPTY
    for event in choices.events(chosen, FOUND):
        state = apply(state, event)
    assert offers(with_session(plan(NOW, state), "dev")) == []


def test_while_the_screen_is_locked_it_waits():
    locked = replace(EMPTY, locked=True, settings=Settings(pause_when_locked=True))
    outcome = plan(NOW, replace(first_shown_nowhere(locked), locked=False))
    assert len(offers(outcome)) == 1


def first_shown_nowhere(state):
    on_file = a_session(role=FOUND[0], keep=False, expires_in=HOUR)
    state = replace(state, sessions=(on_file, *state.sessions[1:]), chosen="dev", first_role="dev")
    outcome = plan(NOW, replace(state, default_on_file=a_default("dev", NOW + HOUR), recent=("dev",)))
    assert announced(outcome) == []
    return outcome.state
