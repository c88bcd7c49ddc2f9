"""Every way a source profile gets its own credentials, over real HTTP, by botocore's rules and no other."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.builders import a_role
from tests.fakes.metadata import MetadataService
from tests.integration.sts.conftest import ARN, failure
from tests.integration.sts.test_static_source import count_clients
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.sim import Fault, totp


def assumed(aws) -> list[str]:
    """The names of the roles that were assumed, in order."""
    return [call.role_arn.rpartition("/")[2] for call in aws.sim.calls if call.outcome == "OK"]


def a_process(aws, key, *, lasts: timedelta | None) -> str:
    """A credential_process that prints a key and counts its runs in the file `runs`."""
    answer = {"Version": 1, "AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    if key.session_token:
        answer["SessionToken"] = key.session_token
    if lasts:
        answer["Expiration"] = (datetime.now(timezone.utc) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
    script = aws.folder / "process.py"
    script.write_text(f"open({str(aws.folder / 'runs')!r}, 'a').write('x')\nprint({json.dumps(answer)!r})\n")
    return f'"{sys.executable}" "{script}"'


def runs(aws) -> int:
    path = aws.folder / "runs"
    return len(path.read_text()) if path.exists() else 0


@pytest.fixture
def chain(aws):
    """base -> hop -> end, where `hop` is a profile with role_arn."""
    hop = aws.add_role("hop", max_session=43200)
    end = aws.add_role("end", trust=[hop.arn], max_session=43200)
    aws.config(f"[profile hop]\nrole_arn = {hop.arn}\nsource_profile = base\nrole_session_name = through-hop\n")
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


def test_two_hops(aws, source, chain):
    far = aws.add_role("far", trust=[chain.arn])
    with (aws.folder / "config").open("a") as config:
        config.write(f"[profile end]\nrole_arn = {chain.arn}\nsource_profile = hop\n")

    source.issue(a_role("far", arn=far.arn, source_profile="end"))

    assert assumed(aws) == ["hop", "end", "far"]


def test_revoked_session_of_the_hop_is_renewed_and_the_call_repeated(aws, source, chain):
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


def test_a_hop_that_stays_expired_is_asked_for_twice_and_no_more(aws, source, chain):
    aws.sim.faults.set(Fault.EXPIRED_SOURCE, role="end")

    assert failure(source, chain).kind is FailureKind.SOURCE_EXPIRED
    assert [call.role_arn.rpartition("/")[2] for call in aws.sim.calls] == ["hop", "end", "hop", "end"]


def test_refused_hop_says_what_aws_says(aws, source, chain):
    aws.sim.faults.set(Fault.DENIED, role="hop")

    error = failure(source, chain)

    assert error.kind is FailureKind.DENIED
    assert f"{ARN}/hop" in error.sentence


def test_a_code_for_the_middle_of_a_chain_outlives_the_session_of_that_hop(aws, chain):
    device = aws.sim.world.add_mfa_device(aws.user)
    with (aws.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {device.serial}\n")
    mfa = MfaSessions()
    mfa.offer(device.serial, totp.code(device.secret, time.time()))
    source = StsSource(mfa=mfa)
    source.issue(chain)
    aws.ahead += timedelta(hours=2)  # the hop's session is over, the device's is not

    assert source.issue(chain)
    assert aws.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole", "AssumeRole", "AssumeRole"]
    assert "SerialNumber" not in aws.sim.calls[1].parameters


def test_mfa_in_the_middle_of_a_chain_without_a_code(aws, source, chain):
    serial = "arn:aws:iam::111122223333:mfa/phone"
    with (aws.folder / "config").open("a") as config:
        config.write(f"mfa_serial = {serial}\n")

    error = failure(source, chain)

    assert (error.kind, error.device) == (FailureKind.MFA, serial)
    assert error.sentence == "Role end needs a code of MFA device phone."
    assert aws.sim.calls == ()


def test_loop(aws, source):
    aws.config(f"""
        [profile a]
        role_arn = {ARN}/a
        source_profile = b
        [profile b]
        role_arn = {ARN}/b
        source_profile = a
    """)

    for role in (a_role("x", source_profile="a"), a_role("x", arn=None, source_profile=None, from_profile="a")):
        error = failure(source, role)
        assert error.kind is FailureKind.BAD_CONFIG
        assert "circle" in error.sentence
    assert aws.sim.calls == ()


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


def test_options_of_the_top_profile_hold_for_every_hop(aws, source, chain, monkeypatch):
    """aws-facts 1.2: region and endpoint of the base are ignored, those of the top hold for all calls."""
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

    def look(client, name, kwargs):
        seen.append(client.meta.endpoint_url)
        raise ZeroDivisionError

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", look)
    for role in roles:
        with pytest.raises(ZeroDivisionError):
            StsSource().issue(role)
    return seen


def test_endpoint_of_a_profile_and_what_goes_before_it(aws, source, monkeypatch):
    """aws-facts 1.2: the variable for STS beats the profile's endpoint_url, and one variable switches those off."""
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


