"""Finds this very program by absolute path, for whatever is to start it later with whatever PATH."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path


def program(script: str = "traycreds") -> tuple[str, ...]:
    """The words that start it: as a package of its own the executable, else the script beside Python.

    Args:
        script: `traycreds` has a terminal's streams, `traycredsw` has none.
    """
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    suffix = ".exe" if sys.platform == "win32" else ""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        found = folder / f"{script}{suffix}"
        if found.is_file():
            return (str(found),)
    return (sys.executable, "-m", "traycreds")
