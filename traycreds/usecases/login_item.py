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
    """Start this program at login, with the current --config, PATH, AWS files, proxies and certificates.

    Raises UsageError: no home folder of this user. Raises TraycredsError: the platform refused.
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
    """Stop starting at login; return whether it was on. Raises UsageError, TraycredsError like `turn_on`."""
    return _place(options).turn_off()


def stamp() -> object:
    """Changes when the result of `read` does, except for a missing program; quick."""
    return of_this_platform(os.environ, Path.home()).stamp()


def read(options: Options) -> LoginItem | None:
    """What starts at login, or None. Raises UsageError, TraycredsError: unreadable entry."""
    return _place(options).read()


def _place(options: Options) -> Autostart:
    load.find_paths(options)
    return of_this_platform(os.environ, Path.home())
