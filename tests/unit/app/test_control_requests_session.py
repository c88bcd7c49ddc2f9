"""What the app tells a command that wants a session: where it is, and only while all is as it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, NOW, SECRET, TOKEN, a_role, a_session, a_state
from tests.support.fakes.clock import FakeClock
from tests.unit.app.test_control_requests import Engine
from traycreds.app.control_requests import ControlRequests
from traycreds.control.protocol import Request
from traycreds.core.events import RoleUsed
from traycreds.core.model import Settings
from traycreds.core.value_class import replace

PLACES = ("", "/home/me/.aws/credentials")
DEV = a_session("dev", role=a_role("dev", arn="arn:aws:iam::123456789012:role/Dev"), expires_in=HOUR)


def asked(*sessions, attended=True, taken=True, places=PLACES, own=PLACES, role="dev"):
    engine = Engine(a_state(*sessions))
    requests = ControlRequests(
        engine,
        FakeClock(NOW),
        post=engine.post,
        check_config=lambda: pytest.fail("it waits for nothing"),
        end=lambda: None,
        settings=Settings(),
        places=own,
        config_taken=lambda: taken,
    )
    request = Request(id="1", do="session", roles=(role,), attended=attended, places=places)
    answer = requests.handle_request(request, lambda: False).content
    assert answer["ok"] is True
    return answer["session"], engine.posted


def test_it_shows_the_role_and_no_secret():
    session, _ = asked(DEV)
    assert session == {
        "name": "dev",
        "profile": DEV.role.profile,
        "arn": DEV.role.arn,
        "permission_set": None,
        "from_profile": None,
        "mfa_serial": None,
        "region": DEV.role.region,
        "enough": 900.0,
    }
    assert SECRET not in str(session)
    assert TOKEN not in str(session)


def test_the_region_is_the_one_that_was_chosen():
    session, _ = asked(replace(DEV, region="eu-west-3"))
    assert session["region"] == "eu-west-3"


def test_a_user_uses_the_role_and_a_program_does_not():
    assert asked(DEV, attended=True)[1] == [RoleUsed("dev")]
    assert asked(DEV, attended=False)[1] == []


@pytest.mark.parametrize(
    "how",
    [
        {"taken": False},
        {"places": ("", "/elsewhere/credentials")},
        {"places": (), "own": ()},
        {"role": "prod"},
    ],
    ids=" ".join,
)
def test_nothing_is_reported_where_another_answer_may_be_right(how):
    assert asked(DEV, **how) == (None, [])


@pytest.mark.parametrize("left", [timedelta(minutes=15), timedelta(0), None])
def test_nothing_is_announced_for_a_session_that_does_not_last(left):
    expires_at = None if left is None else NOW + left
    assert asked(replace(DEV, expires_at=expires_at)) == (None, [])
