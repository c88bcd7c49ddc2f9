"""Has the app start when the user logs in: finds the program that shall start, and says how things stand."""

from __future__ import annotations

import os
from pathlib import Path

from traycreds.adapters.autostart import Entry, of_this_platform
from traycreds.app.program import program
from traycreds.app.setup import Options


def turn_on(options: Options) -> Entry:
    """Have this very program start at login, with the configuration given on the command line if there is one.

    Raises:
        TraycredsError: the platform refused.
    """
    command = program("traycredsw")
    if options.config is not None:
        command += ("--config", str(options.config.absolute()))
    return of_this_platform(os.environ, Path.home()).turn_on(command)


def turn_off() -> bool:
    """Have it start no more; returns whether it did before.

    Raises:
        TraycredsError: the platform refused.
    """
    return of_this_platform(os.environ, Path.home()).turn_off()


def look() -> Entry | None:
    """What starts at login, None if nothing of ours does.

    Raises:
        TraycredsError: the entry is there but cannot be read.
    """
    return of_this_platform(os.environ, Path.home()).look()
