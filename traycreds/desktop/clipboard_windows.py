"""Copies text to the Windows clipboard, out of its history and sync, as clip.exe does not: the text may be a key."""

from __future__ import annotations

import ctypes
import sys
import time

_TEXT, _NUMBER_OFF = 13, b"\0\0\0\0"
"""CF_UNICODETEXT (winuser.h), and a DWORD of 0."""
_KEPT_OUT = (
    "ExcludeClipboardContentFromMonitorProcessing",
    "CanIncludeInClipboardHistory",
    "CanUploadToCloudClipboard",
)
"""Formats whose being there, with that number, keeps the text to this clipboard (Microsoft, Clipboard Formats, "Cloud
Clipboard and Clipboard History Formats")."""
_MOVEABLE = 2
"""GMEM_MOVEABLE (winbase.h), as SetClipboardData wants it."""
_MESSAGES_ONLY = -3
"""HWND_MESSAGE (winuser.h), as the parent of a window that is never to be seen."""
PATIENCE, _STEP = 1.0, 0.02
"""Seconds to wait while another program has the clipboard open, and between tries."""


def put(text: str) -> bool:
    """Fill the clipboard; returns whether that was possible."""
    if sys.platform != "win32":
        raise NotImplementedError
    user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
    kernel.GlobalAlloc.restype = kernel.GlobalLock.restype = ctypes.c_void_p
    user.CreateWindowExW.restype = user.SetClipboardData.restype = ctypes.c_void_p

    def give(kind: int, data: bytes) -> bool:
        memory = ctypes.c_void_p(kernel.GlobalAlloc(_MOVEABLE, ctypes.c_size_t(len(data))))
        place = ctypes.c_void_p(kernel.GlobalLock(memory))
        if not place:
            return False
        ctypes.memmove(place, data, len(data))
        kernel.GlobalUnlock(memory)
        if user.SetClipboardData(kind, memory):
            # Windows owns the memory from here on.
            return True
        kernel.GlobalFree(memory)
        return False

    # EmptyClipboard makes this window the owner; without an owner SetClipboardData may fail.
    parent = ctypes.c_void_p(_MESSAGES_ONLY)
    window = ctypes.c_void_p(user.CreateWindowExW(0, "STATIC", None, 0, 0, 0, 0, 0, parent, None, None, None))
    deadline = time.monotonic() + PATIENCE
    try:
        while not user.OpenClipboard(window):
            if time.monotonic() > deadline:
                return False
            time.sleep(_STEP)
        try:
            user.EmptyClipboard()
            kept_out = [give(user.RegisterClipboardFormatW(name), _NUMBER_OFF) for name in _KEPT_OUT]
            # Windows programs expect these line ends.
            lines = text.replace("\n", "\r\n")
            return all(kept_out) and give(_TEXT, f"{lines}\0".encode("utf-16-le"))
        finally:
            user.CloseClipboard()
    finally:
        user.DestroyWindow(window)
