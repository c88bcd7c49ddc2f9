"""Which role is said to be the default profile, as a user sees it: the file decides."""

from __future__ import annotations

import json
import sys

import pytest

from tests.integration.cli.test_control import complaint, roles
from tests.support.wait_until import until


def test_after_a_switch_that_aws_refuses_the_default_on_file_is_the_one_that_is_named(sandbox, start):
    sandbox.add_role("dev", trusted=False)
    sandbox.add_role("prod-admin")
    start()
    assert sandbox.command("use", "prod-admin").returncode == 0
    before = sandbox.profiles()["default"]
    switch = "dev becomes the default once AWS gives it a session; until then prod-admin is."
    done = sandbox.command("use", "dev")
    assert (done.returncode, done.stdout) == (3, "")
    assert switch in complaint(done)
    found = roles(sandbox)
    assert {name: (role["is_default"], role["wanted_default"]) for name, role in found.items()} == {
        "dev": (False, True),
        "prod-admin": (True, False),
    }
    lines = sandbox.command("status").stdout.splitlines()
    assert next(line for line in lines if "prod-admin-session" in line).startswith("*")
    assert switch in lines
    assert sandbox.command("use", "dev", "--no-wait").stdout.startswith("dev becomes the default once ")
    assert sandbox.profiles()["default"] == before


@pytest.mark.parametrize(
    "settings", ["role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base", "credential_process = cat x"]
)
def test_a_default_that_aws_tools_would_ignore_is_refused_with_line_and_way_out(sandbox, start, settings):
    sandbox.add_role("dev")
    sandbox.aws_config.write_text(f"[default]\n{settings}\n")
    start()
    done = sandbox.command("use", "dev")
    assert (done.returncode, done.stdout) == (4, "")
    assert f"({sandbox.aws_config}, line 1)" in complaint(done)
    assert "default" not in sandbox.profiles()
    assert not roles(sandbox)["dev"]["is_default"]


def test_when_such_settings_come_later_no_role_is_the_default(sandbox, start):
    sandbox.add_role("dev")
    start()
    assert sandbox.command("use", "dev").returncode == 0
    sandbox.aws_config.write_text("[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = x\n")

    def gone():
        # `status` has the app check the files.
        found = json.loads(sandbox.command("status", "--json").stdout)["roles"][0]
        return not found["is_default"] and found["wanted_default"] and "default" not in sandbox.profiles()

    until(gone, "dev is the default no longer", timeout=20)
    assert "dev becomes the default once profile default can be written" in sandbox.command("status").stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell whether a program is writing")
def test_once_a_default_of_the_users_own_is_removed_the_wanted_role_is_written_at_once(sandbox, start):
    sandbox.add_role("dev")
    before = sandbox.credentials_file.read_text()
    with sandbox.credentials_file.open("a") as file:
        file.write("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n")
    start()
    done = sandbox.command("use", "dev")
    assert done.returncode == 4
    assert "traycreds did not write profile default." in done.stderr
    assert roles(sandbox)["dev"]["wanted_default"]
    sessions = sandbox.credentials_file.read_text().partition("[dev-session]")
    sandbox.credentials_file.write_text(before + sessions[1] + sessions[2])
    until(lambda: roles(sandbox)["dev"]["is_default"], "dev is the default")
    assert sandbox.profiles()["default"]["traycreds_role"] == "dev"


def test_a_role_whose_own_profile_gets_such_settings_later_is_not_shown_as_fresh(sandbox, start):
    sandbox.add_role("dev", extra="keep = true")
    start()
    sandbox.wait_for_profile("dev-session")
    before = sandbox.aws_config.read_text()
    sandbox.aws_config.write_text(f"{before}[profile dev-session]\nrole_arn = arn:x\nsource_profile = base\n")

    def error():
        # Asking for the status has the app check the files.
        return roles(sandbox)["dev"]["error"]

    until(error, "dev needs the user", timeout=20)
    assert error().startswith(f"Profile dev-session has role settings ({sandbox.aws_config}, line 3)")
    assert "Needs you" in sandbox.command("status").stdout
    done = sandbox.command("refresh", "dev")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Rename it there to [profile dev-session-2], or remove those settings." in done.stderr
    sandbox.aws_config.write_text(before)
    until(lambda: error() is None, "dev is well again", timeout=20)
    assert sandbox.command("refresh", "dev").returncode == 0


@pytest.mark.parametrize("settings", ["credential_process = cat x", "region = eu-west-1"])
@pytest.mark.parametrize("command", [("once",), ("use", "dev"), ("creds", "dev"), ("doctor",)])
def test_a_role_that_names_default_as_its_own_profile_is_refused_by_every_command(sandbox, settings, command):
    sandbox.add_role("dev", extra='keep = true\nprofile = "default"')
    sandbox.aws_config.write_text(f"[default]\n{settings}\n")
    before = sandbox.credentials_file.read_bytes()
    done = sandbox.command(*command)
    assert done.returncode == (4 if command == ("doctor",) else 2)
    printed = done.stdout + done.stderr
    assert "profile of role dev is default, which is written for the role that you switch to." in printed
    assert "Choose another name, and switch to the role in the menu or with `traycreds use`." in printed
    assert sandbox.credentials_file.read_bytes() == before
    assert not sandbox.simulator.calls
