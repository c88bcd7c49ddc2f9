"""A region that comes with `use`: chosen before the role is, and on disk before the command returns."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, a_session, a_state
from tests.unit.app.test_control_requests import Engine, requests_to
from traycreds.control import snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.events import RegionChosen, RoleChosen

USED = a_state(a_session("dev", expires_in=HOUR), chosen="dev")


def handle_request(do, *, saved=True, **more):
    """What was posted, for how long the disk was waited for, and the note at the role in the answer."""
    engine, waits = Engine(USED), []
    requests = requests_to(engine, wait_until_saved=lambda seconds: waits.append(seconds) or saved)
    answer = requests.handle_request(Request(id="1", do=do, roles=("dev",), **more), engine.turn)
    return engine.posted, waits, snapshot_json.decode(answer.content["snapshot"]).roles[0].region_note


@pytest.mark.parametrize(("given", "chosen"), [("us-east-1", "us-east-1"), ("", None)])
def test_it_is_chosen_first_and_waited_for(given, chosen):
    posted, waits, note = handle_request("use", region=given)
    assert posted == [RegionChosen("dev", chosen), RoleChosen("dev")]
    assert len(waits) == 1
    assert note is None


def test_one_that_another_program_blocks_is_reported():
    _, waits, note = handle_request("use", region="us-east-1", saved=False)
    assert waits[0] <= 2.5, "the command is answered within three seconds"
    assert "not in ~/.aws/config yet" in note


def test_without_one_none_is_chosen_but_that_of_the_default_profile_may_change():
    posted, waits, _ = handle_request("use")
    assert posted == [RoleChosen("dev")]
    assert len(waits) == 1


def test_who_does_not_wait_waits_for_no_disk():
    assert handle_request("use", region="us-east-1", wait=False)[1] == []
    assert handle_request("keep")[1] == []
