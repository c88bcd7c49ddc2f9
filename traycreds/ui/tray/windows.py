"""The icon in Windows' notification area: pystray's own, with what a user of Windows expects beside.

Either button opens the menu, which no new labels close; the picture has the very size that the taskbar draws; notices
are balloons of this icon; an icon that the taskbar lost, or was too busy to take, comes back; a logout is not hindered.
Touched on its own thread alone, but for `post`. The messages and numbers are those of winuser.h and shellapi.h.
"""

from __future__ import annotations

import ctypes
import io
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from traycreds.ui.tray import pystray_menu

assert sys.platform == "win32"

_log = logging.getLogger(__name__)
_win32 = pystray_menu.windows_calls()
_user32 = ctypes.WinDLL("user32", use_last_error=True)
_user32.CreateIconFromResourceEx.restype = ctypes.c_void_p

_WM_NULL, _WM_CLOSE, _WM_QUERYENDSESSION, _WM_ENDSESSION = 0x0000, 0x0010, 0x0011, 0x0016
_WM_CALL = 0x8000 + 77
"""A private message: WM_APP and up belong to the program; pystray uses WM_USER ones."""
_BALLOON_CLICKED = 0x0405
"""NIN_BALLOONUSERCLICK."""
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
        menu_open: its menu is open and must not be replaced: pystray destroys the old one, and the user's choice with
            it, since the loop in which Windows shows a menu lets our calls through.
        menu_closed: called when the menu may be replaced again.
    """

    def __init__(self, name: str) -> None:
        """Make no window yet."""
        _user32.SetProcessDPIAware()  # else menu and icon are blown up from those of a screen of 96 dots an inch
        super().__init__(name)
        self._icon_handle: int | None = None
        self.side = int(_user32.GetSystemMetrics(_SM_SMALL_ICON))
        self.menu_open = False
        self.menu_closed: Callable[[], None] = lambda: None
        self._calls: deque[Callable[[], None]] = deque()
        self._clicked: Callable[[], None] | None = None
        self._balloon_handle: Any = None
        self._message_handlers |= {
            _WM_CALL: self._on_call,
            _WM_CLOSE: lambda _wparam, _lparam: self.stop(),  # what taskkill sends first
            _WM_QUERYENDSESSION: lambda _wparam, _lparam: 1,  # pystray's 0 for what it does not know means "not now"
            _WM_ENDSESSION: lambda ends, _lparam: self.stop() if ends else None,
        }

    def post(self, call: Callable[[], None]) -> None:
        """Have something done on the icon's thread; from any thread, returns at once.

        A message without content says that there is something to do; until there is a window, calls wait for the first
        one after it.
        """
        self._calls.append(call)
        self._wake_up()

    def _wake_up(self) -> None:
        if self._hwnd and self._calls:
            _win32.PostMessage(self._hwnd, _WM_CALL, 0, 0)

    def balloon(self, title: str, body: str, picture: Any, clicked: Callable[[], None] | None) -> bool:
        """Show a notice at the icon; whether Windows took it.

        Args:
            title: at most 63 UTF-16 units.
            body: at most 255, and at least one: an empty one takes the last balloon away.
            picture: of Pillow's, square.
            clicked: called when the user clicks the balloon; the next balloon's takes its place.
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
            self._wake_up()  # for the next: those from before the window was there rang nobody
            call()

    def _on_notify(self, wparam: int, lparam: int) -> None:
        """The mouse did something at the icon."""
        if lparam == _BALLOON_CLICKED:
            clicked, self._clicked = self._clicked, None
            if clicked is not None:
                clicked()
        elif lparam in (_win32.WM_LBUTTONUP, _win32.WM_RBUTTONUP) and not self.menu_open:
            self.menu_open = True
            try:
                super()._on_notify(wparam, _win32.WM_RBUTTONUP)  # comes back when the menu is closed
            finally:
                self.menu_open = False
                _win32.PostMessage(self._hwnd, _WM_NULL, 0, 0)  # else the next menu may close at once: TrackPopupMenu
                self.menu_closed()

    def _on_stop(self, wparam: int, lparam: int) -> None:
        """Leave the loop, and first the one of an open menu, which would go on until the menu is closed."""
        if self.menu_open:
            _user32.EndMenu()
        super()._on_stop(wparam, lparam)

    def _mainloop(self) -> None:
        try:
            super()._mainloop()
        except OSError as error:  # `taskkill` closes the menu's window as well, which pystray then misses
            _log.info("The tray's windows were closed by another program (%s).", error)

    def _show(self) -> None:
        if not self._added():
            self._try_again(AGAIN)

    def _added(self) -> bool:
        self._assert_icon_handle()
        about = {"uCallbackMessage": _win32.WM_NOTIFY, "hIcon": self._icon_handle, "szTip": self.title}
        flags = _win32.NIF_MESSAGE | _win32.NIF_ICON | _win32.NIF_TIP
        # a taskbar too busy to answer in time may have added it all the same
        return self._shell_notify(_win32.NIM_ADD, flags, **about) or self._shell_notify(
            _win32.NIM_MODIFY, flags, **about
        )

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
        data = _win32.NOTIFYICONDATAW(hWnd=self._hwnd, uFlags=flags, **more)
        data.cbSize = ctypes.sizeof(data)
        return bool(_win32.Shell_NotifyIcon(code, data))

    def _assert_icon_handle(self) -> None:
        if not self._icon_handle:
            self._icon_handle = _handle(self.icon, self.side)


def _handle(picture: Any, side: int) -> int:
    """An icon of Windows; pystray goes by way of a file, and the size of a desktop icon.

    Raises:
        OSError: there is no room for one more.
    """
    kept = io.BytesIO()
    picture.save(kept, "ICO", sizes=[picture.size], bitmap_format="bmp")
    bits = kept.getvalue()[_DIRECTORY:]
    handle = _user32.CreateIconFromResourceEx(bits, len(bits), True, _ICON_FORMAT, side, side, 0)
    if not handle:
        raise ctypes.WinError(ctypes.get_last_error())
    return int(handle)
