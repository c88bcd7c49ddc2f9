"""Pictures of the window that finds a role, on a screen as most have and on one of twice as many dots."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.desktop.x11 import Screen
from tests.support.wait_until import until
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
    """Make find-role.png and find-role-2x.png."""
    for scale, name in ((1, "find-role"), (2, "find-role-2x")):
        with (
            tempfile.TemporaryDirectory(prefix="traycreds-screenshots-", ignore_cleanup_errors=True) as scratch,
            Screen(Path(scratch), fine=True, scale=scale) as screen,
        ):
            _take(screen, folder / f"{name}.png", scale)


def _take(screen: Screen, path: Path, scale: int) -> None:
    command = own_program.part(own_program.FIND_ROLE)
    process = subprocess.Popen(command, env=screen.environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        process.stdin.write(rows.encode(TITLE, _rows()))
        process.stdin.close()
        window = until(lambda: screen.ask("xdotool", "search", "--onlyvisible", "--name", TITLE).stdout, "it").split()[
            0
        ]
        screen.xdotool("windowfocus", "--sync", window)
        screen.xdotool("type", "--delay", "60", "shop")
        screen.keys("Down")
        picture = screen.still("find-role")
        place = screen.xdotool("getwindowgeometry", "--shell", window).split()
        left, top, width, height = (int(value.split("=")[1]) for value in place[1:5])
        frame = 34  # which X11 leaves out, and does not scale
        around = (left - 30 * scale, top - frame - 30 * scale, left + width + 30 * scale, top + height + 32 * scale)
        picture.crop(around).save(path, optimize=True)
    finally:
        process.kill()
        process.wait()


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
