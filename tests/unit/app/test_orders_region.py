"""A region that comes with `use`: chosen before the role is, and on disk before the command returns."""

from __future__ import annotations

import pytest

from tests.builders import HOUR, NOW, a_session, a_state
from tests.fakes.clock import FakeClock
from tests.unit.app.test_orders import Engine
from traycreds.adapters.controlwire import Request
from traycreds.app.orders import Orders
from traycreds.core.messages import RegionChosen, RoleChosen
from traycreds.core.model import Settings

USED = a_state(a_session("dev", expires_in=HOUR), chosen="dev")


def obey(do, **more):
    """What was posted, and for how long the disk was waited for."""
    engine, waits = Engine(USED), []
    them = Orders(
        engine,
        FakeClock(NOW),
        post=engine.post,
        look=lambda: None,
        end=lambda: None,
        settings=Settings(),
        settle=waits.append,
    )
    them.obey(Request(id="1", do=do, roles=("dev",), **more), engine.turn)
    return engine.posted, waits


@pytest.mark.parametrize(("given", "chosen"), [("us-east-1", "us-east-1"), ("", None)])
def test_it_is_chosen_first_and_waited_for(given, chosen):
    posted, waits = obey("use", region=given)
    assert posted == [RegionChosen("dev", chosen), RoleChosen("dev")]
    assert len(waits) == 1


def test_without_one_none_is_chosen_but_that_of_the_default_profile_may_change():
    posted, waits = obey("use")
    assert posted == [RoleChosen("dev")]
    assert len(waits) == 1


def test_who_does_not_wait_waits_for_no_disk():
    assert obey("use", region="us-east-1", wait=False)[1] == []
    assert obey("keep")[1] == []
