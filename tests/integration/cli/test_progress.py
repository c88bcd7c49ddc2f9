"""How far `once`, `refresh` and `import sso` are, in a terminal; nothing of it in a pipe."""

from __future__ import annotations

import pytest

from tests.support.terminal import Typed, in_terminal
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault

pytestmark = not_on_windows
"""Windows' pseudo console gives the screen, not what was written to it."""

ERASE = "\r\x1b[K"
XTERM = {"TERM": "xterm"}


@pytest.fixture
def one_hangs(sandbox):
    """Three roles, of which AWS answers two; the third's ARN is beside them."""
    arns = [sandbox.add_role(name, extra="keep = true") for name in ("one", "slow", "three")]
    sandbox.simulator.faults.set(Fault.HANG, role=arns[1])
    return sandbox, arns[1]


def test_once_prints_each_role_as_it_comes_and_how_many_are_left(one_hangs):
    sandbox, slow = one_hangs
    terminal = Typed(sandbox.environment(**XTERM), "once")
    terminal.wait_for("one: written to profile one-session")
    terminal.wait_for("three: written to profile three-session")
    terminal.wait_for("2 of 3 roles")
    assert "slow:" not in terminal.output
    sandbox.simulator.faults.clear(role=slow)
    assert terminal.end() == 0
    assert terminal.output.startswith(f"{ERASE}0 of 3 roles")
    assert [terminal.output.count(f"{name}: written") for name in ("one", "slow", "three")] == [1, 1, 1]
    assert "of 3 roles" not in terminal.output.rpartition(ERASE)[2], "the line is taken away"


def test_a_role_that_waits_for_a_code_is_reported_once_at_the_end(sandbox):
    from tests.support.sandbox_mfa import Mfa

    mfa = Mfa(sandbox)
    mfa.add_role("prod")
    sandbox.add_role("dev")
    terminal = Typed({**sandbox.environment(**mfa.environment()), **XTERM}, "once")
    terminal.wait_for("dev: written")
    terminal.wait_for("for prod: ")
    terminal.type(mfa.code())
    assert terminal.end() == 0, terminal.output
    assert terminal.output.count("prod: written") == 1
    assert "needs a code" not in terminal.output


def test_refresh_asks_the_app_how_far_it_is(one_hangs, start):
    sandbox, slow = one_hangs
    start()
    sandbox.wait_for_profile("three-session")
    terminal = Typed(sandbox.environment(**XTERM), "refresh")
    terminal.wait_for("2 of 3 roles")
    sandbox.simulator.faults.clear(role=slow)
    terminal.end()
    assert terminal.output.count("one: written to profile one-session") == 1
    assert "of 3 roles" not in terminal.output.rpartition(ERASE)[2], "the line is taken away"


def test_use_says_which_role_is_the_default_while_aws_does_not_answer(one_hangs, start):
    sandbox, slow = one_hangs
    start()
    sandbox.wait_for_profile("three-session")
    terminal = Typed(sandbox.environment(**XTERM), "use", "slow")
    terminal.wait_for("slow becomes the default once its session is written; until then no role is.")
    sandbox.simulator.faults.clear(role=slow)
    terminal.end()
    assert "once its session is written" not in terminal.output.rpartition(ERASE)[2], "the line is taken away"


def test_who_does_not_wait_for_aws_any_longer_gets_the_switch_all_the_same(one_hangs, start):
    sandbox, slow = one_hangs
    start()
    sandbox.wait_for_profile("three-session")
    terminal = Typed(sandbox.environment(**XTERM), "use", "slow")
    terminal.wait_for("Ctrl-C only stops waiting.")
    terminal.terminal.interrupt()
    assert terminal.end() == 130
    sandbox.simulator.faults.clear(role=slow)
    sandbox.command("refresh", "slow")
    assert sandbox.wait_for_profile("default")["traycreds_role"] == "slow"


def test_json_has_nothing_of_it_on_stdout_and_a_pipe_nothing_at_all(sandbox):
    for name in ("one", "two"):
        sandbox.add_role(name)
    done = sandbox.command("once", **XTERM)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["one", "two"], "in the order of the file"
    shown, code = in_terminal(sandbox, command=("once", "--json"), **XTERM)
    assert code == 0
    assert "written to" not in shown


def test_a_file_that_cannot_be_written_is_reported_once(sandbox):
    for name in ("one", "two"):
        sandbox.add_role(name)
    sandbox.credentials_file.write_text("[base]\na = 1\n[base]\nb = 2\n")
    shown, code = in_terminal(sandbox, command=("once",), **XTERM)
    assert code == 4
    assert shown.count("line 3") == 1
    assert "of 2 roles" not in shown.rpartition(ERASE)[2], "the line is taken away"
