"""Each kind of source ends in a written profile that works: `once` in a process of its own, then AWS says who it is.

`aws login` has a file of its own, and so has MFA.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.refresh.working_roles import configure, refused, trusting, written
from tests.support.fakes.metadata import MetadataService
from tests.support.sandbox import ACCOUNT
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.core.text import rfc_3339

PORTAL = "222233334444"
START = "https://example.awsapps.com/start"
SESSION = f"[sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\n"
ASSUMED = f"arn:aws:sts::{ACCOUNT}:assumed-role"


def soon() -> datetime:
    return datetime.now(timezone.utc) + timedelta(hours=1)


def test_static_keys(sandbox):
    arn = trusting(sandbox, "end", sandbox.owner.principal.arn)
    configure(sandbox, f"[profile end]\nrole_arn = {arn}\nsource_profile = base\n", "end")

    assert written(sandbox, "end").startswith(f"{ASSUMED}/end/")


def test_roles_over_roles(sandbox):
    first = trusting(sandbox, "first", sandbox.owner.principal.arn)
    second = trusting(sandbox, "second", first)
    end = trusting(sandbox, "end", second)
    configure(
        sandbox,
        f"[profile first]\nrole_arn = {first}\nsource_profile = base\n"
        f"[profile second]\nrole_arn = {second}\nsource_profile = first\n"
        f"[profile end]\nrole_arn = {end}\nsource_profile = second\n",
        "end",
    )

    assert written(sandbox, "end").startswith(f"{ASSUMED}/end/")


def test_credential_process_and_a_role_behind_it(sandbox):
    session = sandbox.simulator.world.open_session(sandbox.owner.principal, expires_at=soon())
    answer = {
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": rfc_3339(session.expires_at),
    }
    script = sandbox.home / "a process.py"
    script.write_text(f"print({json.dumps(answer)!r})\n")
    end = trusting(sandbox, "end", sandbox.owner.principal.arn)
    configure(
        sandbox,
        f'[profile tool]\ncredential_process = "{sys.executable}" "{script}"\n'
        f"[profile end]\nrole_arn = {end}\nsource_profile = tool\n",
        "tool",
        "end",
    )

    assert written(sandbox, "tool") == sandbox.owner.principal.arn
    assert written(sandbox, "end").startswith(f"{ASSUMED}/end/")


def test_web_identity_and_a_role_behind_it(sandbox):
    ci = trusting(sandbox, "ci", "repo:ours")
    end = trusting(sandbox, "end", ci)
    token = sandbox.home / "token"
    token.write_text(sandbox.simulator.federation.add_web_token("repo:ours", expires_at=soon()))
    configure(
        sandbox,
        f"[profile ci]\nrole_arn = {ci}\nweb_identity_token_file = {token}\n"
        f"[profile end]\nrole_arn = {end}\nsource_profile = ci\n",
        "ci",
        "end",
    )

    assert written(sandbox, "ci").startswith(f"{ASSUMED}/ci/")
    assert written(sandbox, "end").startswith(f"{ASSUMED}/end/")


@pytest.mark.parametrize("legacy", [False, True], ids=["sso-session", "legacy"])
def test_identity_center_and_a_role_behind_it(sandbox, legacy):
    signed_in = sandbox.simulator.portal.sign_in("alice", [(PORTAL, "Admin")])
    token = {"startUrl": START, "region": "eu-west-1", "accessToken": signed_in.token, "expiresAt": rfc_3339(soon())}
    TokenFolder(sandbox.home / ".aws" / "sso" / "cache", sandbox.home / "locks").write(
        key_of(START if legacy else "corp"), token
    )
    end = trusting(sandbox, "end", f"arn:aws:iam::{PORTAL}:root")
    where = f"sso_start_url = {START}\nsso_region = eu-west-1\n" if legacy else "sso_session = corp\n"
    configure(
        sandbox,
        f"{SESSION}[profile sso]\n{where}sso_account_id = {PORTAL}\nsso_role_name = Admin\n"
        f"[profile end]\nrole_arn = {end}\nsource_profile = sso\n",
        "sso",
        "end",
    )
    endpoint = {"AWS_ENDPOINT_URL_SSO": sandbox.simulator.url}

    assert written(sandbox, "sso", **endpoint).startswith(
        f"arn:aws:sts::{PORTAL}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice"
    )
    assert written(sandbox, "end", **endpoint).startswith(f"{ASSUMED}/end/")


class TestMachine:
    """`credential_source`, where a machine has credentials of its own; as the source, and further up a chain."""

    @pytest.fixture
    def machine(self, sandbox):
        key = sandbox.simulator.world.open_session(
            sandbox.simulator.world.add_user("machine").principal, expires_at=soon()
        )
        with MetadataService(key) as service:
            yield service

    @pytest.fixture(params=["Environment", "Ec2InstanceMetadata", "EcsContainer"])
    def source(self, request, sandbox, machine):
        """A `credential_source`, and the environment in which it works."""
        end = trusting(sandbox, "end", machine._key.principal.arn)
        far = trusting(sandbox, "far", end)
        configure(
            sandbox,
            f"[profile end]\nrole_arn = {end}\ncredential_source = {request.param}\n"
            f"[profile far]\nrole_arn = {far}\nsource_profile = end\n",
            "end",
            "far",
        )
        return {
            "Environment": {
                "AWS_ACCESS_KEY_ID": machine._key.access_key_id,
                "AWS_SECRET_ACCESS_KEY": machine._key.secret_access_key,
                "AWS_SESSION_TOKEN": machine._key.session_token,
            },
            "Ec2InstanceMetadata": {
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": machine.url,
                "AWS_EC2_METADATA_DISABLED": "false",
            },
            "EcsContainer": {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{machine.url}/container",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": machine.authorization,
            },
        }[request.param]

    def test_it_gives_the_keys(self, sandbox, machine, source):
        assert written(sandbox, "end", **source).startswith(f"{ASSUMED}/end/")
        assert written(sandbox, "far", **source).startswith(f"{ASSUMED}/far/")
        assert bool(machine.seen) == ("AWS_ACCESS_KEY_ID" not in source)
        if "AWS_EC2_METADATA_SERVICE_ENDPOINT" in source:
            assert machine.seen[0] == "PUT /latest/api/token"
            assert written(sandbox, "end", **source, AWS_EC2_METADATA_V1_DISABLED="true")

    @pytest.mark.parametrize("trouble", ["silent", "refuses", "is not there"])
    # The tests with the longest limits start first, and this one waits long.
    @pytest.mark.timeout(90)
    def test_a_service_that_does_not_answer_costs_seconds_and_is_named(self, sandbox, machine, source, trouble):
        if "AWS_ACCESS_KEY_ID" in source:
            source, message = (
                {},
                "takes its keys from the environment, but traycreds was started without them. Start it with AWS_",
            )
        elif "AWS_EC2_METADATA_SERVICE_ENDPOINT" in source:
            message = (
                "The metadata service of this machine returned no credentials for role {}. It works on EC2 instances"
            )
        else:
            message = "The credentials service of this container returned no credentials for role {}. It exists in ECS and EKS"
        if trouble == "is not there":
            source = {name: value.replace(machine.url, "http://127.0.0.1:9") for name, value in source.items()}
        machine.silent, machine.status = trouble == "silent", 503
        began = time.monotonic()

        for name in ("end", "far") if trouble == "is not there" else ("end",):
            assert message.format(name) in refused(sandbox, name, **source)
        assert time.monotonic() - began < 20


def test_a_duration_that_is_cut_is_reported(sandbox):
    first = trusting(sandbox, "first", sandbox.owner.principal.arn)
    second = trusting(sandbox, "second", first)
    config = f"[profile first]\nrole_arn = {first}\nsource_profile = base\n"
    config += f"[profile end]\nrole_arn = {second}\nsource_profile = first\nduration_seconds = 14400\n"
    configure(sandbox, config, "end")

    reported = sandbox.command("once")

    assert reported.returncode == 0
    assert "end: written to profile" in reported.stdout
    assert reported.stderr == (
        "end: Its sessions last one hour, not 4 h: that is AWS's limit for a temporary source, such as another role or "
        "an MFA session.\n"
    )