def test_credential_process_that_says_when_it_ends_runs_once(aws, source):
    aws.config(f"[profile tool]\ncredential_process = {a_process(aws, aws.user, lasts=timedelta(hours=1))}\n")
    role = a_role("dev", arn=aws.role.arn, source_profile="tool")

    source.issue(role)
    source.issue(role)

    assert (runs(aws), assumed(aws)) == (1, ["dev", "dev"])


@pytest.mark.parametrize("lasts", [None, timedelta(seconds=30)], ids=["no end", "about to end"])
def test_credential_process_runs_anew_when_its_keys_may_be_old(aws, source, monkeypatch, lasts):
    created = count_clients(monkeypatch)
    aws.config(f"[profile tool]\ncredential_process = {a_process(aws, aws.user, lasts=lasts)}\n")
    role = a_role("dev", arn=aws.role.arn, source_profile="tool")

    source.issue(role)
    ran = runs(aws)
    source.issue(role)

    assert runs(aws) > ran
    assert created == ["sts"], "the same keys need no new client"


def test_credential_process_that_fails_shows_nothing_of_its_output(aws, source):
    script = aws.folder / "process.py"
    script.write_text("import sys\nsys.stderr.write('token=s3cr3t')\nsys.exit(1)\n")
    aws.config(f'[profile tool]\ncredential_process = "{sys.executable}" "{script}"\n')

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="tool"))

    assert error.kind is FailureKind.SOURCE_EXPIRED
    assert "its credential_process failed" in error.sentence
    assert "s3cr3t" not in str(error)


def test_credential_process_that_is_not_there(aws, source):
    aws.config("[profile tool]\ncredential_process = /nowhere/tool\n")

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="tool"))

    assert error.kind is FailureKind.SOURCE_EXPIRED
    assert "Profile tool got no credentials that can be used: /nowhere/tool: " in error.sentence
    assert any(why in error.sentence for why in ("No such file", "cannot find the file", "File not found"))  # Wine's


def test_credential_process_that_prints_no_json(aws, source):
    script = aws.folder / "process.py"
    script.write_text("print('s3cr3t')\n")
    aws.config(f'[profile tool]\ncredential_process = "{sys.executable}" "{script}"\n')

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="tool"))

    assert error.kind is FailureKind.SOURCE_EXPIRED
    assert "s3cr3t" not in str(error)


def test_session_of_a_credential_process_is_a_role_of_its_own(aws, source):
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    session = aws.sim.world.open_session(aws.user.principal, expires_at=soon)
    aws.config(f"[profile tool]\ncredential_process = {a_process(aws, session, lasts=timedelta(hours=1))}\n")
    role = a_role("tool", arn=None, source_profile=None, from_profile="tool")

    issued = source.issue(role)
    source.issue(role)

    assert issued.access_key_id == session.access_key_id
    assert abs(issued.expires_at - soon) < timedelta(seconds=3)
    assert runs(aws) == 2


def test_static_keys_are_no_session(aws, source):
    error = failure(source, a_role("base", arn=None, source_profile=None, from_profile="base"))

    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "Role base has no session to renew: the keys of profile base have no end."


