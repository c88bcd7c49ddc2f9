"""Owns whether the program starts when the user logs in: one entry of ours, in the place that each platform has for it.

Touches nothing but that entry, and is idempotent. Starts nothing now: it takes effect at the next login.
"""

from __future__ import annotations

import contextlib
import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from traycreds.adapters import commandline, desktopentry
from traycreds.core.errors import TraycredsError

LABEL = "io.github.traycreds.traycreds"
"""Of the macOS agent."""
_NAME = "traycreds"
_COMMENT = "Keeps AWS role sessions alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What starts at login.

    Attributes:
        where: the file or registry value.
        command: the program and its arguments; empty when it cannot be read.
        enabled: the desktop has not been told to pass it over.
    """

    where: str
    command: tuple[str, ...]
    enabled: bool = True

    @property
    def alive(self) -> bool:
        """Whether the program that it names is still there and can be run."""
        return bool(self.command) and os.access(self.command[0], os.X_OK) and Path(self.command[0]).is_file()


class Autostart(Protocol):
    """The place of one platform."""

    def turn_on(self, command: Sequence[str]) -> Entry:
        """Have the command start at login, in place of what was there."""

    def turn_off(self) -> bool:
        """Have nothing of ours start at login; returns whether something did."""

    def look(self) -> Entry | None:
        """What starts at login, None if nothing of ours does."""


def of_this_platform(environ: Mapping[str, str], home: Path) -> Autostart:
    """The place of this platform."""
    if sys.platform == "win32":
        return RunKey()
    if sys.platform == "darwin":
        return LaunchAgent(home / "Library" / "LaunchAgents")
    given = Path(environ.get("XDG_CONFIG_HOME") or "")
    return XdgEntry((given if given.is_absolute() else home / ".config") / "autostart")


class XdgEntry:
    """Linux and BSD: a desktop entry in the user's autostart folder (XDG Autostart Specification)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "traycreds.desktop"

    def turn_on(self, command: Sequence[str]) -> Entry:
        """See `Autostart`."""
        text = desktopentry.entry(command, name=_NAME, comment=_COMMENT, icon=_NAME)
        _put(self._path, text.encode())
        return Entry(where=str(self._path), command=tuple(command))

    def turn_off(self) -> bool:
        """See `Autostart`."""
        return _remove(self._path)

    def look(self) -> Entry | None:
        """See `Autostart`; a desktop's own settings switch it off by a key rather than by removing it."""
        data = _get(self._path)
        if data is None:
            return None
        keys = desktopentry.read(data.decode(errors="replace"))
        off = keys.get("Hidden") == "true" or keys.get("X-GNOME-Autostart-enabled") == "false"
        command = desktopentry.arguments(keys.get("Exec", ""))
        return Entry(where=str(self._path), command=command, enabled=not off)


class LaunchAgent:
    """macOS: a property list in the user's LaunchAgents folder (launchd.plist(5))."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{LABEL}.plist"

    def turn_on(self, command: Sequence[str]) -> Entry:
        """See `Autostart`."""
        agent = {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",  # else macOS slows its timers down
            "LimitLoadToSessionType": "Aqua",  # there is no menu bar in a login by ssh
        }
        _put(self._path, plistlib.dumps(agent))
        return Entry(where=str(self._path), command=tuple(command))

    def turn_off(self) -> bool:
        """See `Autostart`."""
        return _remove(self._path)

    def look(self) -> Entry | None:
        """See `Autostart`."""
        data = _get(self._path)
        if data is None:
            return None
        try:
            agent = plistlib.loads(data)
            command = tuple(str(argument) for argument in agent["ProgramArguments"])
            enabled = bool(agent.get("RunAtLoad")) and not agent.get("Disabled")
        except (ValueError, KeyError, TypeError, AttributeError, plistlib.InvalidFileException):
            return Entry(where=str(self._path), command=())
        return Entry(where=str(self._path), command=command, enabled=enabled)


_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
_APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where the Task Manager notes what the user has switched off: an odd first byte."""
_RUN_VALUE = rf"HKEY_CURRENT_USER\{_RUN}\{_NAME}"


class RunKey:
    """Windows: a value below the user's Run key."""

    def turn_on(self, command: Sequence[str]) -> Entry:
        """See `Autostart`."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415 - only on Windows

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                winreg.SetValueEx(key, _NAME, 0, winreg.REG_SZ, subprocess.list2cmdline(command))
        self._delete(_APPROVED)
        return Entry(where=_RUN_VALUE, command=tuple(command))

    def turn_off(self) -> bool:
        """See `Autostart`."""
        self._delete(_APPROVED)
        return self._delete(_RUN)

    def look(self) -> Entry | None:
        """See `Autostart`."""
        value = self._value(_RUN)
        if not isinstance(value, str):
            return None
        approved = self._value(_APPROVED)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        return Entry(where=_RUN_VALUE, command=commandline.parted(value), enabled=not off)

    @staticmethod
    def _value(path: str) -> object:
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415 - only on Windows

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
            import winreg  # noqa: PLC0415 - only on Windows

            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE) as key,
            ):
                winreg.DeleteValue(key, _NAME)
                return True
        return False


def _get(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refusal(path, error) from error


def _put(path: Path, data: bytes) -> None:
    """Write it whole: a desktop that starts meanwhile reads the old or the new one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        raise _refusal(path, error) from error


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _refusal(path, error) from error
    return True


def _refusal(path: Path, error: OSError) -> TraycredsError:
    why = (error.strerror or type(error).__name__).lower()
    return TraycredsError(f"{path} cannot be used: {why}.", "Check the owner and mode of it and of its folder.")
