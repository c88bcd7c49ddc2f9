"""What a command makes of the word of an app: a session of the file, or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.builders import a_role
from traycreds.awsfiles import session_on_file
from traycreds.core.model import Credentials
from traycreds.usecases.session import app_session

ROLE = a_role("dev")
KNOWN = {"name": "dev", "profile": ROLE.profile, "arn": ROLE.arn, "region": "eu-west-1", "enough": 900.0}


@pytest.fixture
def on_file(monkeypatch):
    """A session of this many seconds."""

    def put(seconds):
        ends = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        found = Credentials(access_key_id="AKIA", secret_access_key="s", session_token="t", expires_at=ends)
        monkeypatch.setattr(session_on_file, "session_of", lambda *_: found)
        return found

    return put


def test_the_session_comes_from_the_file_and_the_role_from_the_app(on_file):
    credentials = on_file(3600)
    found = app_session._on_file(KNOWN)
    assert found.credentials == credentials
    assert (found.role.name, found.role.profile, found.role.arn, found.role.region) == (
        "dev",
        ROLE.profile,
        ROLE.arn,
        "eu-west-1",
    )


def test_a_session_that_does_not_last_is_none(on_file):
    on_file(899)
    assert app_session._on_file(KNOWN) is None


@pytest.mark.parametrize(
    "change",
    [{"enough": None}, {"enough": "900"}, {"name": None}, {"profile": 7}, {"arn": ["a"]}, {"region": 1}],
    ids=str,
)
def test_words_that_are_not_understood_are_nothing(on_file, change):
    on_file(3600)
    assert app_session._on_file({**KNOWN, **change}) is None
