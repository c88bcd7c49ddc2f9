"""Choices are saved when they differ from those saved last."""

from __future__ import annotations

from tests.support.builders import HOUR, NOW, a_session, a_state
from traycreds.core.engine_state import Choices
from traycreds.core.events import RegionChosen, RoleChosen, RoleSwitched, SaveChoices
from traycreds.core.value_class import replace
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.follow_ups import choices
from traycreds.lifecycle.plan import plan


def saved(state):
    return [action.choices for action in plan(NOW, state).actions if isinstance(action, SaveChoices)]


def of_disk(*sessions, **changes):
    """A state whose choices are those on disk."""
    state = a_state(*sessions, **changes)
    return replace(state, saved_choices=choices.of(state))


def test_what_is_saved_already_is_not_saved_again():
    assert saved(of_disk(a_session("dev"), a_session("prod"), chosen="dev")) == []


def test_each_kind_of_choice_is_saved_once():
    state = of_disk(a_session("dev"), a_session("prod"))
    for event in (
        RoleChosen("dev"),
        RoleSwitched("prod", on=False),
        RoleSwitched("dev", on=True, until=NOW + HOUR),
        RegionChosen("dev", "us-east-1"),
    ):
        state = apply(state, event)
        outcome = plan(NOW, state)
        assert saved(state) == [choices.of(outcome.state)]
        state = outcome.state
        assert saved(state) == []


def test_a_first_run_saves_what_the_configuration_says():
    state = replace(a_state(a_session("dev")), saved_choices=Choices())
    assert saved(state) == [choices.of(state)]


def test_the_end_of_keeping_is_a_change_too():
    state = of_disk(a_session("dev", expires_in=HOUR, keep_until=NOW))
    (newest,) = saved(state)
    assert not newest.keeping["dev"].keep


def test_where_choices_are_not_saved_none_are():
    assert saved(a_state(a_session("dev"), chosen="dev")) == []
