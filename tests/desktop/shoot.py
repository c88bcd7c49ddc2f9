"""Makes the README's pictures anew: `python -m tests.desktop.shoot assets`; the demo on a real panel under Xvfb.

menu.png, notice.png and demo.png, an animated PNG of the demo's first minute.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.desktop.film import Film
from tests.desktop.harness import until
from tests.desktop.screen import SIZE, Screen

GREEN = "#12a06b"
_SPEED = "60"
_FIRST_ROW, _ROW = 48, 25.2
"""Where the menu's lines are, in pixels from the top; lines between entries are thin."""


def shoot(folder: Path) -> None:
    """Run the demo; film the menu and the notices, and keep a picture of each."""
    with tempfile.TemporaryDirectory(prefix="traycreds-shoot-") as scratch, Screen(Path(scratch)) as screen:
        screen.notify_by_xfce4()
        screen.spawn(sys.executable, "-m", "traycreds", "demo", "--speed", _SPEED)
        icon = until(lambda: screen.find_colour(GREEN), "a green icon", timeout=20)
        x, y = icon[len(icon) // 2]
        time.sleep(2)
        film = Film(screen, (SIZE[0] - 720, 0, SIZE[0], 340))
        film.look(0.8)
        film.click(x, y)
        film.move(x - 120, _line(2))  # away from the tooltip
        _crop(screen.picture("menu"), folder / "menu.png", top=0, bottom=330)
        film.watch(3)
        film.click(x - 150, _line(2))  # staging becomes the default profile
        film.watch(1)
        film.click(x, y)
        film.move(x - 150, _line(4))
        time.sleep(0.5)
        film.move(x - 310, _line(4))
        time.sleep(0.5)
        film.watch(2)
        for _ in range(3):
            screen.keys("Escape")
        film.move(SIZE[0] - 400, 300)
        until(lambda: _settled(screen), "a notice that something fails", timeout=60)
        _crop(screen.picture("notice"), folder / "notice.png", top=0, bottom=220)
        film.watch(3)
        until(lambda: screen.notice() is None, "it is taken back", timeout=60)
        until(lambda: _settled(screen), "a notice that all is well again", timeout=60)
        film.watch(2.5)
        film.save(folder / "demo.png")


def _line(number: int) -> int:
    """The middle of a line of the menu, the header being 0."""
    return round(_FIRST_ROW + number * _ROW)


def _settled(screen: Screen) -> bool:
    """Whether a notice stands on the screen, faded in."""
    if screen.notice() is None:
        return False
    time.sleep(0.8)
    return True


def _crop(picture: Image.Image, path: Path, *, top: int, bottom: int) -> None:
    picture.crop((picture.width - 470, top, picture.width, bottom)).save(path, optimize=True)


if __name__ == "__main__":
    shoot(Path(sys.argv[1]))
