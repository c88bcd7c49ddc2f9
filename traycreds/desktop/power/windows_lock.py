"""Hears from Windows when the session is locked, in a message-only window (WM_WTSSESSION_CHANGE, wtsapi32.h).

Its thread sleeps until a message comes; the session counts as unlocked until the first.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable
from ctypes.wintypes import ATOM, DWORD, HANDLE, HWND, LPARAM, LPCWSTR, LPVOID, MSG, UINT, WPARAM

from traycreds.process.bounded_call import daemon

assert sys.platform == "win32"

log = logging.getLogger(__name__)

NAME = "traycreds-lock"
"""The window's class."""
_CHANGED = 0x2B1
_LOCKED, _UNLOCKED = 0x7, 0x8
"""WM_WTSSESSION_CHANGE, and what it can be about: WTS_SESSION_LOCK, WTS_SESSION_UNLOCK (winuser.h)."""
_MESSAGES_ALONE = HWND(-3)
"""HWND_MESSAGE (winuser.h): never visible, and without broadcast messages."""
_THIS_SESSION = 0
"""NOTIFY_FOR_THIS_SESSION (wtsapi32.h)."""

_LRESULT = LPARAM
_Routine = ctypes.WINFUNCTYPE(_LRESULT, HWND, UINT, WPARAM, LPARAM)


class _Class(ctypes.Structure):
    """WNDCLASSW (winuser.h)."""

    _fields_ = (
        ("style", UINT),
        ("routine", _Routine),
        ("more", ctypes.c_int * 2),
        ("instance", HANDLE),
        ("looks", HANDLE * 3),
        ("menu", LPCWSTR),
        ("name", LPCWSTR),
    )


_windows = ctypes.WinDLL("user32", use_last_error=True)
_windows.RegisterClassW.argtypes = [ctypes.POINTER(_Class)]
_windows.RegisterClassW.restype = ATOM
_FRAME = (ctypes.c_int,) * 4
_windows.CreateWindowExW.argtypes = [DWORD, LPCWSTR, LPCWSTR, DWORD, *_FRAME, HWND, HANDLE, HANDLE, LPVOID]
_windows.CreateWindowExW.restype = HWND
_windows.DefWindowProcW.argtypes = [HWND, UINT, WPARAM, LPARAM]
_windows.DefWindowProcW.restype = _LRESULT
_windows.GetMessageW.argtypes = [ctypes.POINTER(MSG), HWND, UINT, UINT]
_windows.DispatchMessageW.argtypes = [ctypes.POINTER(MSG)]


def watch(locked: Callable[[bool], None]) -> None:
    """Call back, from its own thread, each time the session is locked (True) or unlocked."""
    daemon("lock", lambda: _listen(locked))


def _listen(locked: Callable[[bool], None]) -> None:
    """Ends only where no window can be had or Windows does not tell."""

    def on_message(window: int, message: int, kind: int, session: int) -> int:
        if message == _CHANGED and kind in {_LOCKED, _UNLOCKED}:
            locked(kind == _LOCKED)
        return int(_windows.DefWindowProcW(window, message, kind, session))

    # The window needs this routine until the end of this thread.
    routine = _Routine(on_message)
    try:
        _open(routine)
    except OSError as error:
        log.info("Windows does not report a locked screen (%s)", error.strerror)
        return
    message = MSG()
    while _windows.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
        _windows.DispatchMessageW(ctypes.byref(message))


def _open(routine: Callable[..., int]) -> None:
    if not _windows.RegisterClassW(ctypes.byref(_Class(routine=routine, name=NAME))):
        raise ctypes.WinError(ctypes.get_last_error())
    window = _windows.CreateWindowExW(0, NAME, None, 0, 0, 0, 0, 0, _MESSAGES_ALONE, None, None, None)
    if not window:
        raise ctypes.WinError(ctypes.get_last_error())
    register = ctypes.WinDLL("wtsapi32", use_last_error=True).WTSRegisterSessionNotification
    register.argtypes = [HWND, DWORD]
    if not register(window, _THIS_SESSION):
        raise ctypes.WinError(ctypes.get_last_error())
