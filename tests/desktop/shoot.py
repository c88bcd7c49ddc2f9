"""Makes the README's pictures anew: `python -m tests.desktop.shoot assets`; the demo on a real panel under Xvfb."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.desktop.harness import until
from tests.desktop.screen import PANEL_HEIGHT, Screen

GREEN, RED, AMBER = "#12a06b", "#e0382c", "#f5a50b"


def shoot(folder: Path) -> None:
    """Run the demo; picture the menu when all is well, and the notice of the session that cannot be renewed."""
    with tempfile.TemporaryDirectory(prefix="traycreds-shoot-") as scratch, Screen(Path(scratch)) as screen:
        screen.notify_by_dunst()
        screen.spawn(sys.executable, "-m", "traycreds", "demo", "--speed", "30")
        icon = until(lambda: screen.find_colour(GREEN), "a green icon", timeout=20)
        x, y = icon[len(icon) // 2]
        time.sleep(3)
        screen.click(x, y)
        time.sleep(1)
        screen.keys("Down", "Down")
        _crop(screen.picture("menu"), folder / "menu.png", top=0, bottom=330)
        screen.keys("Escape")
        screen.xdotool("mousemove", "300", "500")  # no tooltip in the next picture
        until(lambda: _notice_shown(screen), "a notice", timeout=170)
        time.sleep(1)
        _crop(screen.picture("notice"), folder / "notice.png", top=0, bottom=200)


def _notice_shown(screen: Screen) -> bool:
    """Whether a notice hangs in the upper right corner: its ground is nearly white there."""
    time.sleep(0.3)
    picture = screen.picture("wait")
    corner = picture.crop((picture.width - 300, PANEL_HEIGHT + 30, picture.width - 20, PANEL_HEIGHT + 70))
    bright = sum(count for count, colour in corner.getcolors(maxcolors=100_000) if min(colour) > 230)
    return bright > corner.width * corner.height // 3


def _crop(picture: Image.Image, path: Path, *, top: int, bottom: int) -> None:
    picture.crop((picture.width - 470, top, picture.width, bottom)).save(path, optimize=True)


if __name__ == "__main__":
    shoot(Path(sys.argv[1]))
