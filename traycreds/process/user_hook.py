"""Runs a program that the user configured for an event: no shell, no input, limited time; its output is dropped."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from traycreds.core.errors import TraycredsError
from traycreds.process import environment
from traycreds.process.group import Group, start
from traycreds.process.programs import lookup
from traycreds.process.spawn import NO_WINDOW

SECONDS = 10.0
"""How long a program may take before it is killed with all that it has started."""


def run(program: Sequence[str], more: Mapping[str, str], *, seconds: float = SECONDS) -> None:
    """Run a program to its end; `more` is added to our environment without credentials. Raises TraycredsError."""
    try:
        words, besides = lookup.found(program)
        with start():
            process = subprocess.Popen(
                words,
                env=environment.for_program({**besides, **more}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=NO_WINDOW,
            )
            group = Group(process)
    except OSError as error:
        raise lookup.error_of(program[0], "on_refreshed or on_failed", error) from None
    except ValueError:
        # A NUL in an argument raises a `ValueError`.
        raise TraycredsError(f"{program[0]} cannot be run: it contains a NUL.", "Remove it.") from None
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        group.end_and_reap()
        hint = "Start anything slower in the background."
        raise TraycredsError(
            f"traycreds stopped {program[0]} because it took more than {seconds:.0f} seconds.", hint
        ) from None
    finally:
        group.let_go()
    if code != 0:
        raise TraycredsError(f"{program[0]} exited with code {code}.", "Try it in a terminal.")
