"""The console of the demo opens on this machine, and only with sessions of its simulated AWS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.builders import a_role
from traycreds.app.demo import sandbox
from traycreds.aws import console
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.core.errors import IssueError
from traycreds.core.model import Credentials
from traycreds.core.value_class import replace
from traycreds.engine.clock import SystemClock


@pytest.fixture
def box(monkeypatch):
    monkeypatch.setattr("os.environ", {"HOME": "/home/of-nobody"})
    monkeypatch.setattr(TokenFolder, "elsewhere", None)
    with sandbox.opened(SystemClock()) as box:
        box.point_aws_at()
        yield box


@pytest.fixture
def session(box) -> Credentials:
    end = datetime.now(timezone.utc) + timedelta(hours=1)
    key = box.simulator.world.open_session(box.base.principal, expires_at=end)
    return Credentials(
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=key.session_token,
        expires_at=end,
    )


def test_a_session_of_the_demo_opens_a_page_on_this_machine(box, session):
    page = console.page(a_role("prod"), session)
    assert page.startswith(f"{box.simulator.url}/")
    with urlopen(page, timeout=10) as response:
        text = response.read().decode()
    assert box.base.principal.arn in text
    assert session.secret_access_key not in text
    assert [call.action for call in box.simulator.calls] == ["GetSigninToken", "Console"]


@pytest.mark.parametrize("wrong", ["access_key_id", "secret_access_key", "session_token"])
def test_another_session_gets_no_page(box, session, wrong):
    with pytest.raises(IssueError, match="refused the console sign-in"):
        console.page(a_role("prod"), replace(session, **{wrong: "another"}))


def test_a_page_needs_the_token_of_a_session(box):
    with pytest.raises(HTTPError) as refused, urlopen(f"{box.simulator.url}/console?SigninToken=x", timeout=10):
        pass
    assert refused.value.code == 400
    refused.value.close()
