"""Names this program to Windows, so that notices do not come from "Python"; people may read the AppUserModelID."""

from __future__ import annotations

import ctypes
import sys

assert sys.platform == "win32"

APP_ID = "traycreds"


def claim() -> None:
    """Take the name for this process, before it shows anything; harmless if it has it already."""
    set_id = ctypes.WinDLL("shell32").SetCurrentProcessExplicitAppUserModelID
    set_id.argtypes = (ctypes.c_wchar_p,)
    set_id(APP_ID)  # there is nothing to do about an error
