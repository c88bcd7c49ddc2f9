"""Opens a page in the user's browser, without waiting for it. Never shows or logs the address."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Callable


def can_open() -> bool:
    """Whether there is a screen for a browser, or the user named one in BROWSER.

    A text browser, which Python would take where there is no screen, would get in the way of the terminal.
    """
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def open_page(url: str, failed: Callable[[], None]) -> None:
    """Open a page; `failed` is called, on another thread, if no browser can be opened."""

    def run() -> None:
        try:
            opened = webbrowser.open(url)  # some browsers run until they are closed
        except (OSError, webbrowser.Error):
            opened = False
        if not opened:
            failed()

    threading.Thread(target=run, name="browser", daemon=True).start()
