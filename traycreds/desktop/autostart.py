"""Starts the program at login, with one entry in the platform's own place; touches nothing else. Idempotent."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from traycreds.desktop import desktop_entry
from traycreds.desktop.login_item import NO_VARIABLES, ItemInFile, LoginItem
from traycreds.process import command_line

if sys.platform == "win32":
    import winreg

_NAME = "traycreds"
_COMMENT = "Keeps AWS role sessions alive"


class Autostart(Protocol):
    """The place of one platform."""

    def turn_on(self, command: Sequence[str], environment: Mapping[str, str] = NO_VARIABLES) -> LoginItem:
        """Start the command at login, with these variables added to the login's own; replaces an old entry."""

    def turn_off(self) -> bool:
        """Remove our login item; returns whether there was one."""

    def stamp(self) -> object:
        """Changes when the result of `read` does; quick, never raises."""

    def read(self) -> LoginItem | None:
        """Our login item, or None."""


def of_this_platform(environ: Mapping[str, str], home: Path) -> Autostart:
    """The place of this platform."""
    if sys.platform == "win32":
        return RunKey()
    if sys.platform == "darwin":
        from traycreds.desktop import autostart_macos

        return autostart_macos.LaunchAgent(home / "Library" / "LaunchAgents")
    given = Path(environ.get("XDG_CONFIG_HOME") or "")
    return XdgEntry((given if given.is_absolute() else home / ".config") / "autostart")


class XdgEntry(ItemInFile):
    """Linux and BSD: a desktop entry in the user's autostart folder (XDG Autostart Specification)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "traycreds.desktop")

    def _encoded(self, command: Sequence[str], environment: Mapping[str, str]) -> bytes:
        text = desktop_entry.entry(command, name=_NAME, comment=_COMMENT, icon=_NAME, environment=environment)
        return text.encode()

    def _decoded(self, data: bytes) -> LoginItem:
        """A desktop's own settings switch it off by a key rather than by removing it."""
        keys = desktop_entry.read(data.decode(errors="replace"))
        off = keys.get("Hidden") == "true" or keys.get("X-GNOME-Autostart-enabled") == "false"
        environment, command = desktop_entry.parted(desktop_entry.arguments(keys.get("Exec", "")))
        return self._item(command, enabled=not off, environment=environment)


_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where the Task Manager notes what the user has switched off: an odd first byte."""
_RUN_VALUE = rf"HKEY_CURRENT_USER\{_RUN}\{_NAME}"


class RunKey:
    """Windows: a value below the user's Run key."""

    def turn_on(self, command: Sequence[str], environment: Mapping[str, str] = NO_VARIABLES) -> LoginItem:
        """See `Autostart`; a login of Windows has the user's variables."""
        del environment
        if sys.platform == "win32":
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                winreg.SetValueEx(key, _NAME, 0, winreg.REG_SZ, subprocess.list2cmdline(command))
        self._delete(_APPROVED)
        return LoginItem(location=_RUN_VALUE, command=tuple(command))

    def turn_off(self) -> bool:
        """See `Autostart`."""
        self._delete(_APPROVED)
        return self._delete(_RUN)

    def stamp(self) -> object:
        """See `Autostart`."""
        with contextlib.suppress(OSError):
            return self._value(_RUN), self._value(_APPROVED)
        return None

    def read(self) -> LoginItem | None:
        """See `Autostart`."""
        value = self._value(_RUN)
        if not isinstance(value, str):
            return None
        approved = self._value(_APPROVED)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        return LoginItem(location=_RUN_VALUE, command=command_line.parted(value), enabled=not off)

    @staticmethod
    def _value(path: str) -> object:
        if sys.platform == "win32":
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key,
            ):
                value: object = winreg.QueryValueEx(key, _NAME)[0]
                return value
        return None

    @staticmethod
    def _delete(path: str) -> bool:
        if sys.platform == "win32":
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE) as key,
            ):
                winreg.DeleteValue(key, _NAME)
                return True
        return False
