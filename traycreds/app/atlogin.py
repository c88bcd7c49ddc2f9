"""Has the app start when the user logs in: finds the program that shall start, and says how things stand."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from traycreds.adapters.autostart import Entry, of_this_platform
from traycreds.app.setup import Options


def turn_on(options: Options) -> Entry:
    """Have this very program start at login, with the configuration given on the command line if there is one.

    Raises:
        TraycredsError: the platform refused.
    """
    command = _program()
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


def _program() -> tuple[str, ...]:
    """The program without a terminal; as a package of its own the executable, else the script beside Python."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    suffix = ".exe" if sys.platform == "win32" else ""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        script = folder / f"traycredsw{suffix}"
        if script.is_file():
            return (str(script),)
    return (sys.executable, "-m", "traycreds")
