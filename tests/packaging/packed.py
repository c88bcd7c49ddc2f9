"""A sandbox whose commands are run by the frozen app instead of by the sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.sandbox import Sandbox
from traycreds.sim.simulator import Simulator


class Packed(Sandbox):
    """See Sandbox; `program` is the app's executable."""

    def __init__(self, home: Path, simulator: Simulator, program: Path) -> None:
        super().__init__(home, simulator)
        self.program = program

    def command(self, *arguments: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment(**more),
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.program, *arguments],
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
