"""What a session's secrets are noted with: how long it lasts at most, so that they are known at least as long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.sts.conftest import ARN, code, ours, strong
from tests.support.builders import a_role
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.state import known_secrets


@pytest.fixture
def noted(monkeypatch):
    """How long each secret lasts that is noted."""
    found = {}
    note = known_secrets.note

    def record(*secrets, lasts=None):
        found.update(dict.fromkeys(secrets, lasts))
        note(*secrets, lasts=lasts)

    monkeypatch.setattr(known_secrets, "note", record)
    return found


@pytest.mark.parametrize("duration", [None, timedelta(minutes=15), timedelta(hours=12)])
def test_a_session_is_noted_for_as_long_as_it_lasts(aws, source, noted, duration):
    aws.add_role("lasting", max_session=43200)
    session = source.issue(a_role("lasting", arn=f"{ARN}/lasting", duration=duration))
    left = session.expires_at - ours(aws)()
    for secret in (session.secret_access_key, session.session_token):
        assert timedelta() <= noted[secret] - left < timedelta(minutes=1)


def test_one_beside_mfa_may_last_longer_than_was_asked_for(aws, device, noted):
    mfa = MfaSessions(now=ours(aws))
    mfa.offer(device.serial, code(device))
    session = StsSource(mfa=mfa).issue(strong(aws, device))
    assert noted[session.session_token] is None, "known for as long as the longest"
    assert known_secrets.without(session.session_token) == known_secrets.GONE
