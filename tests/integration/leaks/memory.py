"""Runs the app through many refreshes in a process of its own, and tells how its memory grew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.sandbox import Sandbox
from traycreds.sim.simulator import Simulator

ROLES = 10


def refreshed(home: Path, *, sessions: int, every: int, trace: bool = False) -> list[dict[str, float]]:
    """What a process that gets so many sessions holds after every so many of them."""
    with Simulator() as simulator:
        sandbox = Sandbox(home, simulator)
        for number in range(ROLES):
            sandbox.add_role(f"role-{number}", extra="keep = true")
        found = subprocess.run(
            [
                sys.executable,
                *("-m", "tests.integration.leaks.refresher", str(sessions // ROLES), str(every // ROLES)),
                *(["--trace"] if trace else []),
            ],
            env=sandbox.environment(PYTHONPATH=os.pathsep.join(sys.path)),
            check=True,
            capture_output=True,
            text=True,
            timeout=1500,
        ).stdout.splitlines()
        assert len(simulator.calls) == sessions + ROLES
    return [json.loads(line) for line in found]
