"""Hears from macOS when the machine has woken, and when its screen is locked and unlocked.

Uses pyobjc, which pystray brings there. The run loop of the main thread delivers what is heard: without a tray icon
there is none, and the engine's own look has to do. A lock that stands when the program begins is not heard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_LOCKED, _UNLOCKED = "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"
"""Not documented by Apple; what others go by as well (Hammerspoon, hs.caffeinate.watcher)."""

observers: list[Any] = []
"""What the notification centres gave, kept for the life of the process."""


def watch(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Call back on the main thread once its run loop runs; returns at once, from any thread."""
    from PyObjCTools import AppHelper

    AppHelper.callAfter(_observe, woke, locked)


def _observe(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    from AppKit import NSWorkspace, NSWorkspaceDidWakeNotification
    from Foundation import NSDistributedNotificationCenter

    machine = NSWorkspace.sharedWorkspace().notificationCenter()
    session = NSDistributedNotificationCenter.defaultCenter()
    for centre, name, on_message in (
        (machine, NSWorkspaceDidWakeNotification, lambda _: woke()),
        (session, _LOCKED, lambda _: locked(True)),
        (session, _UNLOCKED, lambda _: locked(False)),
    ):
        observers.append(centre.addObserverForName_object_queue_usingBlock_(name, None, None, on_message))
