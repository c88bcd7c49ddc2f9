"""Which actions of menu and notices this machine can do; does none of them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping

from traycreds.core.ui_commands import EVERYTHING, UiCommand
from traycreds.desktop import browser, clipboard

_OTHERS = ("zenity", "kdialog")
"""Programs that show a list on Linux."""
_COPIES = frozenset({UiCommand.COPY_PROFILE, UiCommand.COPY_EXPORTS, UiCommand.COPY_ACCOUNT})


def here() -> frozenset[UiCommand]:
    """The actions that work on this machine."""
    missing = frozenset() if clipboard.fill_command(os.environ) is not None else _COPIES
    missing |= frozenset() if browser.can_open() else {UiCommand.OPEN_CONSOLE}
    return EVERYTHING - missing


def without_window() -> frozenset[UiCommand]:
    """The actions whose window cannot be shown on this machine, so that a command has to do."""
    no_window = frozenset() if can_show_window(os.environ) else {UiCommand.NEW_ROLE}
    no_list = frozenset() if can_show_list(os.environ) else {UiCommand.FIND_ROLE}
    return frozenset(no_window | no_list)


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
