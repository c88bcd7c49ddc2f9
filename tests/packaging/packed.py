"""A sandbox whose commands are run by the frozen app instead of by the sources."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox import Sandbox
from traycreds.sim.simulator import Simulator


class Packed(Sandbox):
    """See Sandbox; the app's executable is its program."""

    patience = 60

    def __init__(self, home: Path, simulator: Simulator, program: Path) -> None:
        super().__init__(home, simulator)
        self.program = (str(program),)
