"""Roles from profiles of ~/.aws/config, refreshed by `once` in a process of its own, up to AWS's word on who they are."""

from __future__ import annotations

from pathlib import Path

import botocore.session

from tests.support.sandbox import ACCOUNT


def configure(sandbox, text: str, *roles: str) -> None:
    """Profiles for ~/.aws/config, and one of our roles for each that is named, which takes all from its profile."""
    with sandbox.aws_config.open("a", encoding="utf-8") as file:
        file.write(text)
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write("".join(f'[roles.{role}]\nfrom_profile = "{role}"\n' for role in roles))


def trusting(sandbox, name: str, principal: str, **options) -> str:
    """A role that is in the simulator alone; returns its ARN."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    sandbox.simulator.world.add_role(arn, trust=[principal], **options)
    return arn


def who(sandbox, profile: str) -> str:
    """Whom AWS takes the user of a written profile for: the answer to GetCallerIdentity, as botocore signs it."""
    session = botocore.session.Session(profile=profile)
    assert Path(session.get_config_variable("credentials_file")) == sandbox.credentials_file
    client = session.create_client("sts", region_name="us-east-1", endpoint_url=sandbox.simulator.url)
    return client.get_caller_identity()["Arn"]


def written(sandbox, name: str, **more: str) -> str:
    """Run `once` for a role; who its profile then is."""
    done = sandbox.command("once", name, **more)
    assert done.returncode == 0, done.stderr
    profile = sandbox.profiles()[f"{name}-session"]
    assert profile["traycreds_role"] == name
    assert profile["aws_access_key_id"].startswith("ASIA")
    return who(sandbox, f"{name}-session")


def refused(sandbox, name: str, **more: str) -> str:
    """Run `once` for a role; what it says, in one line."""
    done = sandbox.command("once", name, **more)
    assert (done.returncode, done.stdout) in ((2, ""), (3, "")), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert f"{name}-session" not in sandbox.profiles()
    return " ".join(done.stderr.removeprefix(f"{name}: ").splitlines())
