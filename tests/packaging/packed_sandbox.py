"""A sandbox whose commands are run by the frozen app instead of by the sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.sandbox import Sandbox
from traycreds.sim.simulator import Simulator


def await_saying(running: subprocess.Popen[str], text: str) -> None:
    """Read what a program prints until it has said something."""
    seen = ""
    for line in running.stdout:
        seen += line
        if text in line:
            break
    assert text in seen, seen


class Packed(Sandbox):
    """See Sandbox; the app's executable is its program."""

    patience = 60

    def __init__(self, home: Path, simulator: Simulator, program: Path) -> None:
        super().__init__(home, simulator)
        self.program = (str(program),)
