"""The icon in the macOS menu bar: pystray's, plus what a Mac user expects. Never ran on a real Mac.

A click does what the clicked line said, whatever the menu is now. The picture is sharp on Retina screens, takes the
bar's tone, and has color for trouble; VoiceOver reads the tooltip. A logout quits the app as "Quit" does. For the main
thread alone, except `post`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import AppKit
import Foundation
from PyObjCTools import AppHelper

from traycreds.core.value_class import value_class
from traycreds.ui.icon import drawing
from traycreds.ui.icon.badge import Badge
from traycreds.ui.icon.look import TROUBLE, Look, Theme
from traycreds.ui.tray import macos_menu, pystray_menu

assert sys.platform == "darwin"

POINTS = 18
"""The side of a picture in the menu bar (Apple's Human Interface Guidelines)."""
_PIXELS = 2 * POINTS
"""A point is two pixels on Retina screens; others scale the picture down, which looks the same."""
_THEME_CHANGED = "AppleInterfaceThemeChangedNotification"
"""Not documented by Apple; posted when the user switches between light and dark."""


@value_class
class Picture:
    """The icon's picture; with `template`, the menu bar tints it by its opacity."""

    image: Any
    template: bool


class TraycredsIconDelegate(Foundation.NSObject):  # type: ignore[misc]  # pyobjc is untyped
    """Gets the clicks; AppKit calls it when the menu opens and closes and when the program must end."""

    def lineChosen_(self, sender: Any) -> None:
        """A line of the menu was clicked; AppKit may send this after `menuDidClose:`."""
        self.icon.choose(sender.tag())

    def menuWillOpen_(self, _menu: Any) -> None:
        """The menu opens."""
        self.icon.opened()

    def menuDidClose_(self, _menu: Any) -> None:
        """The menu is closed."""
        self.icon.closed()

    def themeChanged_(self, _notification: Any) -> None:
        """The menu bar may have become light or dark."""
        self.icon.post(self.icon.appearance_changed)

    def applicationShouldTerminate_(self, _app: Any) -> int:
        """A logout, a shutdown or `terminate:`; once this has returned, AppKit ends the process by exit(3)."""
        self.icon.terminating()
        return int(AppKit.NSTerminateNow)


class MacIcon(pystray_menu.NativeIcon):  # type: ignore[misc]  # pystray is untyped
    """The icon; `appearance_changed` follows a light or dark bar, `terminating` must clean up before AppKit exits."""

    def __init__(self, name: str) -> None:
        """Take a place in the menu bar; nothing is shown yet."""
        super().__init__(name)
        self.appearance_changed: Callable[[], None] = lambda: None
        self.terminating: Callable[[], None] = lambda: None
        self._open = False
        self._drawn: macos_menu.MacMenu | None = None
        self._described: Any = None
        self._last_open: macos_menu.MacMenu | None = None
        self._events = TraycredsIconDelegate.alloc().init()
        self._events.icon = self
        self._app.setDelegate_(self._events)

    @staticmethod
    def post(call: Callable[[], None]) -> None:
        """Have something done on the main thread, also while the menu is open; from any thread, returns at once."""
        AppHelper.callAfter(call)

    @staticmethod
    def picture(look: Look, theme: Theme, badge: Badge | None) -> Picture:
        """What to set as `icon`; a template has one tone, so trouble and badges have none."""
        if look in TROUBLE or badge is not None:
            picture = drawing.with_badge(drawing.image(look, _PIXELS, theme_=theme), badge)
            return Picture(picture, template=False)
        return Picture(drawing.template(look, _PIXELS), template=True)

    def theme(self) -> Theme:
        """The tone of the menu bar behind the icon."""
        light, dark = AppKit.NSAppearanceNameAqua, AppKit.NSAppearanceNameDarkAqua
        appearance = self._status_item.button().effectiveAppearance()
        return Theme.DARK if appearance.bestMatchFromAppearancesWithNames_([light, dark]) == dark else Theme.LIGHT

    def opened(self) -> None:
        """The menu is on the screen, and stays as it is there."""
        self._open = True
        self._last_open = self._drawn

    def closed(self) -> None:
        """The menu is gone, but the click that closed it may still arrive."""
        self._open = False
        self.post(self._update_menu)

    def choose(self, number: int) -> None:
        """Do what a line says, in the visible menu or the last open one."""
        for menu in (self._drawn, self._last_open):
            line = None if menu is None else menu.line(number)
            if line is not None:
                line(self)
                return

    def _update_menu(self) -> None:
        if self.menu is self._described:
            return
        if self._open and self._drawn is not None:
            self._drawn.change_in_place(self.menu)
            return
        self._described = self.menu
        self._drawn = macos_menu.MacMenu(self.menu, target=self._events)
        self._drawn.native.setDelegate_(self._events)
        self._status_item.setMenu_(self._drawn.native)

    def _update_title(self) -> None:
        super()._update_title()
        self._status_item.button().setAccessibilityLabel_(self.title)

    def _assert_image(self) -> None:
        kept = io.BytesIO()
        self.icon.image.save(kept, "PNG")
        png = kept.getvalue()
        image = AppKit.NSImage.alloc().initWithData_(Foundation.NSData.dataWithBytes_length_(png, len(png)))
        image.setSize_((POINTS, POINTS))
        image.setTemplate_(self.icon.template)
        self._icon_image = image
        self._status_item.button().setImage_(image)

    def _run(self) -> None:
        """As pystray's, without its handler of Ctrl-C, which ends the process by exit(3)."""
        # At once: what a block hears waits until this is the active program, as one of the menu bar hardly ever is.
        at_once = Foundation.NSNotificationSuspensionBehaviorDeliverImmediately
        Foundation.NSDistributedNotificationCenter.defaultCenter().addObserver_selector_name_object_suspensionBehavior_(
            self._events, b"themeChanged:", _THEME_CHANGED, None, at_once
        )
        self._mark_ready()
        try:
            self._app.run()
        finally:
            # Otherwise pystray hides it again, on the thread that collects the icon.
            self._visible = False
            self._status_bar.removeStatusItem_(self._status_item)

    def _stop(self) -> None:
        """Leave the loop, and first the one in which AppKit tracks an open menu."""
        if self._open and self._drawn is not None:
            self._drawn.native.cancelTracking()
        super()._stop()
