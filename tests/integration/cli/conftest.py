"""A running app to command: `python -m traycreds run --no-tray` in a home of its own, against the simulator."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.cli.served_programs import LIFE
from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE, until
from traycreds.sim.simulator import Simulator

ARN = "arn:aws:iam::123456789012:role/dev"


def assume_role_calls(sandbox: Sandbox) -> int:
    return sum(call.action == "AssumeRole" for call in sandbox.simulator.calls)


@pytest.fixture
def start(sandbox):
    """Start the app and wait until it takes commands; it is ended with the test."""

    def started(**environment):
        process = start_app("run", "--no-tray", **environment)
        until(lambda: sandbox.listens() or process.poll() is not None, "the app takes commands", timeout=20)
        assert process.poll() is None, process.stdout.read()
        return process

    with sandbox.apps() as start_app:
        yield started


@pytest.fixture
def brief(home):
    """A home at an AWS whose sessions end after LIFE seconds, whatever was asked for, and whose clock is right."""
    behind = timedelta(hours=1) - timedelta(seconds=LIFE)
    with Simulator(clock=lambda: datetime.now(timezone.utc) - behind) as simulator:
        simulator.faults.date_skew = behind
        sandbox = Sandbox(home, simulator)
        sandbox.add_role("dev", extra='region = "us-east-1"')
        yield sandbox


@pytest.fixture
def dev(sandbox):
    sandbox.add_role("dev", extra='region = "us-east-1"')
    return sandbox


@pytest.fixture
def endpoint_environment(dev):
    """The environment of a program with an endpoint, for as long as the test lasts."""
    code = "import json, os; print(json.dumps(dict(os.environ)), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "exec", "dev", "--server", "--", sys.executable, "-c", code],
        env=dev.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield json.loads(process.stdout.readline())
    process.communicate("\n", timeout=PATIENCE)
    assert process.returncode == 0


@pytest.fixture
def home_of_dev(sandbox):
    """A home for a configuration of the role dev, which the simulator has."""
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn])
    sandbox.config.parent.mkdir(parents=True)
    return sandbox


def ignored_signals(status: str) -> set[signal.Signals]:
    """The signals that a process ignores, by its /proc/PID/status.

    Those that the C library keeps for itself are left out: a child of `posix_spawn`, which subprocess uses since Python
    3.13, ignores one of them once the parent has cancelled a thread.
    """
    (found,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
    return {number for number in signal.valid_signals() if int(found, 16) & 1 << (number - 1)}


@pytest.fixture
def tool(sandbox):
    """A program beside the short PATH, which the source of a role runs."""
    program = sandbox.home / "tools" / "some-tool"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    sandbox.aws_config.write_text("[profile dev]\ncredential_process = some-tool x\n")
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_text('[roles.dev]\nfrom_profile = "dev"\nkeep = true\n')
    return program
