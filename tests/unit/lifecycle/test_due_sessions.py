"""Which sessions a plan looks at: all that may need something, and few of a thousand at rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state, credentials
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.model import Settings
from traycreds.core.value_class import replace
from traycreds.lifecycle import due_sessions, policy

SECOND = timedelta(seconds=1)
ANNOUNCED = Announced(kind=FailureKind.NETWORK, expires_at=NOW + HOUR)


def names_near(now, *sessions, **changes):
    return [session.role.name for session in due_sessions.find(now, a_state(*sessions, **changes)).close]


def idle_until(now, *sessions, **changes):
    return due_sessions.find(now, a_state(*sessions, **changes)).idle_until


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"asked": True}, id="asked for"),
        pytest.param({"drop": True}, id="to be dropped"),
        pytest.param({"unwritten": credentials()}, id="to be written"),
        pytest.param({"failure": a_failure()}, id="failed"),
        pytest.param({"announced": ANNOUNCED}, id="recovery to report"),
        pytest.param({"expires_at": None, "issued_at": None}, id="not on file"),
        pytest.param({"expires_at": NOW + 4 * MINUTE, "keep": False}, id="its end to report"),
        pytest.param({"keep_until": NOW + 4 * MINUTE}, id="the end of its keeping to report"),
        pytest.param({"expires_at": NOW - MINUTE, "keep": False}, id="left over"),
    ],
)
def test_roles_with_a_problem_are_near(changes):
    assert names_near(NOW, a_session("rests", expires_in=HOUR), a_session(expires_in=HOUR, **changes)) == ["dev"]


@pytest.mark.parametrize(
    "session",
    [
        pytest.param(a_session(expires_in=HOUR), id="fresh"),
        pytest.param(a_session(expires_in=HOUR, announced=replace(ANNOUNCED, kind=None)), id="told about its end"),
        pytest.param(a_session(keep=False), id="off"),
        pytest.param(a_session(expires_in=6 * MINUTE, keep=False), id="no longer kept, but not near its end"),
    ],
)
def test_what_is_at_rest_is_not_near_unless_it_is_the_default_or_called_for(session):
    assert names_near(NOW, session) == []
    assert names_near(NOW, session, chosen="dev") == ["dev"]
    assert names_near(NOW, session, calls=frozenset({"dev"})) == ["dev"]


def test_a_session_comes_near_at_the_moment_that_was_foretold():
    session = a_session(expires_in=HOUR)
    moment = policy.refresh_at(session)
    assert idle_until(NOW, session, a_session("off", keep=False)) == moment
    assert names_near(moment - SECOND, session) == []
    assert names_near(moment, session) == ["dev"]


def test_the_end_is_foretold_with_the_lead_that_the_user_wants():
    session, settings = a_session(expires_in=HOUR, keep=False), Settings(notify_before=20 * MINUTE)
    assert idle_until(NOW, session, settings=settings) == NOW + 40 * MINUTE
    assert names_near(NOW + 40 * MINUTE, session, settings=settings) == ["dev"]


def test_while_nothing_is_renewed_only_ends_are_foretold():
    assert due_sessions.find(NOW, a_state(a_session(expires_in=HOUR), paused=True)).next_due is None
    assert idle_until(NOW, a_session(expires_in=HOUR), paused=True) == NOW + 55 * MINUTE


def test_nothing_is_foretold_where_time_brings_nothing():
    assert due_sessions.find(NOW, a_state()) == ((), None, None)
    assert idle_until(NOW, a_session(keep=False)) is None


def test_what_was_counted_of_a_session_does_not_outlive_a_change():
    session = a_session(expires_in=HOUR)
    assert names_near(NOW, session) == []
    assert names_near(NOW, replace(session, asked=True)) == ["dev"]
    assert session == a_session(expires_in=HOUR), "nor does it make it another one"


def test_the_whole_has_what_was_planned_for_the_near_ones_and_all_others_in_their_order():
    sessions = tuple(a_session(f"role-{n}", expires_in=HOUR) for n in range(4))
    state = a_state(*sessions[:2], a_session(), *sessions[2:])
    close = due_sessions.find(NOW, state).close
    planned = replace(state, sessions=tuple(replace(session, announced=ANNOUNCED) for session in close), writing=True)
    after = due_sessions.whole(state, close, planned)
    assert after == replace(
        state, sessions=(*sessions[:2], a_session(announced=ANNOUNCED), *sessions[2:]), writing=True
    )
    assert due_sessions.whole(state, close, replace(state, sessions=close)).sessions is state.sessions
    assert a_role().name == close[0].role.name
