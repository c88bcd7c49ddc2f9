"""Whether the user wants dark windows on Windows, and a dark frame for ours: Tk follows Windows' light colors alone."""

from __future__ import annotations

import contextlib
import sys

if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

# What the Settings write: Windows has no call that tells.
THEMES = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
APPS_ARE_LIGHT = "AppsUseLightTheme"
# SPI_GETHIGHCONTRAST, HCF_HIGHCONTRASTON (winuser.h).
_GET_HIGH_CONTRAST, _IS_ON = 0x42, 0x1
# DWMWA_USE_IMMERSIVE_DARK_MODE (dwmapi.h, Windows 10 20H1); older ones keep a light frame.
_DARK_FRAME = 20


def is_dark() -> bool:
    """Whether the user prefers dark apps; never with the colors of high contrast, which stay the user's own."""
    if sys.platform == "win32":
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, THEMES) as key:
            return winreg.QueryValueEx(key, APPS_ARE_LIGHT)[0] == 0 and not has_high_contrast()
    return False


def has_high_contrast() -> bool:
    """Whether Windows shows everything in high contrast."""
    if sys.platform == "win32":
        # HIGHCONTRASTW (winuser.h).
        class HighContrast(ctypes.Structure):
            _fields_ = (("size", wintypes.UINT), ("flags", wintypes.DWORD), ("scheme", wintypes.LPWSTR))

        found = HighContrast(size=ctypes.sizeof(HighContrast))
        asked = ctypes.WinDLL("user32").SystemParametersInfoW(_GET_HIGH_CONTRAST, found.size, ctypes.byref(found), 0)
        return bool(asked and found.flags & _IS_ON)
    return False


def darken_frame(window: int) -> None:
    """Have a window's frame drawn dark, by its handle; does nothing on an older Windows."""
    if sys.platform == "win32":
        dark = wintypes.BOOL(True)
        set_attribute = ctypes.WinDLL("dwmapi").DwmSetWindowAttribute
        set_attribute(wintypes.HWND(window), wintypes.DWORD(_DARK_FRAME), ctypes.byref(dark), ctypes.sizeof(dark))
