"""Hears from Windows 8 and later when the machine has woken, by callback, because the tray's window is pystray's.

Go's runtime does the same (runtime/os_windows.go, monitorSuspendResume).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

_RESUMED = 0x12
"""PBT_APMRESUMEAUTOMATIC (winuser.h), which comes with each waking; others report sleep, or come in addition."""
_CALLBACK = 2
"""DEVICE_NOTIFY_CALLBACK (powrprof.h)."""

Routine: TypeAlias = Callable[[Any, int, Any], int]
"""DeviceNotifyCallbackRoutine: gets context, kind and setting, gives ERROR_SUCCESS."""

kept: list[Any] = []
"""What Windows has pointers to, for the life of the process."""


def routine(woke: Callable[[], None]) -> Routine:
    """What Windows calls, on its own thread, with each kind of change."""

    def changed(_context: Any, kind: int, _setting: Any) -> int:
        if kind == _RESUMED:
            woke()
        return 0

    return changed


def watch(woke: Callable[[], None]) -> None:
    """Call back each time the machine has woken. Raises OSError: Windows does not say."""
    if sys.platform == "win32":
        changed = ctypes.WINFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)(routine(woke))
        # A `DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS` holds the routine and its context.
        parameters = (ctypes.c_void_p * 2)(ctypes.cast(changed, ctypes.c_void_p), None)
        handle = ctypes.c_void_p()
        kept.extend((changed, parameters, handle))
        register = ctypes.WinDLL("powrprof").PowerRegisterSuspendResumeNotification
        if error := register(_CALLBACK, parameters, ctypes.byref(handle)):
            raise ctypes.WinError(error)
