"""Profiles of IAM Identity Center, as sources and as roles of their own; docs/aws-behaviour.md#iam-identity-center-sign-ins."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.conftest import own
from tests.integration.sts.conftest import ARN, failure
from tests.support.builders import a_role
from tests.support.sso_profiles import ACCOUNT, LEGACY_PROFILE, PASSING_FAULTS, SSO_PROFILE, START
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.sim import Fault


@pytest.fixture
def sso(aws):
    """Profile `sso` (session `corp`) and `old` (legacy), nobody signed in."""
    aws.config(SSO_PROFILE + LEGACY_PROFILE)
    return aws


def put_token(aws, text: str, *, session: str = "corp") -> None:
    folder = aws.folder / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha1(session.encode()).hexdigest()}.json").write_text(text)


def sign_in(aws, *, session: str = "corp", roles=((ACCOUNT, "Admin"),), lasts=timedelta(hours=8)):
    one = aws.sim.portal.sign_in("alice", roles)
    expires = (datetime.now(timezone.utc) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
    put_token(
        aws,
        json.dumps({"startUrl": START, "region": "eu-west-1", "accessToken": one.token, "expiresAt": expires}),
        session=session,
    )
    return one


def test_profile_itself_is_a_role_and_each_issue_a_new_session(sso, source):
    sign_in(sso)

    first, second = source.issue(own()), source.issue(own())

    assert sso.actions() == ["GetRoleCredentials"] * 2
    assert first.access_key_id != second.access_key_id
    assert abs(first.expires_at - datetime.now(timezone.utc) - timedelta(hours=1)) < timedelta(seconds=3)
    assert first.expires_at.utcoffset() == timedelta(0)
    assert first.account_id == ACCOUNT


def test_legacy_profile(sso, source):
    sign_in(sso, session=START)

    assert source.issue(own("old"))


def test_as_a_source_it_is_asked_once(sso, source):
    sign_in(sso)
    sso.add_role("end", trust=[f"arn:aws:iam::{ACCOUNT}:root"])
    role = a_role("end", arn=f"{ARN}/end", source_profile="sso")

    source.issue(role)
    assert source.issue(role).account_id == ARN.split(":")[4], "that of the role, not of its source"

    assert sso.actions() == ["GetRoleCredentials", "AssumeRole", "AssumeRole"]
    assert sso.sim.calls[-1].region == "eu-central-1"


@pytest.mark.parametrize(
    "text", [None, "garbage", "{}", '{"accessToken": "t"}'], ids=["none", "garbage", "empty", "half"]
)
def test_no_token_that_can_be_used_means_sign_in(sso, source, text):
    if text is not None:
        put_token(sso, text)

    error = failure(source, own())

    assert error.kind is FailureKind.SIGN_IN
    assert error.hint == "Run: traycreds login corp"
    assert sso.sim.calls == ()


def test_expired_token_means_sign_in(sso, source):
    sign_in(sso, lasts=timedelta(minutes=-1))

    error = failure(source, own())

    assert error.kind is FailureKind.SIGN_IN
    assert error.sentence == "The sign-in behind role sso has expired."


def test_legacy_sign_in_names_the_profile(sso, source):
    error = failure(source, own("old"))

    assert error.kind is FailureKind.SIGN_IN
    assert error.hint == "Run: traycreds login old"


def test_revoked_token_means_sign_in_and_the_next_one_is_read(sso, source):
    sso.sim.portal.sign_out(sign_in(sso))

    assert failure(source, own()).kind is FailureKind.SIGN_IN
    sign_in(sso)
    assert source.issue(own())


def test_role_that_is_not_assigned(sso, source):
    sign_in(sso, roles=((ACCOUNT, "ReadOnly"),))

    error = failure(source, own())

    assert error.kind is FailureKind.DENIED
    assert error.sentence == "The sign-in of profile sso has no access to the account and role that role sso needs."


@pytest.mark.parametrize(
    ("fault", "kind"),
    [*PASSING_FAULTS, (Fault.HANG, FailureKind.ANSWER)],
    ids=lambda value: value.name,
)
def test_faults_of_the_portal(sso, fault, kind):
    sign_in(sso)
    sso.sim.faults.set(fault)
    source = StsSource(connect_timeout=1.5, read_timeout=1.5)

    assert failure(source, own()).kind is kind
    sso.sim.faults.clear()
    assert source.issue(own())


def test_session_that_does_not_exist(sso, source):
    sso.config(f"[profile sso]\nsso_session = lost\nsso_account_id = {ACCOUNT}\nsso_role_name = Admin\n")

    error = failure(source, own())

    assert error.kind is FailureKind.BAD_CONFIG
    assert "lost" in error.sentence


def test_an_empty_region_of_the_sign_in_is_named_and_once_it_is_written_the_role_works(sso, source, monkeypatch):
    """The address of the portal, which botocore makes of it, then breaks."""
    sso.config(SSO_PROFILE.replace("sso_region = eu-west-1", "sso_region ="))
    sign_in(sso)
    with monkeypatch.context() as patch:
        for variable in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
            patch.delenv(variable)
        error = failure(source, own())
    assert error.kind is FailureKind.BAD_CONFIG
    assert 'sso_region of sso-session corp is "", which is not a region name' in error.sentence
    assert error.hint == "Write it like eu-west-1."
    sso.config(SSO_PROFILE)
    assert source.issue(own())
