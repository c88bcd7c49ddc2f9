"""A region that comes with `use`: chosen before the role is, and on disk before the command returns."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, NOW, a_session, a_state
from tests.support.fakes.clock import FakeClock
from tests.unit.app.test_control_requests import Engine
from traycreds.app.control_requests import ControlRequests
from traycreds.control.protocol import Request
from traycreds.core.events import RegionChosen, RoleChosen
from traycreds.core.model import Settings

USED = a_state(a_session("dev", expires_in=HOUR), chosen="dev")


def handle_request(do, **more):
    """What was posted, and for how long the disk was waited for."""
    engine, waits = Engine(USED), []
    requests = ControlRequests(
        engine,
        FakeClock(NOW),
        post=engine.post,
        check_config=lambda: None,
        end=lambda: None,
        settings=Settings(),
        wait_until_saved=waits.append,
    )
    requests.handle_request(Request(id="1", do=do, roles=("dev",), **more), engine.turn)
    return engine.posted, waits


@pytest.mark.parametrize(("given", "chosen"), [("us-east-1", "us-east-1"), ("", None)])
def test_it_is_chosen_first_and_waited_for(given, chosen):
    posted, waits = handle_request("use", region=given)
    assert posted == [RegionChosen("dev", chosen), RoleChosen("dev")]
    assert len(waits) == 1


def test_without_one_none_is_chosen_but_that_of_the_default_profile_may_change():
    posted, waits = handle_request("use")
    assert posted == [RoleChosen("dev")]
    assert len(waits) == 1


def test_who_does_not_wait_waits_for_no_disk():
    assert handle_request("use", region="us-east-1", wait=False)[1] == []
    assert handle_request("keep")[1] == []
