"""What commands promise of the next try, and the command that they name: carried out, it does what they say."""

from __future__ import annotations

import json

import pytest

from traycreds.sim.faults import Fault

FAULTS = (Fault.THROTTLE, Fault.UNAVAILABLE_503, Fault.PROXY_502, Fault.DROP)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", [("once", "dev"), ("use", "dev"), ("creds", "dev")], ids=lambda words: words[0])
def test_without_an_app_no_retry_is_promised(sandbox, fault, command):
    sandbox.add_role("dev", extra="keep = true")
    sandbox.simulator.faults.set(fault)
    done = sandbox.command(*command)
    assert done.returncode == 3
    assert "retries" not in done.stderr
    assert "try again" in done.stderr.casefold()
    sandbox.simulator.faults.clear()
    assert sandbox.command(*command).returncode == 0


def test_the_code_is_asked_for_by_the_command_that_is_named(sandbox):
    """`once` alone would refresh what is kept, and this role is not."""
    sandbox.add_role("kept", extra="keep = true")
    sandbox.add_role("dev", extra='mfa_serial = "arn:aws:iam::123456789012:mfa/alice"')
    for command in (("use", "dev"), ("once", "dev")):
        assert "Run traycreds once dev in a terminal" in sandbox.command(*command).stderr


def test_a_role_that_nobody_keeps_has_no_next_try(sandbox, start):
    sandbox.add_role("dev", trusted=False)
    start()
    assert sandbox.command("refresh", "dev").returncode == 3
    text = sandbox.command("status").stdout
    assert text.startswith("dev: refresh failed\n")
    assert "next try" not in text
    assert "trying again" not in text


def test_a_pause_has_no_next_try(sandbox, start):
    sandbox.add_role("dev", trusted=False, extra="keep = true")
    start()
    sandbox.command("refresh", "dev")
    assert "next try" in sandbox.command("status").stdout
    sandbox.command("pause")
    assert "next try" not in sandbox.command("status").stdout
    (role,) = json.loads(sandbox.command("status", "--json").stdout)["roles"]
    assert role["state"] == "failed"
