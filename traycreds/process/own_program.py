"""Finds this program's absolute path, to start it later with any PATH."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ASK_CODE, FIND_ROLE, ADD_ROLE = "ask-code", "find-role", "add-role"
"""Our own windows, each its own process; not commands, since only traycreds starts them (traycreds.__main__)."""


def part(word: str) -> list[str]:
    """The words that start a part of this program in its own process."""
    return [sys.executable, *([] if getattr(sys, "frozen", False) else ["-m", "traycreds"]), word]


def pick_in_console(options: Sequence[str]) -> tuple[str, ...]:
    """The command line that asks for a role in its own console; `options` come before the command."""
    return (*program(), *options, "pick", "--own-console")


def program(script: str = "traycreds") -> tuple[str, ...]:
    """The command line of this program; `traycreds` has a terminal's streams, `traycredsw` none."""
    if image := _image():
        return (image,)
    suffix = ".exe" if sys.platform == "win32" else ""
    frozen = getattr(sys, "frozen", False)
    folders = (
        [Path(sys.executable).parent] if frozen else [Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))]
    )
    for folder in folders:
        found = folder / f"{script}{suffix}"
        if found.is_file():
            return (str(found),)
    return (sys.executable,) if frozen else (_python(script), "-m", "traycreds")


def _image() -> str:
    """The AppImage that this program runs from, which mounts it again for each start; "" outside of one."""
    # What an AppImage starts inherits both variables, and may be an installed traycreds.
    mounted = os.environ.get("APPDIR")
    ours = mounted is not None and getattr(sys, "frozen", False) and Path(mounted) in Path(sys.executable).parents
    return os.environ.get("APPIMAGE", "") if ours else ""


def _python(script: str) -> str:
    """The interpreter; on Windows the one that has a terminal, or the one that opens no window for one."""
    if sys.platform == "win32":
        found = Path(sys.executable).with_name("pythonw.exe" if script == "traycredsw" else "python.exe")
        if found.is_file():
            return str(found)
    return sys.executable
