"""Checks the programs that settings name, by the PATH of this process and by that of the app."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator, Mapping

from traycreds.config.loader import Config
from traycreds.config.schema import COMMAND_KEYS, PROGRAM_KEYS
from traycreds.core.errors import TraycredsError
from traycreds.core.model import BrowserChoice
from traycreds.desktop import browser
from traycreds.doctor.finding import Finding, severity_of
from traycreds.process.programs import app_path, login_path
from traycreds.process.programs.app_path import AppPath
from traycreds.process.programs.lookup import ProgramError
from traycreds.state.paths import Paths
from traycreds.usecases import login_item, running_app
from traycreds.usecases.options import Options


class Programs:
    """Says why a program cannot be run by this process or an app; looks for the apps once, when it must."""

    def command_fault(self, command: str, setting: str) -> ProgramError | None:
        """What is wrong with a setting's command line."""
        return app_path.fault_of(command, setting, self._apps)

    def program_fault(self, name: str, setting: str) -> ProgramError | None:
        """Why the program of a setting is not found."""
        return app_path.program_fault(name, setting, self._apps)

    @functools.cached_property
    def _apps(self) -> list[AppPath]:
        # The running app, if one runs, and the next one.
        if sys.platform == "win32":
            return []
        apps: list[AppPath] = []
        with contextlib.suppress(TraycredsError):
            path, login = running_app.program_path()
            apps.append(AppPath("the running app", path, login, runs=True))
        item = None
        with contextlib.suppress(TraycredsError):
            item = login_item.read(Options())
        of_item = item.environment.get("PATH") if item is not None and item.enabled else None
        if of_item is not None:
            apps.append(AppPath("the app that starts at login", of_item, login_path.of_this_process.of_an_app()))
        elif not apps or login_path.in_terminal():
            apps.append(app_path.of_desktop())
        return apps


def program_findings(
    paths: Paths, lines: Mapping[tuple[str, ...], int], loaded: Config, programs: Programs
) -> Iterator[Finding]:
    """Programs of our configuration that cannot be run, or not by everyone who needs them."""
    commands, words = _commands(loaded), _words(loaded)
    faults = {at: programs.command_fault(command, at[-1]) for at, command in commands.items() if at in lines}
    faults |= {at: programs.program_fault(program[0], at[-1]) for at, program in words.items() if at in lines}
    for at, fault in faults.items():
        if fault is not None:
            yield Finding(
                file=str(paths.config_file),
                line=lines.get(at),
                what=fault.sentence.rstrip("."),
                remedy=fault.hint,
                severity=severity_of(fault),
            )


def _commands(loaded: Config) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str | None] = {("settings", "mfa_process"): loaded.settings.mfa_process}
    found |= {("roles", role.name, key): getattr(role, key) for role in loaded.roles for key in sorted(COMMAND_KEYS)}
    return {at: command for at, command in found.items() if command}


def _words(loaded: Config) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {
        ("settings", key): getattr(loaded.settings, key) for key in PROGRAM_KEYS
    }
    found |= {("sign_ins", name, "browser"): each.program for name, each in loaded.sign_in_browsers.items()}
    found |= dict.fromkeys(_containers(loaded), (browser.FIREFOX,))
    return {at: words for at, words in found.items() if words}


def _containers(loaded: Config) -> Iterator[tuple[str, ...]]:
    """The keys that have Firefox open pages by its name, which only Linux looks up on the PATH."""
    if not sys.platform.startswith("linux"):
        return
    choices: dict[tuple[str, ...], BrowserChoice] = {
        ("settings", "container"): loaded.settings.console_opens_in,
        ("settings", "sign_in_container"): loaded.settings.sign_in_opens_in,
    }
    choices |= {("sign_ins", name, "container"): each for name, each in loaded.sign_in_browsers.items()}
    yield from (at for at, choice in choices.items() if choice.container and not choice.program)