def test_web_identity_profile_is_a_role_of_its_own_with_all_that_the_role_says(aws, source):
    aws.add_role("ci", trust=["nobody"], web_subjects=["repo:ours"], max_session=7200)
    token_file = aws.folder / "token"
    token_file.write_text(
        aws.sim.world.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
    )
    aws.config(f"[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = {token_file}\nregion = eu-west-1\n")

    for arn in (None, f"{ARN}/ci"):
        role = a_role("ci", arn=arn, source_profile=None, from_profile="ci", duration=timedelta(hours=2))
        assert source.issue(role).expires_at > datetime.now(timezone.utc) + timedelta(minutes=119)
    source.issue(
        a_role(
            "ci",
            arn=None,
            source_profile=None,
            from_profile="ci",
            session_name="build",
            policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        )
    )

    assert aws.actions() == ["AssumeRoleWithWebIdentity"] * 3
    assert aws.sim.calls[2].parameters["RoleSessionName"] == "build"
    assert aws.sim.calls[2].parameters["PolicyArns.member.1.arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_web_identity_as_a_source_and_its_token_renewed_by_somebody_else(aws, source):
    ci = aws.add_role("ci", trust=["nobody"], web_subjects=["repo:ours"])
    aws.add_role("end", trust=[ci.arn])
    now = datetime.now(timezone.utc)
    token_file = aws.folder / "token"
    token_file.write_text(aws.sim.world.add_web_token("repo:ours", expires_at=now - timedelta(minutes=1)))
    aws.config(f"[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = {token_file}\n")
    role = a_role("end", arn=f"{ARN}/end", source_profile="ci")

    assert failure(source, role).kind is FailureKind.SOURCE_EXPIRED
    token_file.write_text(aws.sim.world.add_web_token("repo:ours", expires_at=now + timedelta(hours=1)))
    source.issue(role)

    assert aws.actions()[-2:] == ["AssumeRoleWithWebIdentity", "AssumeRole"]


def test_web_identity_token_of_another_provider_or_missing(aws, source):
    aws.add_role("ci", trust=["nobody"], web_subjects=["repo:ours"])
    token_file = aws.folder / "token"
    aws.config(f"[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = {token_file}\n")
    role = a_role("ci", arn=None, source_profile=None, from_profile="ci")

    missing = failure(source, role)
    token_file.write_text("not.a.token")
    refused = failure(source, role)

    assert missing.kind is FailureKind.SOURCE_EXPIRED
    assert str(token_file) in missing.sentence
    assert refused.kind is FailureKind.SOURCE_EXPIRED
    assert "web identity token" in refused.sentence


def test_settings_that_only_assume_role_takes_are_refused_elsewhere(aws, source):
    aws.config(f"""
        [profile ci]
        role_arn = {ARN}/ci
        web_identity_token_file = /nowhere
        [profile tool]
        credential_process = /nowhere
    """)

    for name, field in (("ci", "tags"), ("tool", "tags"), ("tool", "policy_arns")):
        role = a_role(name, arn=None, source_profile=None, from_profile=name, **{field: (("a", "b"),)})
        error = failure(source, role)
        assert error.kind is FailureKind.BAD_CONFIG
        assert error.sentence == f"Role {name} cannot have {field}."


def test_credential_source_environment_reads_the_environment(aws, source, monkeypatch):
    other = aws.sim.world.add_user("robot")
    aws.add_role("robots", trust=[other.principal.arn])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", other.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", other.secret_access_key)
    aws.config(f"[profile env]\nrole_arn = {ARN}/robots\ncredential_source = Environment\n")

    source.issue(a_role("env", arn=None, source_profile=None, from_profile="env"))

    assert assumed(aws) == ["robots"]


def test_credential_source_of_a_container_by_a_relative_address(aws, source, monkeypatch):
    """In ECS the address has no host: it is 169.254.170.2, for which a service on loopback stands here."""
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    with MetadataService(aws.sim.world.open_session(aws.user.principal, expires_at=soon)) as service:
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.IP_ADDRESS", service.url.removeprefix("http://"))
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", service.authorization)
        aws.config(f"[profile ecs]\nrole_arn = {ARN}/dev\ncredential_source = EcsContainer\n")

        source.issue(a_role("ecs", arn=None, source_profile=None, from_profile="ecs"))

    assert (service.seen, assumed(aws)) == (["GET /container"], ["dev"])


def test_credential_source_that_yields_nothing_or_does_not_exist(aws, source):
    aws.config(f"""
        [profile env]
        role_arn = {ARN}/dev
        credential_source = Environment
        [profile moon]
        role_arn = {ARN}/dev
        credential_source = Moon
        [profile both]
        role_arn = {ARN}/dev
        credential_source = Environment
        source_profile = base
        [profile neither]
        role_arn = {ARN}/dev
    """)
    said = {}
    for name in ("env", "moon", "both", "neither"):
        error = failure(source, a_role(name, arn=None, source_profile=None, from_profile=name))
        assert error.kind is FailureKind.BAD_CONFIG
        said[name] = error.sentence

    assert said == {
        "env": "Role env takes its keys from the environment, and that of traycreds has none.",
        "moon": "Profile moon names a credential_source that does not exist: Moon.",
        "both": "Profile both has both source_profile and credential_source.",
        "neither": "Profile neither has a role_arn but no source_profile.",
    }


def test_login_session_without_the_part_it_needs(aws, source):
    aws.config("[profile console]\nlogin_session = arn:aws:iam::111122223333:user/base\n")

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="console"))

    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "Profile console, which role dev needs, uses aws login, for which a part is missing."
    assert error.hint == f'Install it with: {sys.executable} -m pip install "botocore[crt]"'
