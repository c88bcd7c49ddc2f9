"""The macOS login item, a launchd agent; apart from `autostart`, because its parser takes 300 KB."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from traycreds.desktop.login_item import ItemInFile, LoginItem

LABEL = "io.github.traycreds.traycreds"
"""Of the agent."""


class LaunchAgent(ItemInFile):
    """macOS: a property list in the user's LaunchAgents folder (launchd.plist(5))."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / f"{LABEL}.plist")

    def _encoded(self, command: Sequence[str], environment: Mapping[str, str]) -> bytes:
        agent = {
            "Label": LABEL,
            "ProgramArguments": list(command),
            **({"EnvironmentVariables": dict(environment)} if environment else {}),
            "RunAtLoad": True,
            # Otherwise macOS slows down its timers.
            "ProcessType": "Interactive",
            # A login by SSH has no menu bar.
            "LimitLoadToSessionType": "Aqua",
        }
        return plistlib.dumps(agent)

    def _decoded(self, data: bytes) -> LoginItem:
        try:
            agent = plistlib.loads(data)
            command = tuple(str(argument) for argument in agent["ProgramArguments"])
            enabled = bool(agent.get("RunAtLoad")) and not agent.get("Disabled")
            environment = {str(name): str(value) for name, value in agent.get("EnvironmentVariables", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError, plistlib.InvalidFileException):
            return self._item(())
        return self._item(command, enabled=enabled, environment=environment)
