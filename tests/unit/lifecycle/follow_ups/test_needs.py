"""What roles need of the machine is reported when it changes."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_session, a_state
from traycreds.core.errors import FailureKind
from traycreds.core.events import RoleSwitched, SetNeeds
from traycreds.core.value_class import replace
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan

NETWORK, DENIED = a_failure(FailureKind.NETWORK), a_failure(FailureKind.DENIED)


def needed(state):
    return [set(action.needs) for action in plan(NOW, state).actions if isinstance(action, SetNeeds)]


def first(*sessions, **changes):
    """A state of which nothing was reported yet."""
    return replace(a_state(*sessions, **changes), needs=frozenset())


@pytest.mark.parametrize(
    ("session", "changes", "needs"),
    [
        (a_session("dev"), {}, {"timers"}),
        (a_session("dev", expires_in=HOUR), {}, {"timers", "notices"}),
        (a_session("dev", failure=NETWORK), {}, {"timers", "network"}),
        (a_session("dev", failure=DENIED), {}, {"timers"}),
        (a_session("dev", keep=False, expires_in=HOUR), {"chosen": "dev"}, {"timers", "notices"}),
    ],
    ids=["kept", "with a session", "without network", "denied", "default"],
)
def test_the_needs_of_a_role_are_reported(session, changes, needs):
    assert needed(first(session, **changes)) == [needs]


def test_a_role_that_nothing_renews_needs_nothing():
    assert needed(first(a_session("dev", keep=False, expires_in=HOUR))) == []


def test_it_is_reported_once_and_again_when_it_ends():
    state = first(a_session("dev", expires_in=HOUR))
    state = plan(NOW, state).state
    assert needed(state) == []
    assert needed(apply(state, RoleSwitched("dev", on=False))) == [set()]


def test_if_nobody_gives_it_there_is_no_need():
    assert needed(a_state(a_session("dev", expires_in=HOUR))) == []
