"""`[roles.me]` without a role: the MFA session of a user as a profile, in the commands."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.sandbox_mfa import Mfa
from tests.support.terminal import Typed


@pytest.fixture
def mfa(sandbox):
    mfa = Mfa(sandbox)
    added = sandbox.command("add", "me", "--source-profile", "base", "--mfa-serial", mfa.device.serial)
    assert (added.returncode, added.stderr) == (0, "")
    return mfa


def once(sandbox, mfa) -> None:
    terminal = Typed(sandbox.environment(**mfa.environment()), "once", "me")
    terminal.wait_for("Code from MFA device phone, for me: ")
    terminal.type(mfa.code())
    assert terminal.end() == 0, terminal.output


def test_commands_pass_it_on(sandbox, mfa):
    once(sandbox, mfa)
    profile = sandbox.profiles()["me-session"]
    given = json.loads(sandbox.command("creds", "me").stdout)
    account = mfa.device.serial.split(":")[4]
    assert (given["SessionToken"], given["AccountId"]) == (profile["aws_session_token"], account)
    assert "AWS_SESSION_TOKEN=" in sandbox.command("env", "me", "--format", "dotenv").stdout
    shown = "import os; print(os.environ['AWS_ACCESS_KEY_ID'])"
    done = sandbox.command("exec", "me", "--", sys.executable, "-c", shown)
    assert done.stdout.strip() == profile["aws_access_key_id"]
    assert mfa.actions() == ["GetSessionToken"]


def test_a_refresh_while_it_lasts_spends_no_code_and_is_done(sandbox, mfa):
    once(sandbox, mfa)
    again = sandbox.command("once", "me", **mfa.environment())
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("me: profile me-session keeps its session until "), "it was not written now"
    assert again.stdout.endswith(" A new one would cost an MFA code.\n")
    assert mfa.actions() == ["GetSessionToken"]


def test_without_a_code_it_is_reported_as_waiting_for_one(sandbox, mfa):
    done = sandbox.command("once", "me", **mfa.environment())
    assert done.returncode == 3
    assert "me: Role me needs a code from MFA device phone." in done.stderr
    (role,) = json.loads(sandbox.command("status", "--json").stdout)["roles"]
    assert (role["name"], role["profile"]) == ("me", "me-session")


def test_the_running_app_keeps_it_with_the_code_of_a_program(sandbox, mfa):
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write(f"keep = true\n{mfa.process()}\n")
    mfa.print(mfa.code())
    with sandbox.apps() as start:
        start("run", "--no-tray", **mfa.environment())
        profile = sandbox.wait_for_profile("me-session")
        given = json.loads(sandbox.command("creds", "me").stdout)
    assert given["SessionToken"] == profile["aws_session_token"]
    assert mfa.actions() == ["GetSessionToken"]


def test_the_console_is_refused_with_the_reason(sandbox, mfa):
    once(sandbox, mfa)
    done = sandbox.command("console", "me", "--print")
    assert (done.returncode, done.stdout) == (2, "")
    assert "me is the MFA session of a user, and AWS opens the console only for sessions of roles." in done.stderr
