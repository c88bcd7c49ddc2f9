"""Says whose PATH lacks a program that a setting names: this terminal's, or that of an app outside it."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Sequence
from typing import NamedTuple

from traycreds.core.errors import TraycredsError
from traycreds.core.text import printable
from traycreds.process import command_line
from traycreds.process.programs import login_path, lookup
from traycreds.process.programs.lookup import NotOnPathError, ProgramError

# What macOS gives its programs if nobody has set another (launchd, _PATH_STDPATH of paths.h).
_OF_LAUNCHD = "/usr/bin:/bin:/usr/sbin:/sbin"


class TerminalOnlyError(ProgramError):
    """A program is found in this terminal, but not by an app outside it."""


class AppOnlyError(ProgramError):
    """A program is found by an app, but not in this terminal."""


class LoginShellOnlyError(ProgramError):
    """A program is not on the PATH of an app, but the app finds it on that of the login shell."""


class AppPath(NamedTuple):
    """Whose PATH, in words; it; that of the login shell, if the app asks it; whether it is the running app."""

    whose: str
    path: str | None
    login: str | None
    runs: bool = False

    def find(self, name: str) -> str | None:
        """The full path of a program."""
        return _on(self.path, name) or _on(self.login, name)

    @property
    def all(self) -> str:
        """Both in words."""
        return f"{self.whose} or your login shell" if self.path and self.login else self.whose


def of_desktop() -> AppPath:
    """That of an app which the desktop starts."""
    path = path_of_desktop() if login_path.in_terminal() else os.environ.get("PATH")
    return AppPath("your desktop", path, login_path.of_this_process.of_an_app())


def fault_of(command: str, setting: str, apps: Sequence[AppPath]) -> ProgramError | None:
    """What is wrong with a setting's command line, without running it."""
    if (fault := lookup.form_fault(command, setting)) is not None:
        return fault
    name = command_line.split(command)[0]
    return lookup.line_fault(command, setting) or program_fault(name, setting, apps)


def program_fault(name: str, setting: str, apps: Sequence[AppPath]) -> ProgramError | None:
    """Why a program is not found, by this process or by one of the apps."""
    here = lookup.program_fault(name, setting)
    if lookup.is_path(name) or sys.platform == "win32":
        return here
    if here is None:
        return next((fault for app in apps if (fault := _lacking(name, setting, app)) is not None), None)
    if not isinstance(here, NotOnPathError) or not apps or not (login_path.in_terminal() or apps[0].runs):
        return here
    named, app = _named(name, setting), apps[0]
    if (whole := app.find(name)) is not None:
        sentence = f"{named} is not on the PATH of {_here()}, but {app.whose} finds it."
        return AppOnlyError(sentence, lookup.full_path_hint(whole, setting))
    return NotOnPathError(f"{named} is not on the PATH of {_here()}, nor on that of {app.all}.", here.hint)


def _lacking(name: str, setting: str, app: AppPath) -> ProgramError | None:
    if not (app.path or app.login) or _on(app.path, name) is not None:
        return None
    named = _named(name, setting)
    if (whole := _on(app.login, name)) is not None:
        sentence = f"{named} is not on the PATH of {app.whose}; traycreds finds it on that of your login shell."
        return LoginShellOnlyError(sentence, lookup.full_path_hint(whole, setting)) if app.path else None
    here = shutil.which(name)
    if here is None:
        return None
    sentence = f"{named} is on the PATH of {_here()}, but not on that of {app.all}."
    return TerminalOnlyError(sentence, lookup.full_path_hint(here, setting))


@functools.cache
def path_of_desktop() -> str | None:
    """The PATH that the desktop gives its programs, according to systemd or launchd; asked once."""
    from traycreds.process import bounded_program

    of_mac = sys.platform == "darwin"
    ask = ["launchctl", "getenv", "PATH"] if of_mac else ["systemctl", "--user", "show-environment"]
    try:
        done = bounded_program.run(ask, seconds=login_path.SECONDS)
    except (OSError, TraycredsError):
        return None
    text = os.fsdecode(done.output) if done.code == 0 else ""
    if of_mac:
        return text.strip() or _OF_LAUNCHD
    return next((line.removeprefix("PATH=") for line in text.splitlines() if line.startswith("PATH=")), None)


def _on(path: str | None, name: str) -> str | None:
    return shutil.which(name, path=path) if path else None


def _here() -> str:
    return "this terminal" if login_path.in_terminal() else "this process"


def _named(name: str, setting: str) -> str:
    return f"{printable(name)}, which {setting} names,"
