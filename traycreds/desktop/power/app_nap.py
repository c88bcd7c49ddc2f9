"""Keeps App Nap off, which slows timers of macOS programs without a window. Does not keep the machine awake."""

from __future__ import annotations

import sys
from typing import Any, final

_REASON = "keeping AWS sessions alive"
"""What the Activity Monitor and `pmset -g assertions` show."""


@final
class AppNap:
    """Whether macOS may slow this program down; it may at first."""

    def __init__(self) -> None:
        """Leave things as they are."""
        self._held = False
        self._activity: Any = None

    def hold_off(self, wanted: bool) -> None:
        """Keep it off, or let it come; returns at once, always from the same thread."""
        if sys.platform == "darwin" and wanted != self._held:
            from PyObjCTools import AppHelper

            self._held = wanted
            AppHelper.callAfter(self._begin if wanted else self._end)

    def _begin(self) -> None:
        from Foundation import NSActivityUserInitiatedAllowingIdleSystemSleep, NSProcessInfo

        self._activity = NSProcessInfo.processInfo().beginActivityWithOptions_reason_(
            NSActivityUserInitiatedAllowingIdleSystemSleep, _REASON
        )

    def _end(self) -> None:
        from Foundation import NSProcessInfo

        NSProcessInfo.processInfo().endActivity_(self._activity)
        self._activity = None
