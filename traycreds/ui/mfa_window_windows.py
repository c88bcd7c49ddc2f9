"""Asks for an MFA code with Windows' credentials window, where Python has no toolkit.

The text is hidden, and wiped from Windows' buffer (wincred.h, CredUIPromptForCredentialsW).
"""

from __future__ import annotations

import ctypes
import sys
from ctypes.wintypes import BOOL, DWORD, HANDLE, HWND, LPCWSTR

assert sys.platform == "win32"

_ALWAYS_SHOW, _KEEP_NOTHING, _NO_DOMAIN, _NAME_AS_IT_IS = 0x80, 0x2, 0x40000, 0x100000
"""CREDUI_FLAGS: ALWAYS_SHOW_UI, DO_NOT_PERSIST, GENERIC_CREDENTIALS, KEEP_USERNAME."""
_CANCELLED = 1223
"""ERROR_CANCELLED (winerror.h)."""
_NAME_LENGTH, _CODE_LENGTH = 514, 257
"""CREDUI_MAX_USERNAME_LENGTH and CREDUI_MAX_PASSWORD_LENGTH, each with its final zero."""
_NAME = "MFA code"
"""The text before the field, where Windows has the user's name."""


class _Words(ctypes.Structure):
    """CREDUI_INFOW."""

    _fields_ = (("size", DWORD), ("parent", HWND), ("text", LPCWSTR), ("title", LPCWSTR), ("banner", HANDLE))


def ask(title: str, text: str) -> str | None:
    """The typed text; None if the user canceled. Raises OSError: Windows shows no window."""
    words = _Words(ctypes.sizeof(_Words), None, text, title, None)
    name = ctypes.create_unicode_buffer(_NAME, _NAME_LENGTH)
    typed = ctypes.create_unicode_buffer(_CODE_LENGTH)
    how = _ALWAYS_SHOW | _KEEP_NOTHING | _NO_DOMAIN | _NAME_AS_IT_IS
    error = ctypes.WinDLL("credui").CredUIPromptForCredentialsW(
        ctypes.byref(words), title, None, 0, name, _NAME_LENGTH, typed, _CODE_LENGTH, ctypes.byref(BOOL()), how
    )
    try:
        if error not in {0, _CANCELLED}:
            raise ctypes.WinError(error)
        return None if error else typed.value
    finally:
        ctypes.memset(typed, 0, ctypes.sizeof(typed))
