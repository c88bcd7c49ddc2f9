"""Hears from macOS when the machine has woken, and when its screen is locked, through pyobjc.

Needs the main thread's run loop, so without a tray icon the engine relies on its clocks. Misses a lock at the start.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

_LOCKED, _UNLOCKED = "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"
"""Not documented by Apple; others rely on it too (Hammerspoon, hs.caffeinate.watcher)."""

observers: list[Any] = []
"""What the notification centres gave, kept for the life of the process."""


def watch(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Call back on the main thread once its run loop runs; returns at once, from any thread."""
    from PyObjCTools import AppHelper

    AppHelper.callAfter(_observe, woke, locked)


def _observe(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    from AppKit import NSWorkspace, NSWorkspaceDidWakeNotification
    from Foundation import NSDistributedNotificationCenter, NSNotificationSuspensionBehaviorDeliverImmediately

    machine = NSWorkspace.sharedWorkspace().notificationCenter()
    observers.append(
        machine.addObserverForName_object_queue_usingBlock_(
            NSWorkspaceDidWakeNotification, None, None, lambda _: woke()
        )
    )
    observer = _observer_class().alloc().init()
    observer.locked = locked
    observers.append(observer)
    session = NSDistributedNotificationCenter.defaultCenter()
    for selector, name in ((b"screenLocked:", _LOCKED), (b"screenUnlocked:", _UNLOCKED)):
        session.addObserver_selector_name_object_suspensionBehavior_(
            observer, selector, name, None, NSNotificationSuspensionBehaviorDeliverImmediately
        )


@functools.cache
def _observer_class() -> Any:
    """The observer's class, once per name; a block gets no event while the program is inactive, as ours is."""
    from Foundation import NSObject

    class TraycredsLockObserver(NSObject):  # type: ignore[misc]  # pyobjc is untyped
        def screenLocked_(self, _notification: Any) -> None:
            self.locked(True)

        def screenUnlocked_(self, _notification: Any) -> None:
            self.locked(False)

    return TraycredsLockObserver
