"""Pictures of the window that finds a role, on a usual screen and on one of twice as many dots, light and dark."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from tests.desktop.desktop import Desktop
from tools.screenshots import own_windows
from traycreds.process import own_program
from traycreds.ui.picker import rows
from traycreds.ui.picker.dialog import TITLE
from traycreds.ui.picker.rows import RoleRow

_ACCOUNTS = {
    "shop-prod": ("4444-5555-6666", "red", "P"),
    "shop-staging": ("3333-4444-5555", "orange", "S"),
    "shop-dev": ("1111-2222-3333", "green", "D"),
    "data-prod": ("7777-8888-9999", "red", "P"),
    "data-dev": ("2222-3333-4444", "green", "D"),
    "audit": ("9999-0000-1111", "blue", "A"),
}
_ROLES = ("Admin", "ReadOnly", "PowerUser", "Billing", "Support", "Deploy", "Network")
_STATES = {
    "shop-dev-Admin": "fresh until 15:20",
    "data-dev-PowerUser": "fresh until 15:42",
    "shop-prod-ReadOnly": "fresh until 14:51",
    "shop-staging-Admin": "needs a code",
    "audit-ReadOnly": "needs a sign-in",
}
_FIRST = ("shop-prod-ReadOnly", "shop-dev-Admin", "data-dev-PowerUser", "shop-staging-Admin", "audit-ReadOnly")
"""Those used last."""


def take(folder: Path) -> None:
    """Make find-role.png, find-role-2x.png, find-role-dark.png and find-role-dark-2x.png."""
    own_windows.take(folder, "find-role", _take)


def _take(desktop: Desktop, _files: Path) -> Image.Image:
    command, given = own_program.part(own_program.FIND_ROLE), rows.encode(TITLE, _rows())
    with own_windows.opened(desktop, command, given, TITLE) as picture:
        desktop.ask("xdotool", "type", "--delay", "60", "shop")
        desktop.ask("xdotool", "key", "Down")
        return picture()


def _rows() -> list[RoleRow]:
    every = {
        f"{account}-{role}": RoleRow(
            f"{account}-{role}",
            number,
            _STATES.get(f"{account}-{role}", "not kept"),
            color=color,
            letter=letter,
            is_default=f"{account}-{role}" == "shop-dev-Admin",
        )
        for account, (number, color, letter) in _ACCOUNTS.items()
        for role in _ROLES
    }
    return [every[name] for name in (*_FIRST, *(name for name in every if name not in _FIRST))]


if __name__ == "__main__":
    take(Path(sys.argv[1]))
