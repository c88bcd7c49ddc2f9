"""The MFA session of an IAM user as a kept profile: one code for it and for the roles of the device."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, code, failure, strong, temporary
from tests.integration.sts.mfa import HOUR, LastingSecretStore
from tests.support.builders import a_role
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.core.model import Settings
from traycreds.sim import Fault


@pytest.fixture
def me(device):
    return a_role("me", arn=None, mfa_serial=device.serial)


def test_one_code_is_for_the_user_and_for_roles(aws, device, phone, me):
    mfa = phone.sessions()
    source = StsSource(mfa=mfa)
    session = source.issue(me)
    assert source.issue(strong(aws, device)).session_token != session.session_token
    assert aws.actions() == ["GetSessionToken", "AssumeRole"]
    key = aws.sim.world.key(session.access_key_id)
    assert (key.principal.arn, key.principal.mfa) == (aws.user.principal.arn, True)
    assert session.expires_at - datetime.now(timezone.utc) > 35 * HOUR
    assert session.account_id == device.serial.split(":")[4]
    assert phone.runs == 1


def test_it_is_in_the_keyring_over_a_restart(aws, phone, me):
    store = LastingSecretStore()
    first, second = (StsSource(mfa=phone.sessions(store)).issue(me) for _ in range(2))
    assert first == second
    assert aws.actions() == ["GetSessionToken"]


def test_once_half_of_its_time_is_over_a_new_one_costs_a_code(aws, device, me):
    ahead = timedelta(0)
    mfa = MfaSessions(settings=Settings(mfa_session=4 * HOUR), now=lambda: datetime.now(timezone.utc) + ahead)
    source = StsSource(mfa=mfa)
    mfa.offer(device.serial, code(device))
    first = source.issue(me)
    ahead = timedelta(hours=1, minutes=59)
    assert source.issue(me) == first
    ahead = timedelta(hours=2, minutes=1)
    error = failure(source, me)
    assert (error.kind, error.device) == (FailureKind.MFA, device.serial)
    assert source.issue(strong(aws, device)), "roles use what is left of it"
    mfa.offer(device.serial, code(device, 1))
    assert source.issue(me) != first
    assert aws.actions() == ["GetSessionToken", "AssumeRole", "GetSessionToken"]


def test_without_a_code_it_waits_for_one_as_roles_do(aws, device, me):
    error = failure(StsSource(), me)
    assert (error.kind, error.device) == (FailureKind.MFA, device.serial)
    assert error.sentence == "Role me needs a code from MFA device phone."
    assert aws.actions() == []


def test_a_user_who_may_have_none_gets_the_reason(aws, device, phone, me):
    aws.sim.faults.set(Fault.DENIED, times=1)
    error = failure(StsSource(mfa=phone.sessions()), me)
    assert error.kind is FailureKind.DENIED
    assert error.sentence.startswith("AWS refuses the MFA session me of device phone: User: ")


@pytest.mark.parametrize(
    "settings", [f"role_arn = {ARN}/dev\nsource_profile = base", "sso_session = corp", "login_session = x"]
)
def test_a_source_that_is_a_session_is_refused_before_a_code_is_spent(aws, device, settings):
    aws.config(f"[profile hop]\n{settings}\n")
    mfa = MfaSessions()
    verdict = mfa.offer(device.serial, code(device))
    error = failure(StsSource(mfa=mfa), a_role("me", arn=None, source_profile="hop", mfa_serial=device.serial))
    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "The MFA session me needs long-term keys, but profile hop provides a session."
    assert not verdict.done()
    assert aws.actions() == []


def test_so_are_keys_of_a_session(aws, me):
    temporary(aws)
    assert failure(StsSource(), me).kind is FailureKind.BAD_CONFIG


def test_so_is_a_program_that_prints_a_session(aws, device):
    session = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    printed = aws.folder / "printed.json"
    keys = {"AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key}
    printed.write_text(json.dumps({"Version": 1, **keys, "SessionToken": session.session_token}))
    command = shlex.join((sys.executable, "-c", f"print(open({str(printed)!r}).read())"))
    aws.config(f"[profile tool]\ncredential_process = {command}\n")
    error = failure(StsSource(), a_role("me", arn=None, source_profile="tool", mfa_serial=device.serial))
    assert error.sentence == "The MFA session me needs long-term keys, but profile tool provides a session."
    assert aws.actions() == []
