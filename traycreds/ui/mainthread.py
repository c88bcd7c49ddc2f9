"""Brings calls onto the thread that owns the tray icon.

pystray's `icon`, `title` and `menu` may be touched on that thread alone: macOS kills a process that sets a menu from
another one, and Windows loses updates (pystray issue 60). Never blocks the caller.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Call: TypeAlias = "Callable[[], None]"
Post: TypeAlias = "Callable[[Call], None]"

_WM_QUERYENDSESSION, _WM_ENDSESSION = 0x0011, 0x0016
_WM_CALL = 0x8000 + 77
"""A private window message: WM_APP and up belong to the program; pystray uses WM_USER ones."""


def poster(icon: Any) -> Post:
    """The way onto the thread of an icon, by its back end."""
    own = getattr(icon, "post", None)
    if own is not None:
        return own  # type: ignore[no-any-return]  # our back end is typed, pystray's Icon is not
    if sys.platform == "darwin":
        from PyObjCTools import AppHelper  # noqa: PLC0415 - exists on macOS only

        return AppHelper.callAfter  # type: ignore[no-any-return]
    if sys.platform == "win32":
        return _windows_poster(icon)
    from gi.repository import GLib  # noqa: PLC0415 - pystray's GTK back ends; PyGObject is the distribution's

    def once(call: Call) -> bool:
        call()
        return False  # GLib calls it again and again otherwise

    return lambda call: GLib.idle_add(once, call)


def _windows_poster(icon: Any) -> Post:
    """Through the icon's own window: a message without content says that the queue has something."""
    from pystray._util import win32  # noqa: PLC0415 - exists on Windows only

    calls: deque[Call] = deque()

    def drain(_wparam: int, _lparam: int) -> int:
        while calls:
            calls.popleft()()
        return 0

    icon._message_handlers[_WM_CALL] = drain  # noqa: SLF001 - pystray has no other way in

    def post(call: Call) -> None:
        calls.append(call)
        if icon._hwnd:  # noqa: SLF001 - before the window exists, the first later post drains all
            win32.PostMessage(icon._hwnd, _WM_CALL, 0, 0)  # noqa: SLF001

    return post


def watch_menu(icon: Any, closed: Call) -> Callable[[], bool]:
    """Tells whether an icon's menu is open that must not be replaced now; `closed` is called when it may be again.

    pystray on Windows destroys the menu when it gets a new one, and the user's choice with it: the loop in which the
    system shows a menu lets our calls through. Other back ends keep an open menu, or change it in place.
    """
    if sys.platform != "win32":
        return lambda: False
    from pystray._util import win32  # noqa: PLC0415 - exists on Windows only

    handlers = icon._message_handlers  # noqa: SLF001 - pystray has no other way in
    notified, is_open = handlers[win32.WM_NOTIFY], False

    def notify(wparam: int, lparam: int) -> Any:
        nonlocal is_open
        if lparam != win32.WM_RBUTTONUP or is_open:
            return notified(wparam, lparam)
        is_open = True
        try:
            return notified(wparam, lparam)  # shows the menu, and comes back when it is closed
        finally:
            is_open = False
            closed()

    handlers[win32.WM_NOTIFY] = notify
    return lambda: is_open


def heed_logout(icon: Any) -> None:
    """End an icon's loop when the user logs out, and be no hindrance to it.

    Windows asks each window, and pystray answers whatever it does not know with 0, which here means "not now". Linux
    ends the session bus or sends a signal, macOS sends a signal to what launchd has started.
    """
    if sys.platform != "win32":
        return
    icon._message_handlers |= {  # noqa: SLF001 - pystray has no other way in
        _WM_QUERYENDSESSION: lambda _wparam, _lparam: 1,
        _WM_ENDSESSION: lambda ends, _lparam: icon.stop() if ends else None,
    }


@contextlib.contextmanager
def signals_ring(bell: socket.socket) -> Iterator[None]:
    """A signal writes to a socket (non-blocking) at once, whichever thread the kernel gave it to."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python handles signals on the main thread only; elsewhere there is nothing to wake
        return
    before = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


@contextlib.contextmanager
def signals_wake(post: Post) -> Iterator[None]:
    """Lets Python's signal handlers run while a foreign loop sits in C code.

    Python runs a handler between two of its own instructions, and there are none in AppKit's, Windows' or GLib's loop.
    A thread that reads the wake-up socket posts a call that does nothing.
    """
    ear, bell = socket.socketpair()
    bell.setblocking(False)

    def listen() -> None:
        while ear.recv(64):
            post(lambda: None)

    thread = threading.Thread(target=listen, name="tray-signals", daemon=True)
    thread.start()
    try:
        with signals_ring(bell):
            yield
    finally:
        bell.close()
        thread.join(timeout=1)
        ear.close()


def hide_from_dock() -> None:
    """On macOS: a program of the menu bar alone, without an icon in the dock or a menu of its own."""
    if sys.platform == "darwin":
        import AppKit  # noqa: PLC0415 - exists on macOS only

        accessory = AppKit.NSApplicationActivationPolicyAccessory
        AppKit.NSApplication.sharedApplication().setActivationPolicy_(accessory)


def release_setup(icon: Any) -> None:
    """Let pystray's set-up thread end after its loop failed: it waits for ever otherwise, and so would the process."""
    with contextlib.suppress(Exception):  # draws the menu first, with a toolkit that has just failed
        icon._mark_ready()  # noqa: SLF001 - releases the thread in every case
