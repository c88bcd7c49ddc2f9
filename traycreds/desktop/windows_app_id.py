"""Names this program to Windows, so that notices do not come from "Python"; people may read the AppUserModelID."""

from __future__ import annotations

import contextlib
import sys

if sys.platform == "win32":
    import ctypes
    import winreg

APP_ID = "traycreds"
KEY = rf"Software\Classes\AppUserModelId\{APP_ID}"
"""What Windows knows of the name; without it, or the installer's shortcut, it shows no notice with buttons."""


def claim() -> None:
    """Take the name for this process, before it shows anything; harmless if it has it already, and elsewhere."""
    if sys.platform == "win32":
        set_id = ctypes.WinDLL("shell32").SetCurrentProcessExplicitAppUserModelID
        set_id.argtypes = (ctypes.c_wchar_p,)
        # There is nothing to do about an error: notices then come as balloons, or from "Python".
        set_id(APP_ID)
        with contextlib.suppress(OSError), winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
            winreg.SetValueEx(key, "DisplayName", 0, winreg.REG_SZ, APP_ID)
