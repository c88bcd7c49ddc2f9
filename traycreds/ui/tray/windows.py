"""The icon in the Windows notification area: pystray's, plus what a Windows user expects. For its own thread.

Both buttons and the keyboard open the menu, which new labels never close; the picture has the taskbar's size at any
scale; notices are balloons; an icon that the taskbar lost comes back. Numbers are from winuser.h and shellapi.h.
"""

from __future__ import annotations

import ctypes
import io
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

from traycreds.ui.tray import pystray_menu

assert sys.platform == "win32"

_log = logging.getLogger(__name__)
_win32 = pystray_menu.windows_calls()
_user32 = ctypes.WinDLL("user32", use_last_error=True)
_user32.CreateIconFromResourceEx.restype = _user32.FindWindowW.restype = ctypes.c_void_p

_WM_NULL, _WM_CLOSE, _WM_QUERYENDSESSION, _WM_ENDSESSION = 0x0000, 0x0010, 0x0011, 0x0016
_WM_CALL = 0x8000 + 77
"""A private message: WM_APP and up belong to the program; pystray uses WM_USER ones."""
_BALLOON_CLICKED = 0x0405
"""NIN_BALLOONUSERCLICK."""
_VERSION = 4
"""NOTIFYICON_VERSION_4: the keyboard opens the menu too, and each event says where the icon is."""
_SELECTED, _SELECTED_BY_KEY, _WM_CONTEXTMENU = 0x0400, 0x0401, 0x007B
"""NIN_SELECT and NIN_KEYSELECT: a click, and Enter or the space bar, in that version."""
_SHOW_TIP = 0x80
"""NIF_SHOWTIP: without it that version shows no tooltip."""
_WM_DISPLAYCHANGE, _WM_SETTINGCHANGE, _WM_DPICHANGED = 0x007E, 0x001A, 0x02E0
_PER_MONITOR = ctypes.c_void_p(-4)
"""DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2."""
_LARGE_OWN_ICON = 0x04 | 0x20
"""NIIF_USER and NIIF_LARGE_ICON."""
_SM_ICON, _SM_SMALL_ICON = 11, 49
"""SM_CXICON and SM_CXSMICON, the widths of a balloon's picture and of one in the taskbar, in pixels."""
_DIRECTORY = 22
"""Bytes before the picture in an .ico file that holds one."""
_ICON_FORMAT = 0x00030000
AGAIN = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between attempts to show the icon: at login the taskbar can be too busy to answer. Should there be none yet,
it announces itself when it comes."""


class WindowsIcon(pystray_menu.NativeIcon):  # type: ignore[misc]  # pystray is untyped
    """The icon.

    Attributes:
        side: pixels of its picture in the taskbar.
        appearance_changed: called when that may have changed.
        menu_open: pystray must not replace the open menu: it would destroy it, and the user's choice.
    """

    def __init__(self, name: str) -> None:
        """Make no window yet."""
        _be_sharp()
        super().__init__(name)
        self._icon_handle: int | None = None
        self.side = _side()
        self.appearance_changed: Callable[[], None] = lambda: None
        self._version_4 = False
        self.menu_open = False
        self.menu_closed: Callable[[], None] = lambda: None
        self._calls: deque[Callable[[], None]] = deque()
        self._clicked: Callable[[], None] | None = None
        self._balloon_handle: Any = None
        self._message_handlers |= {
            _WM_CALL: self._on_call,
            # `taskkill` sends this first.
            _WM_CLOSE: lambda _wparam, _lparam: self.stop(),
            # Pystray answers an unknown message with 0, and here that means "not now".
            _WM_QUERYENDSESSION: lambda _wparam, _lparam: 1,
            _WM_ENDSESSION: lambda ends, _lparam: self.stop() if ends else None,
            **dict.fromkeys((_WM_DISPLAYCHANGE, _WM_SETTINGCHANGE, _WM_DPICHANGED), self._on_scale),
        }

    def post(self, call: Callable[[], None]) -> None:
        """Run a call on the icon's thread; returns at once. Calls wait until there is a window."""
        self._calls.append(call)
        self._wake_up()

    def _wake_up(self) -> None:
        if self._hwnd and self._calls:
            _win32.PostMessage(self._hwnd, _WM_CALL, 0, 0)

    def balloon(self, title: str, body: str, picture: Any, clicked: Callable[[], None] | None) -> bool:
        """Show a notice at the icon; whether Windows took it.

        `title` has at most 63 UTF-16 units, `body` 1 to 255 (an empty one removes the last balloon); `clicked` replaces
        that of the last balloon.
        """
        if self._balloon_handle:
            _win32.DestroyIcon(self._balloon_handle)
        self._balloon_handle = _handle(picture, int(_user32.GetSystemMetrics(_SM_ICON)))
        self._clicked = clicked
        about = {
            "szInfoTitle": title,
            "szInfo": body,
            "dwInfoFlags": _LARGE_OWN_ICON,
            "hBalloonIcon": self._balloon_handle,
        }
        shown = self._shell_notify(_win32.NIM_MODIFY, _win32.NIF_INFO, **about)
        if not shown and self.visible:
            self._show()
            shown = self._shell_notify(_win32.NIM_MODIFY, _win32.NIF_INFO, **about)
        return shown

    def _on_call(self, _wparam: int, _lparam: int) -> None:
        if self._calls:
            call = self._calls.popleft()
            # Wake up for the next call too, as those from before the window existed woke nothing.
            self._wake_up()
            call()

    def _on_notify(self, wparam: int, lparam: int) -> None:
        event = lparam & 0xFFFF
        opening = (_SELECTED, _SELECTED_BY_KEY, _WM_CONTEXTMENU) if self._version_4 else _BUTTONS
        if event == _BALLOON_CLICKED:
            clicked, self._clicked = self._clicked, None
            if clicked is not None:
                clicked()
        elif event in opening and self._menu_handle and not self.menu_open:
            self.menu_open = True
            try:
                chosen = self._track(*(_point(wparam) if self._version_4 else _pointer()))
                if not chosen and event == _SELECTED_BY_KEY:
                    # The keyboard was at the icon, so the focus returns there.
                    self._shell_notify(_win32.NIM_SETFOCUS, 0)
            finally:
                self.menu_open = False
                # Otherwise the next menu may close at once (see `TrackPopupMenu`).
                _win32.PostMessage(self._hwnd, _WM_NULL, 0, 0)
                self.menu_closed()

    def _track(self, x: int, y: int) -> bool:
        # Take both at the same moment, because the menu may change.
        menu, actions = self._menu_handle
        # Otherwise a click beside the menu does not close it.
        _win32.SetForegroundWindow(self._hwnd)
        flags = _win32.TPM_RIGHTALIGN | _win32.TPM_BOTTOMALIGN | _win32.TPM_RETURNCMD
        chosen = _win32.TrackPopupMenuEx(menu, flags, x, y, self._menu_hwnd, None)
        if chosen > 0:
            actions[chosen - 1](self)
        return bool(chosen)

    def _on_scale(self, _wparam: int, _lparam: int) -> None:
        side = _side()
        if side != self.side:
            self.side = side
            self.appearance_changed()

    def _on_stop(self, wparam: int, lparam: int) -> None:
        """Leave the loop, and first the one of an open menu, which would run until the menu is closed."""
        if self.menu_open:
            _user32.EndMenu()
        super()._on_stop(wparam, lparam)

    def _mainloop(self) -> None:
        try:
            super()._mainloop()
        except OSError as error:
            # `taskkill` closes the menu's window as well, and pystray then misses it.
            _log.info("The tray's windows were closed by another program (%s).", error)

    def _show(self) -> None:
        if not self._added():
            self._try_again(AGAIN)

    def _added(self) -> bool:
        self._assert_icon_handle()
        about = {"uCallbackMessage": _win32.WM_NOTIFY, "hIcon": self._icon_handle, "szTip": self.title}
        flags = _win32.NIF_MESSAGE | _win32.NIF_ICON | _win32.NIF_TIP
        # A taskbar that is too busy to answer in time may still have added the icon.
        if not any(self._shell_notify(code, flags, **about) for code in (_win32.NIM_ADD, _win32.NIM_MODIFY)):
            return False
        self._version_4 = self._shell_notify(_win32.NIM_SETVERSION, 0, uVersion=_VERSION)
        return True

    def _try_again(self, after: tuple[float, ...]) -> None:
        if not after:
            return

        def again() -> None:
            if self.visible and not self._added():
                self._try_again(after[1:])

        timer = threading.Timer(after[0], self.post, args=(again,))
        timer.daemon = True
        timer.start()

    def _message(self, code: int, flags: int, **more: Any) -> None:
        if not self._shell_notify(code, flags, **more) and code == _win32.NIM_MODIFY and self.visible:
            self._show()

    def _shell_notify(self, code: int, flags: int, **more: Any) -> bool:
        shown = _SHOW_TIP if flags & _win32.NIF_TIP else 0
        data = _win32.NOTIFYICONDATAW(hWnd=self._hwnd, uFlags=flags | shown, **more)
        data.cbSize = ctypes.sizeof(data)
        return bool(_win32.Shell_NotifyIcon(code, data))

    def _assert_icon_handle(self) -> None:
        if not self._icon_handle:
            self._icon_handle = _handle(self.icon, self.side)


