"""Says what this machine can do of what menu and notices offer; does none of it."""

from __future__ import annotations

import os

from traycreds.core.ui_commands import EVERYTHING, UiCommand
from traycreds.desktop import browser, clipboard

_COPIES = frozenset({UiCommand.COPY_PROFILE, UiCommand.COPY_EXPORTS, UiCommand.COPY_ACCOUNT})


def here() -> frozenset[UiCommand]:
    """What can be carried out on this machine."""
    missing = frozenset() if clipboard.fill_command(os.environ) is not None else _COPIES
    missing |= frozenset() if browser.can_open() else {UiCommand.OPEN_CONSOLE}
    return EVERYTHING - missing
