"""Starts what tells of waking and of the lock on this system; its absence costs half a minute at most."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

from traycreds.desktop.power import logind, macos, windows_resume

log = logging.getLogger(__name__)


def watch(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Call back from another thread, as long as the system tells; never raises.

    Args:
        woke: called each time the machine has woken.
        locked: called with whether the screen is locked, when that is known first and each time it is another.
    """
    if sys.platform == "linux":
        threading.Thread(target=logind.listen, args=(woke, locked), name="power", daemon=True).start()
        return
    if sys.platform == "darwin":
        _attempt(lambda: macos.watch(woke, locked))
    if sys.platform == "win32":
        _attempt(lambda: windows_resume.watch(woke))
        _attempt(lambda: _watch_windows_lock(locked))


def _attempt(start: Callable[[], None]) -> None:
    try:
        start()
    except Exception as error:  # noqa: BLE001 - whatever a platform lacks, the clocks tell of sleep as well
        log.info("no word of sleep or a lock from %s (%s)", sys.platform, error)


def _watch_windows_lock(locked: Callable[[bool], None]) -> None:
    if sys.platform == "win32":
        from traycreds.desktop.power import windows_lock

        windows_lock.watch(locked)
