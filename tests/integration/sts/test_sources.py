"""Every way a source profile gets its own credentials, over real HTTP, by botocore's rules and no other."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.integration.sts.sessions import a_process, assumed
from tests.integration.sts.test_static_source import count_clients
from tests.support.builders import a_role
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.sim import Fault, totp


@pytest.fixture
def chain(aws):
    """base -> hop -> end, where `aws.assume_role` is a profile with role_arn."""
    middle = aws.add_role("hop", max_session=43200)
    end = aws.add_role("end", trust=[middle.arn], max_session=43200)
    aws.config(f"[profile hop]\nrole_arn = {middle.arn}\nsource_profile = base\nrole_session_name = through-hop\n")
    return a_role("end", arn=end.arn, source_profile="hop")


def test_chained_source_is_assumed_first_and_once(aws, source, chain):
    source.issue(chain)
    source.issue(chain)

    assert assumed(aws) == ["hop", "end", "end"]
    assert aws.sim.calls[0].parameters["RoleSessionName"] == "through-hop"


def test_chained_source_caps_the_duration_at_an_hour(aws, source, chain):
    session = source.issue(a_role("end", arn=chain.arn, source_profile="hop", duration=timedelta(hours=4)))

    assert session.expires_at < datetime.now(timezone.utc) + timedelta(hours=1, seconds=2)
    assert aws.sim.calls[-1].parameters["DurationSeconds"] == "3600"


def test_a_chain_of_two_roles(aws, source, chain):
    far = aws.add_role("far", trust=[chain.arn])
    with (aws.folder / "config").open("a") as config:
        config.write(f"[profile end]\nrole_arn = {chain.arn}\nsource_profile = hop\n")

    source.issue(a_role("far", arn=far.arn, source_profile="end"))

    assert assumed(aws) == ["hop", "end", "far"]


def test_a_revoked_session_of_a_chained_role_is_renewed_and_the_call_repeated(aws, source, chain):
    source.issue(chain)
    aws.sim.faults.set(Fault.EXPIRED_SOURCE, times=1)

    assert source.issue(chain)
    assert assumed(aws) == ["hop", "end", "hop", "end"]


def test_a_chain_goes_on_for_a_day_of_hours_though_our_own_clock_stands_still(aws, source, chain):
    for _ in range(24):
        issued = source.issue(chain)
        assert aws.sim.world.key(issued.access_key_id).expires_at == issued.expires_at
        aws.ahead += timedelta(hours=1)

    assert assumed(aws) == ["hop", "end"] * 24


def test_a_chained_role_that_stays_expired_is_assumed_only_twice(aws, source, chain):
    aws.sim.faults.set(Fault.EXPIRED_SOURCE, role="end")

    assert failure(source, chain).kind is FailureKind.SOURCE_EXPIRED
    assert [call.role_arn.rpartition("/")[2] for call in aws.sim.calls] == ["hop", "end", "hop", "end"]


def test_a_refused_chained_role_says_what_aws_says(aws, source, chain):
    aws.sim.faults.set(Fault.DENIED, role="hop")

    error = failure(source, chain)

    assert error.kind is FailureKind.DENIED
    assert f"{ARN}/hop" in error.sentence


def test_a_code_for_the_middle_of_a_chain_outlives_the_session_of_that_role(aws, chain):
    device = aws.sim.world.add_mfa_device(aws.user)
    with (aws.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {device.serial}\n")
    mfa = MfaSessions()
    mfa.offer(device.serial, totp.code(device.secret, time.time()))
    source = StsSource(mfa=mfa)
    source.issue(chain)
    # The session of the hop has ended, but not that of the device.
    aws.ahead += timedelta(hours=2)

    assert source.issue(chain)
    assert aws.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole", "AssumeRole", "AssumeRole"]
    assert "SerialNumber" not in aws.sim.calls[1].parameters


def test_mfa_in_the_middle_of_a_chain_without_a_code(aws, source, chain):
    serial = "arn:aws:iam::111122223333:mfa/phone"
    with (aws.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {serial}\n")

    error = failure(source, chain)

    assert (error.kind, error.device) == (FailureKind.MFA, serial)
    assert error.sentence == "Role end needs a code from MFA device phone."
    assert aws.sim.calls == ()


CIRCLE = f"""
    [profile a]
    role_arn = {ARN}/a
    source_profile = b
    [profile b]
    role_arn = {ARN}/b
    source_profile = a
