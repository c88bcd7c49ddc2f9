"""Has the app start when the user logs in: finds the program to start, and says whether it does."""

from __future__ import annotations

import os
from pathlib import Path

from traycreds.desktop import login_environment
from traycreds.desktop.autostart import Autostart, of_this_platform
from traycreds.desktop.login_item import LoginItem
from traycreds.process.own_program import program
from traycreds.usecases import load
from traycreds.usecases.options import Options


def turn_on(options: Options) -> LoginItem:
    """Have this very program start at login, with the configuration given on the command line if there is one.

    It gets PATH, AWS's files, proxies and certificates as they are in force here.

    Raises:
        UsageError: there is no home folder, or it is another user's.
        TraycredsError: the platform refused.
    """
    place = _place(options)
    command = program("traycredsw")
    if options.config is not None:
        command += ("--config", str(options.config.absolute()))
    return place.turn_on(command, login_environment.of_login(os.environ, Path.home()))


def left_out() -> tuple[str, ...]:
    """The names of the variables that `turn_on` does not write, since they hold a user or a password."""
    return login_environment.left_out(os.environ)


def turn_off(options: Options) -> bool:
    """Stop it from starting; returns whether it did before.

    Raises:
        UsageError: there is no home folder, or it is another user's.
        TraycredsError: the platform refused.
    """
    return _place(options).turn_off()


def stamp() -> object:
    """What is another when what `read` gives is, but for whether the program is there; quick to get."""
    return of_this_platform(os.environ, Path.home()).stamp()


def read(options: Options) -> LoginItem | None:
    """What starts at login, None if nothing of ours does.

    Raises:
        UsageError: there is no home folder, or it is another user's.
        TraycredsError: the entry is there but cannot be read.
    """
    return _place(options).read()


def _place(options: Options) -> Autostart:
    """Where this platform keeps the entry, in a home folder that can be one."""
    load.find_paths(options)
    return of_this_platform(os.environ, Path.home())
