"""`traycreds autostart`: starts the application at login, or not."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.usecases import login_item

if TYPE_CHECKING:
    from traycreds.desktop.login_item import LoginItem

DANGLING = 2
"""The exit code of `autostart status` if the entry's program is gone."""


def autostart(parsed: argparse.Namespace) -> int:
    """`traycreds autostart`."""
    if parsed.json:
        return _autostart_as_json(parsed)
    if parsed.do == "on":
        entry = login_item.turn_on(options(parsed))
        print(f"traycreds starts when you log in: {_line(entry.command)}\nThe entry is {entry.location}")
        if entry.environment:
            print(f"It keeps these environment variables: {', '.join(entry.environment)}.")
        if names := login_item.left_out():
            print(f"Left out because they contain a user name or password: {', '.join(names)}.")
        return 0
    if parsed.do == "off":
        print(
            "traycreds no longer starts when you log in."
            if login_item.turn_off(options(parsed))
            else "It was not set to start at login."
        )
        return 0
    return _print_autostart(login_item.read(options(parsed)))


def _print_autostart(found: LoginItem | None) -> int:
    if found is None:
        print("off")
        return 0
    if not found.enabled:
        print(f"off: turned off in the desktop settings ({found.location})")
        return 0
    if not found.can_start:
        what = found.command[0] if found.command else "no program"
        complain(f"{found.location} starts {what}, which cannot be run.", "Run `traycreds autostart on` again.")
        return DANGLING
    print(f"on: {_line(found.command)} ({found.location})")
    return 0


def _autostart_as_json(parsed: argparse.Namespace) -> int:
    if parsed.do == "on":
        login_item.turn_on(options(parsed))
    elif parsed.do == "off":
        login_item.turn_off(options(parsed))
    found = login_item.read(options(parsed))
    entry = (
        None
        if found is None
        else {"where": str(found.location), "command": list(found.command), "alive": found.can_start}
    )
    on = found is not None and found.enabled and found.can_start
    print(json.dumps({"on": on, "enabled": found is not None and found.enabled, "entry": entry}, indent=2))
    return DANGLING if found is not None and found.enabled and not found.can_start else 0


def _line(command: Sequence[str]) -> str:
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
