"""What pystray's back end for macOS and traycreds call of AppKit and Foundation; the rest is made as it is asked for."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable
from typing import Any, ClassVar

from tests.mac import objects, run_loop
from tests.mac.objects import APPLE, NSObject


class NSApplication(NSObject, apple="NSApplication"):
    """The one application."""

    shared: NSApplication | None = None

    def class_sharedApplication(cls):
        NSApplication.shared = NSApplication.shared or NSApplication.alloc()
        return NSApplication.shared

    def do_setActivationPolicy_(self, policy):
        self.state["activationPolicy"] = policy
        return True

    def do_run(self):
        self.state.update(running=True, over=False)
        while not self.state["over"]:
            run_loop.main.turn()

    def do_stop_(self, sender):
        """Sets a flag, which is looked at once an event has been handled."""
        self.state["stopping"] = True

    def do_postEvent_atStart_(self, event, first):
        run_loop.main.post(lambda: self.state.update(over=self.state.get("stopping", False)), default_mode=True)

    def do_terminate_(self, sender):
        """Ask the delegate, then end by exit(3): no frame of Python returns, and neither `finally` nor atexit runs."""
        delegate = self.state.get("delegate")
        if objects.notify(delegate, "applicationShouldTerminate_", self) in (None, 1):
            objects.notify(delegate, "applicationWillTerminate_", None)
            sys.stdout.flush()
            os._exit(0)


class NSStatusBar(NSObject, apple="NSStatusBar"):
    """The menu bar."""

    bar: NSStatusBar | None = None

    def class_systemStatusBar(cls):
        if NSStatusBar.bar is None:
            NSStatusBar.bar = NSStatusBar.alloc()
            NSStatusBar.bar.state["items"] = []
        return NSStatusBar.bar

    def do_statusItemWithLength_(self, length):
        item = NSStatusItem.alloc()
        item.state.update(button=NSStatusBarButton.alloc(), menu=None)
        self.state["items"].append(item)
        return item

    def do_thickness(self):
        return 22.0

    def do_removeStatusItem_(self, item):
        self.state["items"].remove(item)


class NSStatusItem(NSObject, apple="NSStatusItem"):
    """An icon with its menu.

    Attributes:
        seen: the menu that is on the screen, which stays there if the program sets another one.
        chosen: the line on which the user releases the mouse.
    """

    seen: Any = None
    chosen: Any = None

    def do_setMenu_(self, menu):
        if self.seen is not None:
            objects.note("the menu was replaced while it is open, which is undefined")
        self.state["menu"] = menu

    def track(self, opened: Callable[[], None]) -> None:
        """AppKit's own loop from a click on the icon until the menu is closed.

        Args:
            opened: called once the menu is on the screen.
        """
        menu, self.chosen = self.state["menu"], None
        delegate = menu.state.get("delegate")
        objects.notify(delegate, "menuNeedsUpdate_", menu)
        objects.notify(delegate, "menuWillOpen_", menu)
        self.seen = menu
        menu.state["tracked"] = True
        opened()
        while menu.state["tracked"]:
            run_loop.main.turn(tracking=True)
        # The turn below may already open the menu again.
        chosen, self.seen = self.chosen, None
        objects.notify(delegate, "menuDidClose_", menu)
        if chosen is not None:
            # By Apple's documentation, the action may come after `menuDidClose:`.
            run_loop.main.turn(wait=False)
            objects.send(chosen.state["target"], chosen.state["action"], chosen)

    def let_go(self, line: Any) -> None:
        """The person closes the menu, by a click on a line or beside it."""
        self.chosen = line
        self.seen.state["tracked"] = False


class NSStatusBarButton(NSObject, apple="NSStatusBarButton"):
    """What of an icon is seen in the bar."""

    def do_effectiveAppearance(self):
        return NSAppearance.alloc()


class NSAppearance(NSObject, apple="NSAppearance"):
    """Of the menu bar behind the icon."""

    of_bar = "NSAppearanceNameAqua"

    def do_bestMatchFromAppearancesWithNames_(self, names):
        return self.of_bar if self.of_bar in names else None


class NSMenu(NSObject, apple="NSMenu"):
    """A menu or submenu."""

    def do_initWithTitle_(self, title):
        self.state.update(title=title, itemArray=[])
        return self

    def do_addItem_(self, item):
        if item.state.get("menu") is not None:
            objects.refuse("the line is in a menu already")
        item.state["menu"] = self
        self.state["itemArray"].append(item)

    def do_cancelTracking(self):
        self.state["tracked"] = False


class NSMenuItem(NSObject, apple="NSMenuItem"):
    """A line."""

    def class_separatorItem(cls):
        item = cls.alloc()
        item.state["separator"] = True
        return item

    def do_initWithTitle_action_keyEquivalent_(self, title, action, key):
        self.state.update(title=title, action=action, enabled=True, tag=0, state=0)
        return self


class NSData(NSObject, apple="NSData"):
    """Bytes."""

    def class_dataWithBytes_length_(cls, data, length):
        made = cls.alloc()
        made.state["bytes"] = bytes(data[:length])
        return made


class NSImage(NSObject, apple="NSImage"):
    """A picture; a point is a pixel until its size is set."""

    def do_initWithData_(self, data):
        from PIL import Image

        picture = Image.open(io.BytesIO(data.state["bytes"])).convert("RGBA")
        self.state.update(picture=picture, size=picture.size, template=False)
        return self


class NSThread(NSObject, apple="NSThread"):
    """The current one."""


class NSNotificationCenter(NSObject, apple="NSNotificationCenter"):
    """Where the system tells what has happened."""

    def do_addObserverForName_object_queue_usingBlock_(self, name, sender, operations, block):
        self.state.setdefault("observers", []).append((name, block))
        return NSObject.alloc()

    def announce(self, name: str) -> bool:
        """Tell the observers; whether there is one."""
        blocks = [block for observed, block in self.state.get("observers", []) if observed == name]
        for block in blocks:
            run_loop.main.post(lambda block=block: block(None))
        return bool(blocks)


class NSDistributedNotificationCenter(NSNotificationCenter, apple="NSDistributedNotificationCenter"):
    """Of the login session; a program that is not active hears at once only what it has asked for so."""

    def class_defaultCenter(cls):
        return centres["session"]

    def do_addObserverForName_object_queue_usingBlock_(self, name, sender, operations, block):
        objects.note(f"{name} comes only once the program is active")

    def do_addObserver_selector_name_object_suspensionBehavior_(self, observer, selector, name, sender, behaviour):
        assert behaviour == _DELIVER_IMMEDIATELY
        block = functools.partial(objects.send, observer, selector)
        self.state.setdefault("observers", []).append((name, block))


class NSWorkspace(NSObject, apple="NSWorkspace"):
    """The one workspace."""

    def class_sharedWorkspace(cls):
        return NSWorkspace.alloc()

    def do_notificationCenter(self):
        return centres["machine"]


_DELIVER_IMMEDIATELY = 4
centres = {"session": NSDistributedNotificationCenter.alloc(), "machine": NSNotificationCenter.alloc()}


class NSProcessInfo(NSObject, apple="NSProcessInfo"):
    """This process.

    Attributes:
        activities: those that have begun and not ended, with their options.
    """

    activities: ClassVar[list[tuple[Any, int]]] = []

    def class_processInfo(cls):
        return NSProcessInfo.alloc()

    def do_beginActivityWithOptions_reason_(self, options, reason):
        activity = NSObject.alloc()
        self.activities.append((activity, options))
        return activity

    def do_endActivity_(self, activity):
        self.activities[:] = [each for each in self.activities if each[0] is not activity]


def lookup(name: str) -> Any:
    """An attribute of the modules AppKit and Foundation.

    Raises:
        AttributeError: Apple declares none.
    """
    if name.startswith("__"):
        raise AttributeError(name)
    if name in ("NSPoint", "NSSize"):
        return lambda *numbers: numbers
    if name in APPLE.classes:
        if name not in globals():
            globals()[name] = type(NSObject)(name, (NSObject,), {}, apple=name)
        return globals()[name]
    if name in APPLE.constants:
        return _C_VALUES.get(name, APPLE.constants[name])
    raise AttributeError(f"Apple declares no {name}")


_C_VALUES = {"NSControlStateValueOn": 1, "NSControlStateValueOff": 0, "NSVariableStatusItemLength": -1.0}
"""Declared without a value there (NSCell.h, NSStatusBar.h)."""
