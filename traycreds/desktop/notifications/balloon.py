"""Keeps plyer's Windows balloons visible where there is no tray icon; plyer would leak their icons and hang at exit."""

from __future__ import annotations

import atexit
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from traycreds.desktop import windows_app_id

SECONDS = 10.0
"""How long a notice stays."""

_shown: list[threading.Thread] = []


def show(make: Callable[[], Any]) -> None:
    """Show a balloon of plyer's class; returns once it is visible. Raises what plyer raises without a taskbar."""
    windows_app_id.claim()
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def keep_shown() -> None:
        try:
            tip = make()
        except Exception as error:  # noqa: BLE001 - plyer raises bare ones
            outcome.put(error)
            return
        outcome.put(None)
        # Sleep on this thread, as the window of the notice ends with it.
        time.sleep(SECONDS)
        # `atexit` would keep the notice in memory.
        atexit.unregister(tip.__del__)
        tip.__del__()

    thread = threading.Thread(target=keep_shown, name="balloon", daemon=True)
    thread.start()
    error = outcome.get()
    if error is not None:
        raise error
    _shown[:] = [*(each for each in _shown if each.is_alive()), thread]


def linger() -> None:
    """Wait until what is shown has stood as long as it should: it goes with the process."""
    with contextlib.suppress(KeyboardInterrupt):
        for each in _shown:
            each.join()
