"""Runs a program that the user has configured for an occasion: without a shell, without input, for a limited time.

What it prints goes nowhere: it may hold anything.
"""

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
    """Run a program to its end.

    Args:
        program: with its arguments.
        more: what it gets beside this process's own environment, of which it gets all but credentials.
        seconds: how long it may take.

    Raises:
        TraycredsError: it cannot be run, failed, or took too long.
    """
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
    except ValueError:  # a NUL in an argument
        raise TraycredsError(f"{program[0]} cannot be run: a NUL is in it.", "Take it out.") from None
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        group.end_and_reap()
        hint = "Let it start in the background what takes longer."
        raise TraycredsError(f"{program[0]} was stopped because it took over {seconds:.0f} seconds.", hint) from None
    finally:
        group.let_go()
    if code != 0:
        raise TraycredsError(f"{program[0]} exited with code {code}.", "Try it in a terminal.")
