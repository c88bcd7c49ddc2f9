"""Runs the program that a setting of our configuration names, within bounds and without a shell, for what it prints."""

from __future__ import annotations

import sys
from pathlib import PurePath

from traycreds.core.errors import TraycredsError
from traycreds.process import bounded_program, command_line
from traycreds.process.programs import lookup


def name_of(command: str) -> str:
    """The program of a command, for messages."""
    return PurePath(command_line.split(command)[0]).name


def run(command: str, setting: str, *, seconds: float, prints: str) -> bytes:
    """What a program prints. Raises TraycredsError: it cannot be run, failed, hung, or printed too much.

    Args:
        command: a line, as in the configuration.
        setting: the key that has it.
        seconds: after which it is ended, with all that it started.
        prints: what it is for, such as "MFA code".
    """
    if (fault := lookup.form_fault(command, setting)) is not None:
        raise fault
    argv, name = command_line.split(command), name_of(command)
    try:
        # Windows takes a line whole.
        words, more = lookup.found(argv)
        done = bounded_program.run(command if sys.platform == "win32" else words, seconds=seconds, name=name, more=more)
    except OSError as error:
        raise lookup.error_of(name if sys.platform == "win32" else argv[0], setting, error) from None
    if done.code != 0:
        raise lookup.line_fault(command, setting) or nothing_useful(
            command, setting, prints, f"it exited with code {done.code}"
        )
    return done.output


def nothing_useful(command: str, setting: str, prints: str, reason: str) -> TraycredsError:
    """What to say of a program that did not print what it is for."""
    hint = f"Run the {setting} command in a terminal."
    return TraycredsError(f"{name_of(command)} printed no {prints}: {reason}.", hint)
