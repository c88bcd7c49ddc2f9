"""Makes the README's pictures: `python -m tools.screenshots.__main__ assets`; the demo on a real panel under Xvfb.

menu.png, role.png (the menu with what can be copied), notice.png, and demo.png, an animated PNG of the demo's first minute.
Those of our own windows, light and dark, at 96 and 192 dots an inch, also alone: `python -m tools.screenshots.mfa_code FOLDER`,
`...find_role FOLDER`, `...add_role FOLDER`. Needs more than the tests do: see `PROGRAMS` and `FONT`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.desktop.desktop import SIZE
from tests.desktop.x11 import FONT, Screen
from tests.support.wait_until import until
from tools.screenshots import add_role, find_role, live_view, mfa_code
from tools.screenshots.animation import Recording

GREEN = "#12a06b"
PROGRAMS = {"xfwm4": "xfwm4", "hsetroot": "hsetroot", "xprop": "x11-utils"}
"""Program and the Debian package that brings it, beside those of `screen`; and fonts-cantarell."""
_SPEED = "60"
_FIRST_ROW, _ROW = 49, 27.6
"""Where the menu's lines are, in pixels from the top; lines between entries are thin."""
_BOTTOM = 540
"""Below the menu."""


def take_all(folder: Path) -> None:
    """Run the demo; recording the menu and the notices, and keep a picture of each."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    fonts = subprocess.run(["fc-list"], check=True, capture_output=True, text=True).stdout
    missing += [] if FONT.split()[0] in fonts else ["fonts-cantarell"]
    if missing:
        sys.exit(f"Pictures need: sudo apt-get install -y {' '.join(missing)}")
    find_role.take(folder)
    add_role.take(folder)
    mfa_code.take(folder)
    live_view.take(folder)
    with (
        tempfile.TemporaryDirectory(prefix="traycreds-screenshots-", ignore_cleanup_errors=True) as scratch,
        Screen(Path(scratch), fine=True) as screen,
    ):
        screen.notify_by_xfce4()
        screen.spawn(sys.executable, "-m", "traycreds", "demo", "--speed", _SPEED)
        icon = until(lambda: screen.find_colour(GREEN), "a green icon", timeout=20)
        x, y = icon[len(icon) // 2]
        time.sleep(2)
        # The click comes first, so that the first picture of the recording stands alone.
        screen.click(x, y)
        recording = Recording(screen, (SIZE[0] - 760, 0, SIZE[0], _BOTTOM))
        screen.still("opened")
        recording.hold(0.8)
        # This moves the pointer away from the tooltip.
        recording.move(x - 120, _line(4))
        _crop(screen.still("menu"), folder / "menu.png", left=470, bottom=_BOTTOM)
        recording.watch(3)
        # This makes staging the default profile.
        recording.click(x - 150, _line(4))
        recording.watch(1)
        recording.click(x, y)
        recording.move(x - 150, _line(11))
        time.sleep(0.5)
        # The submenu opens to the left.
        recording.move(x - 310, _line(11))
        time.sleep(0.5)
        recording.watch(0.5)
        _crop(screen.picture("role"), folder / "role.png", left=760, bottom=_BOTTOM)
        recording.watch(1.5)
        for _ in range(2):
            screen.keys("Escape")
        recording.move(SIZE[0] - 400, 330)
        until(lambda: _is_still(screen), "a notice that something fails", timeout=60)
        _crop(screen.picture("notice"), folder / "notice.png", left=470, bottom=220)
        recording.watch(3)
        until(lambda: screen.notice() is None, "it is taken back", timeout=60)
        until(lambda: _is_still(screen), "a notice that all is well again", timeout=60)
        recording.watch(2.5)
        recording.save(folder / "demo.png")


def _line(number: int) -> int:
    """The middle of a line of the menu, the header being 0."""
    return round(_FIRST_ROW + number * _ROW)


def _is_still(screen: Screen) -> bool:
    """Whether a notice is on the screen, faded in."""
    if screen.notice() is None:
        return False
    time.sleep(1.2)
    return True


def _crop(picture: Image.Image, path: Path, *, left: int, bottom: int) -> None:
    """Keep what is right and above; `left` counts from the right."""
    picture.crop((picture.width - left, 0, picture.width, bottom)).save(path, optimize=True)


if __name__ == "__main__":
    take_all(Path(sys.argv[1]))
