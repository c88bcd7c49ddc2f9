"""Sources that are no keys and no role: credential_process, web identity, credential_source and aws login."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.integration.sts.sessions import a_process, assumed, runs
from tests.integration.sts.test_static_source import count_clients
from tests.support.builders import a_role
from tests.support.fakes.metadata import MetadataService
from traycreds.core.errors import FailureKind


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

    assert error.kind is FailureKind.PROGRAM
    assert "its credential_process failed" in error.sentence
    assert "s3cr3t" not in str(error)


def test_credential_process_that_is_not_there(aws, source):
    aws.config("[profile tool]\ncredential_process = /nowhere/tool\n")

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="tool"))

    assert error.kind is FailureKind.PROGRAM
    assert (
        "Profile tool got no credentials: /nowhere/tool, which credential_process names, cannot be run"
        in error.sentence
    )
    # Wine says "file not found".
    assert any(why in error.sentence for why in ("no such file", "cannot find the file", "file not found"))


def test_credential_process_that_prints_no_json(aws, source):
    script = aws.folder / "process.py"
    script.write_text("print('s3cr3t')\n")
    aws.config(f'[profile tool]\ncredential_process = "{sys.executable}" "{script}"\n')

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="tool"))

    assert error.kind is FailureKind.PROGRAM
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
    assert error.sentence == "Role base has no session to renew: the keys of profile base never expire."


def test_web_identity_profile_is_a_role_of_its_own_with_all_that_the_role_says(aws, source):
    aws.add_role("ci", trust=["repo:ours"], max_session=7200)
    token_file = aws.folder / "token"
    token_file.write_text(
        aws.sim.federation.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
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


def test_web_identity_as_a_source_and_its_token_renewed_by_someone_else(aws, source):
    ci = aws.add_role("ci", trust=["repo:ours"])
    aws.add_role("end", trust=[ci.arn])
    now = datetime.now(timezone.utc)
    token_file = aws.folder / "token"
    token_file.write_text(aws.sim.federation.add_web_token("repo:ours", expires_at=now - timedelta(minutes=1)))
    aws.config(f"[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = {token_file}\n")
    role = a_role("end", arn=f"{ARN}/end", source_profile="ci")

    assert failure(source, role).kind is FailureKind.SOURCE_EXPIRED
    token_file.write_text(aws.sim.federation.add_web_token("repo:ours", expires_at=now + timedelta(hours=1)))
    source.issue(role)

    assert aws.actions()[-2:] == ["AssumeRoleWithWebIdentity", "AssumeRole"]


def test_web_identity_token_of_another_provider_or_missing(aws, source):
    aws.add_role("ci", trust=["repo:ours"])
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
    message = {}
    for name in ("env", "moon", "both", "neither"):
        error = failure(source, a_role(name, arn=None, source_profile=None, from_profile=name))
        assert error.kind is FailureKind.BAD_CONFIG
        message[name] = error.sentence

    assert message == {
        "env": "Role env takes its keys from the environment, but traycreds was started without them.",
        "moon": 'credential_source of profile moon is "Moon".',
        "both": "Profile both has both source_profile and credential_source.",
        "neither": "Profile neither has a role_arn but no source_profile.",
    }


def test_login_session_without_the_part_it_needs(aws, source):
    aws.config("[profile console]\nlogin_session = arn:aws:iam::111122223333:user/base\n")

    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="console"))

    assert error.kind is FailureKind.BAD_CONFIG
    assert (
        error.sentence
        == "Profile console, which role dev needs, uses aws login, which needs a package that is not installed."
    )
    assert error.hint == f'Install it with: {sys.executable} -m pip install "botocore[crt]"'
