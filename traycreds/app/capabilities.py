"""Which actions of menu and notices this machine can do; does none of them."""

from __future__ import annotations

import os

from traycreds.core.ui_commands import EVERYTHING, UiCommand
from traycreds.desktop import browser, clipboard

_COPIES = frozenset({UiCommand.COPY_PROFILE, UiCommand.COPY_EXPORTS, UiCommand.COPY_ACCOUNT})


def here() -> frozenset[UiCommand]:
    """The actions that work on this machine."""
    missing = frozenset() if clipboard.fill_command(os.environ) is not None else _COPIES
    missing |= frozenset() if browser.can_open() else {UiCommand.OPEN_CONSOLE}
    return EVERYTHING - missing


def without_window() -> frozenset[UiCommand]:
    """The actions whose window cannot be shown on this machine, so that a command has to do."""
    from traycreds.ui import toolkit  # which the icon does not need

    no_window = frozenset() if toolkit.can_show_window(os.environ) else {UiCommand.NEW_ROLE}
    no_list = frozenset() if toolkit.can_show_list(os.environ) else {UiCommand.FIND_ROLE}
    return frozenset(no_window | no_list)
