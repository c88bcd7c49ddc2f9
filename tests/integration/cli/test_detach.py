"""`traycreds run --detach` continues when the terminal closes, and says so; what is wrong is said before."""

from __future__ import annotations

import sys

import pytest

from tests.support.sandbox import Sandbox
from tests.support.wait_until import until
from traycreds.sim import Simulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its session is looked at as Linux has it")


@pytest.fixture
def sandbox(home):
    with Simulator() as sim:
        yield Sandbox(home, sim)


def test_it_goes_on_in_a_session_of_its_own_until_it_is_ended(sandbox):
    sandbox.add_role("dev", extra="keep = true")
    try:
        begun = sandbox.command("run", "--no-tray", "--detach", cold=True)
        assert (begun.returncode, begun.stderr) == (0, "")
        assert begun.stdout.startswith("traycreds keeps running without this terminal. To stop it, ")
        sandbox.wait_for_profile("dev-session")
        again = sandbox.command("run", "--no-tray", "--detach", cold=True)
        assert (again.returncode, again.stdout) == (0, "traycreds is already running.\n")
    finally:
        ended = sandbox.command("quit")
    assert ended.returncode == 0
    until(lambda: '"running": false' in sandbox.command("status", "--json").stdout, "it has ended")


def test_a_broken_configuration_is_reported_here(sandbox):
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sandbox.config.write_text("[roles.dev\n")
    begun = sandbox.command("run", "--detach")
    assert (begun.returncode, begun.stdout) == (2, "")
    assert "line 1" in begun.stderr
