"""Whether windows can be shown on this machine, by what can be known without trying."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Mapping

_OTHERS = ("zenity", "kdialog")
"""Programs that show a list on Linux."""


def can_show_window(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether Tk is here, and an X server where Tk needs one: it knows no Wayland, but XWayland is an X server."""
    return (platform in ("win32", "darwin") or bool(environ.get("DISPLAY"))) and has_tk()


def can_show_list(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a list can be shown: in our window, the desktop's, or a console of Windows."""
    if platform in ("win32", "darwin") or can_show_window(environ, platform):
        return True
    on_screen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return bool(on_screen) and any(shutil.which(name, path=environ.get("PATH")) for name in _OTHERS)


def has_tk() -> bool:
    """Whether this Python has tkinter, which Debian and Homebrew leave out; loads nothing."""
    return importlib.util.find_spec("_tkinter") is not None