"""


def test_loop(aws, source):
    aws.config(CIRCLE)

    for role in (a_role("x", source_profile="a"), a_role("x", arn=None, source_profile=None, from_profile="a")):
        error = failure(source, role)
        assert error.kind is FailureKind.BAD_CONFIG
        assert "loop" in error.sentence
    assert aws.sim.calls == ()


@pytest.mark.parametrize("with_keys", ["a", "b"])
def test_keys_of_the_top_profile_do_not_end_a_loop(aws, source, with_keys):
    """botocore asks nobody for a profile whose sources lead back to it, though that profile has keys."""
    aws.config(CIRCLE)
    aws.credentials(aws.keys(with_keys, aws.user))
    other = {"a": "b", "b": "a"}[with_keys]
    aws.add_role(other)

    error = failure(source, a_role("x", arn=None, source_profile=None, from_profile=with_keys))
    assert (error.kind, error.sentence) == (
        FailureKind.BAD_CONFIG,
        "The source profiles behind role x form a loop.",
    )
    assert with_keys in error.hint
    assert aws.sim.calls == ()
    assert source.issue(a_role("y", arn=None, source_profile=None, from_profile=other))


@pytest.mark.parametrize("how", ["web identity", "whole session"])
def test_source_settings_that_botocore_does_not_use_are_ignored(aws, source, how):
    """Without role_arn, or beside a web identity, botocore reads neither source_profile nor credential_source."""
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    if how == "web identity":
        aws.add_role("ci", trust=["repo:ours"])
        token_file = aws.folder / "token"
        token_file.write_text(aws.sim.federation.add_web_token("repo:ours", expires_at=soon))
        settings = f"role_arn = {ARN}/ci\nweb_identity_token_file = {token_file}\n"
    else:
        session = aws.sim.world.open_session(aws.user.principal, expires_at=soon)
        settings = f"credential_process = {a_process(aws, session, lasts=timedelta(hours=1))}\n"
    aws.config(f"[profile dev]\n{settings}source_profile = base\ncredential_source = Environment\n")

    assert source.issue(a_role("dev", arn=None, source_profile=None, from_profile="dev"))
    assert aws.actions() == (["AssumeRoleWithWebIdentity"] if how == "web identity" else [])


def test_a_profile_may_be_its_own_source_when_it_has_keys(aws, source):
    aws.config(f"[profile base]\nrole_arn = {aws.role.arn}\nsource_profile = base\nregion = eu-west-1\n")

    source.issue(a_role("dev", arn=None, source_profile=None, from_profile="base"))

    assert assumed(aws) == ["dev"]


def test_everything_comes_from_the_profile_unless_the_role_says_otherwise(aws, source):
    aws.add_role("full", external_id="ext", max_session=7200)
    aws.config(f"""
        [profile full]
        role_arn = {ARN}/full
        source_profile = base
        external_id = ext
        duration_seconds = 7200
        role_session_name = from-file
        region = eu-west-2
    """)
    blank = a_role("full", arn=None, source_profile=None, from_profile="full")

    source.issue(blank)
    source.issue(
        a_role("full", arn=None, source_profile=None, from_profile="full", session_name="mine", region="eu-west-1")
    )

    first, second = aws.sim.calls
    assert (first.region, second.region) == ("eu-west-2", "eu-west-1")
    assert (first.parameters["RoleSessionName"], second.parameters["RoleSessionName"]) == ("from-file", "mine")
    assert first.parameters["DurationSeconds"] == "7200"


def test_options_of_the_top_profile_apply_to_every_role_of_the_chain(aws, source, chain, monkeypatch):
    """Region and endpoint of the base are ignored, those of the top hold for all: docs/aws-behaviour.md."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with (aws.folder / "config").open("a") as config:
        config.write(f"""
[profile base]
region = ap-east-1
endpoint_url = http://127.0.0.1:1
[profile end]
role_arn = {chain.arn}
source_profile = hop
region = eu-west-2
services = local
[services local]
sts =
  endpoint_url = {aws.sim.url}
""")

    source.issue(a_role("end", arn=None, source_profile=None, from_profile="end"))

    assert assumed(aws) == ["hop", "end"]
    assert {call.region for call in aws.sim.calls} == {"eu-west-2"}


def endpoints_of(*roles, monkeypatch) -> list[str]:
    """Where each role would be asked for; nothing is."""
    seen = []

    def record(client, name, kwargs):
        seen.append(client.meta.endpoint_url)
        raise ZeroDivisionError

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", record)
    for role in roles:
        with pytest.raises(ZeroDivisionError):
            StsSource().issue(role)
    return seen


def test_endpoint_of_a_profile_and_what_goes_before_it(aws, source, monkeypatch):
    """By docs/aws-behaviour.md: the variable for STS beats the profile's endpoint_url, and one variable switches those off."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    aws.config(f"[profile dev]\nrole_arn = {ARN}/dev\nsource_profile = base\nendpoint_url = {aws.sim.url}\n")
    role = a_role("dev", arn=None, source_profile=None, from_profile="dev")

    source.issue(role)
    assert assumed(aws) == ["dev"]

    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
        assert "(127.0.0.1:9)" in failure(StsSource(connect_timeout=1), role).sentence
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert endpoints_of(role, monkeypatch=monkeypatch) == ["https://sts.us-east-1.amazonaws.com"]


def test_fips_and_legacy_endpoints_reach_the_client(aws, source, monkeypatch):
    """No server here answers for amazonaws.com: the client's own idea of its endpoint is what counts."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    aws.config(f"""
        [profile fips]
        role_arn = {ARN}/dev
        source_profile = base
        use_fips_endpoint = true
        region = us-east-2
        [profile legacy]
        role_arn = {ARN}/dev
        source_profile = base
        sts_regional_endpoints = legacy
        region = eu-west-1
    """)
    roles = [a_role(name, arn=None, source_profile=None, from_profile=name) for name in ("fips", "legacy")]

    assert endpoints_of(*roles, monkeypatch=monkeypatch) == [
        "https://sts-fips.us-east-2.amazonaws.com",
        "https://sts.amazonaws.com",
    ]


def test_roles_from_different_profiles_of_one_source_share_a_client(aws, source, monkeypatch):
    created = count_clients(monkeypatch)
    aws.add_role("other")
    aws.config(f"""
        [profile dev]
        role_arn = {ARN}/dev
        source_profile = base
        [profile other]
        role_arn = {ARN}/other
        source_profile = base
        external_id = anything
    """)

    for name in ("dev", "other", "dev"):
        source.issue(a_role(name, arn=None, source_profile=None, from_profile=name))

    assert created == ["sts"]
