"""`once` with MFA as a user runs it: the code is typed in the terminal, and serves again through the keyring."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.integration.refresh.working_roles import who
from tests.support.sandbox import ACCOUNT
from tests.support.sandbox_mfa import Mfa
from tests.support.terminal import Typed


@pytest.fixture
def mfa(sandbox):
    return Mfa(sandbox)


def test_the_terminal_asks_once_for_all_roles(sandbox, mfa):
    for name in ("prod", "audit"):
        mfa.add_role(name)
    code = mfa.code()
    terminal = Typed(sandbox.environment(**mfa.environment()), "once")
    terminal.wait_for("Code from MFA device phone, for prod and 1 more: ")
    terminal.type("12345")
    terminal.wait_for("An MFA code has six digits.")
    terminal.type(code)
    assert terminal.end() == 0, terminal.output
    assert {"prod-session", "audit-session"} <= set(sandbox.profiles())
    assert code not in terminal.output, "it is not echoed"
    assert mfa.actions().count("GetSessionToken") == 1

    # The MFA session still lasts, so no terminal is needed.
    again = sandbox.command("once", **mfa.environment())
    assert (again.returncode, again.stderr) == (0, "")
    assert mfa.actions().count("GetSessionToken") == 1


def test_a_wrong_code_gets_one_more_try(sandbox, mfa):
    mfa.add_role("prod")
    terminal = Typed(sandbox.environment(**mfa.environment()), "once")
    terminal.wait_for("for prod: ")
    terminal.type(mfa.wrong_code())
    terminal.wait_for("AWS did not accept the last code.")
    terminal.wait_for("for prod: ", times=2)
    terminal.type(mfa.wrong_code(1))
    assert terminal.end() == 3
    assert "prod: AWS did not accept the MFA code for role prod" in terminal.output
    assert mfa.actions() == ["GetSessionToken"] * 2


def test_an_empty_answer_gives_up(sandbox, mfa):
    mfa.add_role("prod")
    terminal = Typed(sandbox.environment(**mfa.environment()), "once")
    terminal.wait_for("for prod: ")
    terminal.type("")
    assert terminal.end() == 3
    assert "Role prod needs a code from MFA device phone." in terminal.output
    assert mfa.actions() == []


def test_without_a_terminal_it_says_what_to_do_and_in_one_that_helps(sandbox, mfa):
    mfa.add_role("prod")
    done = subprocess.run(
        [sys.executable, "-m", "traycreds", "once"],
        env=sandbox.environment(**mfa.environment()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.strip() == (
        "prod: Role prod needs a code from MFA device phone. Run traycreds once prod in a terminal, which asks for the code."
    )
    terminal = Typed(sandbox.environment(**mfa.environment()), "once", "prod")
    terminal.wait_for("for prod: ")
    terminal.type(mfa.code())
    assert terminal.end() == 0, terminal.output
    assert "prod-session" in sandbox.profiles()


def test_keys_that_are_in_the_keyring_need_one_code_too(sandbox, mfa):
    """They come as a credential_process has it, new each time, and the MFA session is of the user behind them."""
    for name in ("prod", "audit"):
        mfa.add_role(name)
    moved = sandbox.command("import", "--keyring", "base", **mfa.environment())
    assert moved.returncode == 0, moved.stderr
    assert sandbox.profiles()["base"].keys() == {"credential_process"}
    code = mfa.code()
    terminal = Typed(sandbox.environment(**mfa.environment()), "once", "prod")
    terminal.wait_for("Code from MFA device phone, for prod: ")
    terminal.type(code)
    assert terminal.end() == 0, terminal.output

    # The MFA session still lasts, so no terminal is needed.
    other = sandbox.command("once", "audit", **mfa.environment())
    assert (other.returncode, other.stderr) == (0, "")
    assert mfa.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    assert [call.parameters["TokenCode"] for call in sandbox.simulator.calls if "TokenCode" in call.parameters] == [
        code
    ]
    for name in ("prod", "audit"):
        assert who(sandbox, f"{name}-session").startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/")
    assert not [secret for secret in mfa.secrets(code) if secret in terminal.output + other.stdout]


def test_a_program_gives_the_code_without_a_terminal(sandbox, mfa):
    mfa.add_role("prod")
    mfa.settings(mfa.process())
    mfa.print(mfa.code())
    assert sandbox.command("once", **mfa.environment()).returncode == 0
    assert "prod-session" in sandbox.profiles()


def test_use_without_an_app_asks_too(sandbox, mfa):
    mfa.add_role("prod")
    terminal = Typed(sandbox.environment(**mfa.environment()), "use", "prod")
    terminal.wait_for("Code from MFA device phone, for prod: ")
    terminal.type(mfa.code())
    assert terminal.end() == 0, terminal.output
    assert "prod is the default profile, expires at " in terminal.output
    assert sandbox.profiles()["default"]["traycreds_role"] == "prod"
