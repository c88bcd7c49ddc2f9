"""Runs a credential_process for botocore, with bounds, from where the user's login shell finds it too."""

from __future__ import annotations

from collections.abc import Sequence

from traycreds.process import bounded_program
from traycreds.process.programs import lookup

SETTING = "credential_process"


class BotocoreProcess:
    """What botocore's ProcessProvider takes for `subprocess.Popen`: starts with `communicate`, and has the bounds."""

    def __init__(self, program: Sequence[str], *, seconds: float, **_: object) -> None:
        """Start nothing yet; botocore's own options, two pipes, go without saying."""
        self._program = program
        self._seconds = seconds
        self.returncode: int | None = None

    def communicate(self) -> tuple[bytes, bytes]:
        """Run it to its end. Raises ProgramError: cannot run, or needs a shell. Raises OverdueError, ChattyError."""
        if not self._program[0]:
            raise lookup.no_program(SETTING)
        words, more = lookup.found(self._program)
        # The error continues a sentence about the profile that got no credentials.
        name = f"its {SETTING}"
        try:
            done = bounded_program.run(words, seconds=self._seconds, errors=True, stdin=None, name=name, more=more)
        except OSError as error:
            raise lookup.error_of(self._program[0], SETTING, error) from None
        self.returncode = done.code
        if done.code != 0 and (fault := lookup.shell_fault(self._program, SETTING)) is not None:
            raise fault
        return done.output, done.errors
