"""Opens a file with the program that the desktop has for it; makes the configuration first if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from traycreds.adapters import awsconfig
from traycreds.adapters.places import Places
from traycreds.adapters.starter import starter
from traycreds.core.errors import ConfigError, TraycredsError

_SECONDS = 15


def open_config(where: Places) -> TraycredsError | None:
    """Open our configuration; returns what stands in the way, or None."""
    path = where.config_file
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(starter(awsconfig.read(where.aws_config_file, where.credentials_file)))
        _open(path)
    except ConfigError as error:
        return error
    except (OSError, subprocess.SubprocessError):
        return TraycredsError(f"No program could open {path}.", "Open it in your editor.")
    return None


def open_file(path: Path) -> TraycredsError | None:
    """Open a file of ours; returns what stands in the way, or None."""
    try:
        if not path.exists():
            return TraycredsError(f"There is no {path}.", "Nothing was written to it yet.")
        _open(path)
    except (OSError, subprocess.SubprocessError):
        return TraycredsError(f"No program could open {path}.", "Open it in your editor.")
    return None


def _open(path: Path) -> None:
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606 - a path of our own
        except OSError:  # ERROR_NO_ASSOCIATION: Windows as it comes knows no program for .toml
            notepad = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "notepad.exe")
            os.startfile(notepad, "open", f'"{path}"')  # noqa: S606 - likewise; no path has a quote in it
        return
    command = ["open", "-t"] if sys.platform == "darwin" else ["xdg-open"]
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(command[0])
    arguments = [program, *command[1:], str(path)]
    subprocess.run(arguments, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True)  # noqa: S603
