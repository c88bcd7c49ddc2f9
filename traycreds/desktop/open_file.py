"""Opens a file with the program that the desktop has for it; makes the configuration first if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from traycreds.core.errors import TraycredsError
from traycreds.process import spawn
from traycreds.process.bounded_call import daemon

SECONDS = 15.0
"""Seconds in which a program that cannot open the file has ended."""


def open_file(path: Path) -> TraycredsError | None:
    """Open one of our files; returns why not, or None."""
    try:
        if not path.exists():
            return TraycredsError(f"{path} does not exist.", "Nothing has been written to it yet.")
        open_existing(path)
    except (OSError, subprocess.SubprocessError):
        return TraycredsError(f"No program could open {path}.", "Open it in your editor.")
    return None


def open_existing(path: Path) -> None:
    """Open an existing file. Raises OSError: no program for it. Raises subprocess.SubprocessError: it fails."""
    if sys.platform == "win32":
        try:
            os.startfile(path)
        except OSError:
            # By default, Windows has no program for .toml files (`ERROR_NO_ASSOCIATION`).
            notepad = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "notepad.exe")
            os.startfile(notepad, "open", f'"{path}"')
        return
    command = ["open", "-t"] if sys.platform == "darwin" else ["xdg-open"]
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(command[0])
    started = spawn.detached([program, *command[1:], str(path)])
    try:
        code = started.wait(SECONDS)
    except subprocess.TimeoutExpired:
        # Without a desktop environment, xdg-open runs as long as the editor does. A dead child must not stay a zombie.
        daemon("editor", started.wait)
        return
    if code:
        raise subprocess.CalledProcessError(code, command)
