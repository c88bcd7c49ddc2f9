"""Chooses pystray's own back end for this platform: the one that the user asks for, or the first that has a menu."""

from __future__ import annotations

import sys
from typing import Any

from traycreds.ui.tray import choice

_WITH_MENU = ("appindicator", "gtk")
"""pystray's back ends for Linux that can show a menu; `xorg` cannot."""


def native_icon(name: str) -> Any | None:
    """An icon of pystray's back end for this platform, or None if it has no menu."""
    if sys.platform == "win32":
        from traycreds.ui.tray import windows

        return _quick_to_quit(windows.WindowsIcon(name))
    if sys.platform == "darwin":
        from traycreds.ui.tray import macos

        return _quick_to_quit(macos.MacIcon(name))
    forced = choice.forced_back_end()
    for back_end in (forced,) if forced else _WITH_MENU:
        try:
            from traycreds.ui.tray import pystray_menu

            icon = pystray_menu.icon_of(back_end)
        except Exception:  # noqa: BLE001, S112 - ImportError, but ValueError for a missing typelib and X errors too
            continue
        if icon.HAS_MENU:
            return _quick_to_quit(icon(name))
    return None


def _quick_to_quit(icon: Any) -> Any:
    """Quitting waits at most a second for the set-up thread: a program that is asked to end has two in all."""
    icon.SETUP_THREAD_TIMEOUT = 1.0
    return icon
