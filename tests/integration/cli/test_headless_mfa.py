"""`run --no-tray` in a plain terminal: the code that roles wait for is asked for there. test_live_view.py has others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.sandbox_mfa import Mfa
from tests.support.terminal import Typed
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import not_on_windows

QUESTION = "Code from MFA device phone, for prod: "


@pytest.fixture
def mfa(sandbox):
    mfa = Mfa(sandbox)
    mfa.add_role("prod", extra="keep = true")
    return mfa


@pytest.fixture
def terminal(sandbox, mfa):
    opened = Typed(sandbox.environment(**mfa.environment()), "run", "--no-tray")
    yield opened
    opened.terminal.kill()


def test_it_asks_and_goes_on_with_the_code(sandbox, mfa, terminal):
    terminal.wait_for(QUESTION)
    code = mfa.code()
    terminal.type(code)
    sandbox.wait_for_profile("prod-session")
    terminal.wait_for("1 role fresh")
    assert code not in terminal.output, "it is not echoed"
    assert mfa.actions().count("GetSessionToken") == 1
    assert sandbox.command("quit").returncode == 0
    assert terminal.end() == 0


def test_a_code_that_aws_refuses_is_asked_for_again(sandbox, mfa, terminal):
    terminal.wait_for(QUESTION)
    terminal.type(mfa.wrong_code())
    terminal.wait_for("AWS did not accept the last code")
    terminal.wait_for(QUESTION, times=2)
    terminal.type(mfa.code())
    sandbox.wait_for_profile("prod-session")


def test_who_has_no_code_now_is_asked_again_when_he_wants_the_role(sandbox, mfa, terminal):
    terminal.wait_for(QUESTION)
    terminal.type("")

    # A refresh that comes before the app takes the empty answer joins the first question.
    def is_asked_again():
        assert sandbox.command("refresh", "prod").returncode == 3
        terminal.output += terminal.terminal.read(0.5) or ""
        return terminal.output.count(QUESTION) >= 2

    until(is_asked_again, "the second question")
    terminal.type(mfa.code())
    sandbox.wait_for_profile("prod-session")


# The Windows console echoes whenever nobody reads a code.
@not_on_windows
@pytest.mark.parametrize("way", ["quit", "signal"])
def test_amid_the_question_it_ends_and_leaves_the_terminal_as_it_was(sandbox, mfa, terminal, way):
    terminal.wait_for(QUESTION)
    until(lambda: not terminal.terminal.echoes(), "the code would not be seen")
    if way == "quit":
        assert sandbox.command("quit").returncode == 0
    else:
        terminal.terminal.process.send_signal(signal.SIGTERM)
    assert terminal.terminal.wait(PATIENCE) == 0
    assert terminal.terminal.echoes()


@not_on_windows
def test_in_the_background_it_is_not_stopped_for_a_code(sandbox, mfa):
    """A program in the background that reads its terminal would be."""
    script = f'set -m; "{sys.executable}" -m traycreds run --no-tray & sleep 60'
    parent, child = os.openpty()
    shell = subprocess.Popen(
        ["setsid", "--ctty", "bash", "-c", script],
        env=sandbox.environment(**mfa.environment()),
        stdin=child,
        stdout=child,
        stderr=child,
    )
    try:
        until(sandbox.listens, "the app takes commands", timeout=20)
        done = sandbox.command("refresh", "prod")
        assert (done.returncode, "MFA" in done.stderr) == (3, True)
        assert sandbox.command("quit").returncode == 0
    finally:
        shell.kill()
        shell.wait(PATIENCE)
        os.close(parent)
        os.close(child)


def test_without_a_tray_or_a_terminal_a_code_that_is_given_to_once_serves_the_app(sandbox, mfa):
    """That is the remedy which the app names: carried out, the role is well there, and the default that was wanted."""
    with sandbox.apps() as start:
        start("run", "--no-tray", **mfa.environment())
        until(sandbox.listens, "the app takes commands")
        refused = sandbox.command("use", "prod")
        assert refused.returncode == 3
        assert "run traycreds once prod" in refused.stderr
        once = Typed(sandbox.environment(**mfa.environment(), TERM="xterm"), "once", "prod")
        once.wait_for(QUESTION)
        once.type(mfa.code())
        assert once.end() == 0

        # `status` has the app read the file, but does not wait for that on a busy machine.
        def is_fresh():
            (role,) = json.loads(sandbox.command("status", "--json").stdout)["roles"]
            return (role["error"], role["state"]) == (None, "fresh")

        until(is_fresh, "the role is well")
        until(lambda: sandbox.profiles().get("default", {}).get("traycreds_role") == "prod", "the switch")
        assert sandbox.command("quit").returncode == 0
