"""A role of the configuration that becomes another one under its name: the session of the old one is not its own."""

from __future__ import annotations

import json

import pytest

from tests.integration.cli.test_control import roles
from tests.support.sandbox import ACCOUNT

ROLE = 'role_arn = "arn:aws:iam::{0}:role/{1}"\nsource_profile = "base"\nduration = "{2}"\n'


@pytest.fixture
def changed(sandbox):
    """`dev` was admin, and is reader now; its session on file is admin's, and outlasts a new one."""
    sandbox.add_role("admin")
    sandbox.add_role("reader")

    def configured(name: str, duration: str) -> None:
        sandbox.config.write_text("[roles.dev]\n" + ROLE.format(ACCOUNT, name, duration))

    configured("admin", "2h")
    assert sandbox.command("once").returncode == 0
    configured("reader", "1h")
    return sandbox


def identity(sandbox, given) -> str:
    """Whose keys these are."""
    keys = {"AWS_ACCESS_KEY_ID": given["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"]}
    keys["AWS_SESSION_TOKEN"] = given["SessionToken"]
    endpoint = ("--endpoint-url", sandbox.simulator.url, "--region", "us-east-1")
    return json.loads(sandbox.aws("sts", "get-caller-identity", *endpoint, **keys).stdout)["Arn"].split("/")[1]


def test_no_command_hands_out_the_old_roles_session(changed):
    done = changed.command("creds", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert identity(changed, json.loads(done.stdout)) == "reader"
    on_file = changed.profiles()["dev-session"]
    assert on_file["traycreds_of"] == f"arn:aws:iam::{ACCOUNT}:role/reader"
    assert changed.command("creds", "dev").stdout == done.stdout, "it is the role's now"


def test_a_refused_refresh_hands_out_nothing(changed):
    changed.simulator.world.add_role(f"arn:aws:iam::{ACCOUNT}:role/reader", trust=[], max_session=43200)
    for words in (("creds", "dev"), ("env", "dev"), ("exec", "dev", "--", "true")):
        done = changed.command(*words)
        assert (done.returncode, done.stdout) == (3, ""), words
        assert changed.profiles()["dev-session"]["traycreds_of"].endswith("/admin")


def test_a_shorter_session_of_the_new_role_replaces_the_old_ones(changed):
    done = changed.command("once")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: written to profile dev-session")
    assert changed.profiles()["dev-session"]["traycreds_of"].endswith("/reader")


def test_the_old_roles_session_is_not_called_the_default(changed, start):
    text = changed.config.read_text()
    changed.config.write_text(text.replace("reader", "admin"))
    app = start()
    assert changed.command("use", "dev").returncode == 0
    changed.end(app)
    app.wait(timeout=20)
    changed.config.write_text(text)
    changed.simulator.world.add_role(f"arn:aws:iam::{ACCOUNT}:role/reader", trust=[], max_session=43200)
    start()
    assert changed.profiles()["default"]["traycreds_of"].endswith("/admin")
    assert not roles(changed)["dev"]["is_default"]
    changed.simulator.world.add_role(
        f"arn:aws:iam::{ACCOUNT}:role/reader", trust=[changed.owner.principal.arn], max_session=43200
    )
    assert changed.command("use", "dev").returncode == 0
    assert roles(changed)["dev"]["is_default"]
    assert changed.profiles()["default"]["traycreds_of"].endswith("/reader")
