"""Requests that are about no role in particular: pause, resume, and taking the default away."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, a_failure, a_session, a_state
from tests.unit.app.test_control_requests import _impatient, handle_request  # noqa: F401 - a fixture
from traycreds.core.errors import CredentialsFileError
from traycreds.core.events import Paused, RoleChosen
from traycreds.core.value_class import replace

FRESH = a_session("dev", expires_in=HOUR)


@pytest.mark.parametrize(("do", "on"), [("pause", True), ("resume", False)])
def test_pause_and_resume_are_clicks_and_nobody_waits(do, on):
    engine, snapshot = handle_request(do, replace(a_state(FRESH), paused=on), roles=())
    assert engine.posted == [Paused(on=on)]
    assert snapshot.paused is on


def test_none_waits_until_default_is_gone():
    before = a_state(FRESH, chosen="dev")
    asked = replace(before, chosen=None, remove_default=True)
    gone = replace(a_state(FRESH), default_on_file=None)
    engine, snapshot = handle_request("use_none", before, asked, gone, roles=())
    assert engine.posted == [RoleChosen(None)]
    assert not engine.coming, "until the last state, in which it is gone"
    assert not snapshot.roles[0].is_default


def test_none_does_not_wait_where_it_is_not_to():
    engine, _ = handle_request("use_none", a_state(FRESH, chosen="dev"), roles=(), wait=False)
    assert engine.posted == [RoleChosen(None)]


def test_none_says_what_stands_in_the_way():
    asked = replace(a_state(FRESH, chosen="dev"), chosen=None, remove_default=True)
    with pytest.raises(CredentialsFileError):
        handle_request("use_none", replace(asked, write_failure=a_failure()), roles=())


def test_without_any_role_it_can_still_be_paused():
    engine, _ = handle_request("pause", replace(a_state(), paused=True), roles=())
    assert engine.posted == [Paused(on=True)]