_BUTTONS = (_win32.WM_LBUTTONUP, _win32.WM_RBUTTONUP)
"""The events that open the menu with an old taskbar."""


def _point(wparam: int) -> tuple[int, int]:
    """The icon's position, perhaps far from the pointer; a screen to the left has negative numbers."""
    return ctypes.c_int16(wparam & 0xFFFF).value, ctypes.c_int16(wparam >> 16 & 0xFFFF).value


def _pointer() -> tuple[int, int]:
    point = wintypes.POINT()
    _win32.GetCursorPos(ctypes.byref(point))
    return point.x, point.y


def _be_sharp() -> None:
    """Draw menu and icon at every screen's density; else Windows scales up those of 96 dots an inch."""
    # This function exists since Windows 10 1703.
    for_each_screen = getattr(_user32, "SetProcessDpiAwarenessContext", None)
    # The call also fails if the program's manifest already sets the mode.
    if for_each_screen is None or not for_each_screen(_PER_MONITOR):
        _user32.SetProcessDPIAware()


def _side() -> int:
    taskbar = _user32.FindWindowW("Shell_TrayWnd", None)
    # This function exists since Windows 10 1607.
    if taskbar and hasattr(_user32, "GetSystemMetricsForDpi"):
        dpi = _user32.GetDpiForWindow(ctypes.c_void_p(taskbar))
        side = int(_user32.GetSystemMetricsForDpi(_SM_SMALL_ICON, dpi)) if dpi else 0
        if side:
            return side
    return int(_user32.GetSystemMetrics(_SM_SMALL_ICON))


def _handle(picture: Any, side: int) -> int:
    """An icon of Windows, without pystray's detour by a file in desktop size. Raises OSError: no room for one more."""
    kept = io.BytesIO()
    picture.save(kept, "ICO", sizes=[picture.size], bitmap_format="bmp")
    bits = kept.getvalue()[_DIRECTORY:]
    handle = _user32.CreateIconFromResourceEx(bits, len(bits), True, _ICON_FORMAT, side, side, 0)
    if not handle:
        raise ctypes.WinError(ctypes.get_last_error())
    return int(handle)
