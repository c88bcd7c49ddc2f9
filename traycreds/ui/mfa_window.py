"""The program that asks for an MFA code, its own process: tkinter wants the main thread, which is the tray's.

Reads JSON with `title` and `text` from stdin and prints the code; exits with 1 if the user cancels, with 3 if it cannot
show a window.
"""

from __future__ import annotations

import json
import os
import sys

from traycreds.core.text import counted
from traycreds.ui.dialog_program import CANCELLED, CANNOT_SHOW, given

DIGITS = 6


def main() -> int:
    """Ask once; returns the exit code."""
    question = json.loads(given())
    try:
        answer = _ask(str(question["title"]), str(question["text"]))
    except OSError:
        return CANNOT_SHOW
    if answer is None:
        return CANCELLED
    os.write(1, answer.encode())
    return 0


def _ask(title: str, text: str) -> str | None:
    """The typed text; None if the user canceled. Raises OSError: nothing here can show a window."""
    try:
        from traycreds.ui import mfa_window_tk, tk_theme

        root = tk_theme.new_window()
    except Exception as error:
        # There may be no toolkit (`ImportError`) or no display (`TclError`).
        if sys.platform == "win32":
            from traycreds.ui import mfa_window_windows

            return mfa_window_windows.ask(title, text)
        raise OSError("no toolkit or no display") from error
    return mfa_window_tk.MfaWindow(root, title, text, why_not).run()


def why_not(typed: str) -> str:
    """Why the typed text is not a code; empty if it is one."""
    code = "".join(typed.split())
    if code and not (code.isascii() and code.isdigit()):
        return f"Digits only: a code has {DIGITS} digits."
    missing = DIGITS - len(code)
    if missing < 0:
        return f"Too long: a code has {DIGITS} digits."
    return f"{counted(missing, 'digit')} to go." if missing else ""
