"""What Windows tells a window about the session, sent to that window as Windows does."""

from __future__ import annotations

import queue
import sys
import time

import pytest

from tests.windows.mark import windows_only
from traycreds.desktop.power import watch

if sys.platform == "win32":
    import ctypes
    from ctypes.wintypes import HWND

    from traycreds.desktop.power import windows_lock

pytestmark = windows_only

WM_QUIT = 0x12
"""Ends a loop of GetMessageW (winuser.h)."""


def window() -> int:
    find = ctypes.WinDLL("user32").FindWindowExW
    find.argtypes = [HWND, HWND, ctypes.c_wchar_p, ctypes.c_wchar_p]
    find.restype = HWND
    deadline = time.monotonic() + 10
    while not (found := find(HWND(-3), None, windows_lock.NAME, None)):
        assert time.monotonic() < deadline, "the window is there"
        time.sleep(0.01)
    return found


def end_thread_of(reported: int) -> None:
    """Have the thread of a window end, which lasts as long as the process otherwise."""
    user32 = ctypes.WinDLL("user32")
    user32.GetWindowThreadProcessId.argtypes = [HWND, ctypes.c_void_p]
    assert user32.PostThreadMessageW(user32.GetWindowThreadProcessId(reported, None), WM_QUIT, 0, 0)


def test_a_lock_and_its_end_are_noticed(monkeypatch):
    monkeypatch.setattr(windows_lock, "NAME", f"{windows_lock.NAME}-test")
    changes: queue.Queue[bool] = queue.Queue()
    watch.watch(lambda: None, changes.put)
    send = ctypes.WinDLL("user32").SendMessageW
    send.argtypes = [HWND, ctypes.c_uint, ctypes.c_size_t, ctypes.c_ssize_t]
    reported = window()
    # These are a logon, the lock, another session's console, the unlock and a logoff.
    for kind in (0x5, 0x7, 0x1, 0x8, 0x6):
        send(reported, 0x2B1, kind, 1)
    # This message is about power, although its number is that of the lock.
    send(reported, 0x218, 0x7, 1)
    assert [changes.get(timeout=5), changes.get(timeout=5)] == [True, False]
    with pytest.raises(queue.Empty):
        changes.get_nowait()
    end_thread_of(reported)
