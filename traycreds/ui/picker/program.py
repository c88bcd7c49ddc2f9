"""The program that finds a role, its own process like the MFA dialog.

Reads `rows.encode` from stdin and prints what was picked; exits with CANCELLED, or CANNOT_SHOW without a window.
"""

from __future__ import annotations

import os

from traycreds.ui.dialog_program import CANCELLED, CANNOT_SHOW, given
from traycreds.ui.picker import rows


def main() -> int:
    """Ask once; returns the exit code."""
    title, offered = rows.decode(given())
    try:
        from traycreds.ui import tk_theme
        from traycreds.ui.picker.window import PickerWindow

        window = PickerWindow(tk_theme.new_window(), title, offered)
    except Exception:  # noqa: BLE001 - without the toolkit or a display, or with a toolkit that is too old
        return CANNOT_SHOW
    picked = window.run()
    if picked is None:
        return CANCELLED
    os.write(1, rows.encode_picked(picked))
    return 0
