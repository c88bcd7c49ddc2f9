"""What `doctor` says is carried out, and the finding is gone."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.support.fakes.metadata import MetadataService
from traycreds.aws.botocore_session import certificates

ARN = "arn:aws:iam::123456789012:role/dev"
PROFILE = f"[profile dev]\nrole_arn = {ARN}\nsource_profile = base\nregion = eu-west-1\n"
WELL = "No problems found.\n"


@pytest.fixture
def home_of_dev(sandbox):
    """A home with a role that is kept."""
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn])
    sandbox.aws_config.write_text(PROFILE)
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_text('[roles.dev]\nfrom_profile = "dev"\nkeep = true\n')
    return sandbox


def test_the_command_that_frees_the_profile_of_a_kept_role(home_of_dev):
    with home_of_dev.credentials_file.open("a") as file:
        file.write("[dev-session]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n")
    wrong = home_of_dev.command("doctor")
    assert wrong.returncode == 4
    assert "error:" in wrong.stdout
    command = next(line for line in wrong.stdout.splitlines() if "traycreds import take-over" in line)
    done = home_of_dev.command(*shlex.split(command.rpartition(": traycreds ")[2]))
    assert done.returncode == 0, done.stderr
    assert home_of_dev.command("doctor").stdout == WELL
    assert home_of_dev.command("once", "dev").returncode == 0
    assert home_of_dev.profiles()["dev-session-base"]["aws_access_key_id"] == "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_of_certificates_that_is_put_where_a_variable_names_it(home_of_dev, variable):
    bundle = home_of_dev.home / "company.pem"
    wrong = home_of_dev.command("doctor", **{variable: str(bundle)})
    assert f"error: environment: the variable {variable} names {bundle}: no such file or directory." in wrong.stdout
    assert wrong.returncode == 4
    bundle.write_text(Path(certificates()).read_text(encoding="ascii"), encoding="ascii")
    assert home_of_dev.command("doctor", **{variable: str(bundle)}).stdout == WELL


def test_a_web_identity_token_that_is_written(home_of_dev):
    token = home_of_dev.home / "token"
    home_of_dev.aws_config.write_text(PROFILE.replace("source_profile = base", f"web_identity_token_file = {token}"))
    wrong = home_of_dev.command("doctor")
    assert f"web_identity_token_file of profile dev names {token}: no such file or directory." in wrong.stdout
    assert wrong.returncode == 4
    token.write_text("a-web-identity-token")
    assert home_of_dev.command("doctor").stdout == WELL


def test_keys_of_the_environment_that_are_set(home_of_dev):
    home_of_dev.aws_config.write_text(PROFILE.replace("source_profile = base", "credential_source = Environment"))
    wrong = home_of_dev.command("doctor")
    assert wrong.returncode == 4
    remedy = "Start traycreds with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, or change credential_source."
    assert remedy in wrong.stdout
    owner = home_of_dev.owner
    keys = {"AWS_ACCESS_KEY_ID": owner.access_key_id, "AWS_SECRET_ACCESS_KEY": owner.secret_access_key}
    assert home_of_dev.command("doctor", **keys).stdout == WELL
    assert home_of_dev.command("once", "dev", **keys).returncode == 0


def test_keys_of_a_container_that_are_there(home_of_dev):
    home_of_dev.aws_config.write_text(PROFILE.replace("source_profile = base", "credential_source = EcsContainer"))
    assert home_of_dev.command("once", "dev").returncode == 3
    wrong = home_of_dev.command("doctor")
    assert wrong.returncode == 4
    assert "Start traycreds in ECS or EKS, which set AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONT" in wrong.stdout
    owner = home_of_dev.simulator.world.key(home_of_dev.owner.access_key_id)
    until = datetime.now(timezone.utc) + timedelta(hours=1)
    key = home_of_dev.simulator.world.open_session(owner.principal, expires_at=until)
    with MetadataService(key) as service:
        container = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service.url}/container",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": service.authorization,
        }
        assert home_of_dev.command("doctor", **container).stdout == WELL
        assert home_of_dev.command("once", "dev", **container).returncode == 0


def test_a_note_is_no_trouble(home_of_dev):
    home_of_dev.aws_config.write_text(PROFILE.replace("region = eu-west-1\n", ""))
    noted = home_of_dev.command("doctor")
    assert noted.returncode == 0
    assert noted.stdout.startswith(f"note: {home_of_dev.config}, line 1: the profile dev-session has no region")
    assert noted.stdout.endswith(WELL)
    assert '"severity": "note"' in home_of_dev.command("doctor", "--json").stdout
    home_of_dev.config.write_text(home_of_dev.config.read_text() + 'region = "eu-west-1"\n')
    assert home_of_dev.command("doctor").stdout == WELL
