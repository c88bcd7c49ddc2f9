"""Brings calls onto the thread that owns the tray icon. Never blocks the caller.

macOS kills a process that sets pystray's `icon`, `title` or `menu` elsewhere; Windows loses updates (pystray issue 60).
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Call: TypeAlias = "Callable[[], None]"
Post: TypeAlias = "Callable[[Call], None]"


def poster(icon: Any) -> Post:
    """The way onto the thread of an icon, by its back end."""
    own = getattr(icon, "post", None)
    if own is not None:
        return own  # type: ignore[no-any-return]  # our back ends are typed, pystray's Icon is not
    from gi.repository import GLib

    def once(call: Call) -> bool:
        call()
        # Otherwise GLib calls it again and again.
        return False

    return lambda call: GLib.idle_add(once, call)


@contextlib.contextmanager
def signals_write_to(wakeup_writer: socket.socket) -> Iterator[None]:
    """Have each signal write to this socket (non-blocking) at once, no matter which thread gets it."""
    if threading.current_thread() is not threading.main_thread():
        # Python handles signals on the main thread only, so elsewhere there is nothing to wake.
        yield
        return
    before = signal.set_wakeup_fd(wakeup_writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


@contextlib.contextmanager
def signals_wake(post: Post) -> Iterator[None]:
    """Let Python's signal handlers run while a foreign loop sits in C code.

    Python runs them between two of its instructions, and AppKit's, Windows' and GLib's loops have none. So a thread
    that reads the wake-up socket posts an empty call.
    """
    wakeup_reader, wakeup_writer = socket.socketpair()
    wakeup_writer.setblocking(False)

    def listen() -> None:
        while wakeup_reader.recv(64):
            post(lambda: None)

    thread = threading.Thread(target=listen, name="tray-signals", daemon=True)
    thread.start()
    try:
        with signals_write_to(wakeup_writer):
            yield
    finally:
        wakeup_writer.close()
        thread.join(timeout=1)
        wakeup_reader.close()


def hide_from_dock() -> None:
    """On macOS: a program of the menu bar alone, without an icon in the dock or a menu of its own."""
    if sys.platform == "darwin":
        import AppKit

        accessory = AppKit.NSApplicationActivationPolicyAccessory
        AppKit.NSApplication.sharedApplication().setActivationPolicy_(accessory)


def release_setup(icon: Any) -> None:
    """Let pystray's set-up thread end after its loop failed: it waits forever otherwise, and so would the process."""
    # This first draws the menu, with a toolkit that has just failed.
    with contextlib.suppress(Exception):
        icon._mark_ready()  # noqa: SLF001 - releases the thread in every case
