"""Starts what reports waking and the lock on this system; without it, half a minute is lost at most."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from traycreds.desktop.power import logind
from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)


def watch(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Call back from another thread when the machine wakes or its lock changes, if the system tells; never raises."""
    if sys.platform == "linux":
        daemon("power", lambda: logind.listen(woke, locked))
        return
    if sys.platform == "darwin":
        from traycreds.desktop.power import macos

        _attempt(lambda: macos.watch(woke, locked))
    if sys.platform == "win32":
        from traycreds.desktop.power import windows_resume

        _attempt(lambda: windows_resume.watch(woke))
        _attempt(lambda: _watch_windows_lock(locked))


def _attempt(start: Callable[[], None]) -> None:
    try:
        start()
    except Exception as error:  # noqa: BLE001 - the clocks notice sleep without it too
        log.info("no report of sleep or a lock from %s (%s)", sys.platform, error)


def _watch_windows_lock(locked: Callable[[bool], None]) -> None:
    if sys.platform == "win32":
        from traycreds.desktop.power import windows_lock

        windows_lock.watch(locked)
