"""Says to Windows what this program is called: notices are shown under that name, and not as those of "Python".

Windows shows the AppUserModelID itself where no shortcut of the Start menu has it, so it is a name that people read.
"""

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
