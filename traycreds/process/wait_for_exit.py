"""Waits for the end of a foreign process, without polling where the system can tell. Never touches it."""

from __future__ import annotations

import ctypes
import functools
import os
import select
import sys
import time
from collections.abc import Callable
from typing import Any

STEP = 1.0
"""Seconds between two checks if the system cannot tell."""
_SYNCHRONIZE, _INFINITE = 0x00100000, 0xFFFFFFFF
_DENIED = 5
"""ERROR_ACCESS_DENIED (winerror.h), which says that it is there, as another user's."""


def end_of(pid: int) -> Callable[[], object]:
    """Take hold of a running process; the result blocks until it ends, even if its number is reused (where known)."""
    if sys.platform == "win32":
        return _waiting_for_handle(pid)
    try:
        if sys.platform == "linux":
            poll = select.poll()
            # The descriptor is readable once the process has ended (see `pidfd_open(2)`).
            poll.register(os.pidfd_open(pid), select.POLLIN)
            return poll.poll
        if sys.platform == "darwin":
            queue = select.kqueue()
            ends = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
            queue.control([ends], 0)
            return functools.partial(queue.control, None, 1)
    except ProcessLookupError:
        return lambda: None
    except (OSError, AttributeError):
        # The call needs Linux 5.3, and some containers forbid it.
        pass
    return functools.partial(_poll, pid)


def _waiting_for_handle(pid: int) -> Callable[[], object]:
    """On Windows a process object is signalled once the process has ended (WaitForSingleObject)."""
    if sys.platform != "win32":
        raise NotImplementedError
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p

    def opened() -> Any:
        return kernel.OpenProcess(_SYNCHRONIZE, False, pid)

    def wait() -> None:
        while opened() is None and ctypes.get_last_error() == _DENIED:
            time.sleep(STEP)

    handle = opened()
    return functools.partial(kernel.WaitForSingleObject, ctypes.c_void_p(handle), _INFINITE) if handle else wait


def _poll(pid: int) -> None:
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            # The process has changed to another user, as below sudo.
            pass
        time.sleep(STEP)
