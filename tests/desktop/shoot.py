"""Makes the README's pictures anew: `python -m tests.desktop.shoot assets`; the demo on a real panel under Xvfb.

menu.png, role.png (a role's own menu), notice.png, dialog.png (the question for an MFA code), and demo.png, an animated
PNG of the demo's first minute. Needs more than the tests do: see `PROGRAMS` and `FONT`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.desktop.film import Film
from tests.desktop.screen import FONT, SIZE, Screen
from tests.waiting import until
from traycreds.adapters import prompt

GREEN = "#12a06b"
PROGRAMS = {"xfwm4": "xfwm4", "hsetroot": "hsetroot", "xprop": "x11-utils"}
"""Program and the Debian package that brings it, beside those of `screen`; and fonts-cantarell."""
_SPEED = "60"
_FIRST_ROW, _ROW = 49, 27.6
"""Where the menu's lines are, in pixels from the top; lines between entries are thin."""
_DIALOG = "import sys; from traycreds.ui import dialogs; sys.exit(dialogs.main())"


def shoot(folder: Path) -> None:
    """Run the demo; film the menu and the notices, and keep a picture of each."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    fonts = subprocess.run(["fc-list"], check=True, capture_output=True, text=True).stdout
    missing += [] if FONT.split()[0] in fonts else ["fonts-cantarell"]
    if missing:
        sys.exit(f"Pictures need: sudo apt-get install -y {' '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="traycreds-shoot-") as scratch, Screen(Path(scratch), fine=True) as screen:
        _shoot_dialog(screen, folder / "dialog.png")
        screen.notify_by_xfce4()
        screen.spawn(sys.executable, "-m", "traycreds", "demo", "--speed", _SPEED)
        icon = until(lambda: screen.find_colour(GREEN), "a green icon", timeout=20)
        x, y = icon[len(icon) // 2]
        time.sleep(2)
        film = Film(screen, (SIZE[0] - 760, 0, SIZE[0], 370))
        film.look(0.8)
        film.click(x, y)
        film.move(x - 120, _line(2))  # away from the tooltip
        _crop(screen.still("menu"), folder / "menu.png", left=470, bottom=364)
        film.watch(3)
        film.click(x - 150, _line(2))  # staging becomes the default profile
        film.watch(1)
        film.click(x, y)
        film.move(x - 150, _line(4))
        time.sleep(0.5)
        film.move(x - 310, _line(4))  # the role's own menu opens to the left
        time.sleep(0.5)
        film.watch(0.5)
        _crop(screen.picture("role"), folder / "role.png", left=760, bottom=364)
        film.watch(1.5)
        for _ in range(3):
            screen.keys("Escape")
        film.move(SIZE[0] - 400, 330)
        until(lambda: _settled(screen), "a notice that something fails", timeout=60)
        _crop(screen.picture("notice"), folder / "notice.png", left=470, bottom=220)
        film.watch(3)
        until(lambda: screen.notice() is None, "it is taken back", timeout=60)
        until(lambda: _settled(screen), "a notice that all is well again", timeout=60)
        film.watch(2.5)
        film.save(folder / "demo.png")


def _shoot_dialog(screen: Screen, path: Path) -> None:
    question = prompt.Question(device="arn:aws:iam::123456789012:mfa/jane", roles=("prod-admin", "audit", "billing"))
    process = subprocess.Popen([sys.executable, "-c", _DIALOG], env=screen.environment(), stdin=subprocess.PIPE)
    try:
        process.stdin.write(json.dumps({"title": prompt.TITLE, "text": question.text()}).encode())
        process.stdin.close()
        window = until(lambda: _window(screen), "the dialog")
        screen.xdotool("windowfocus", "--sync", window)
        screen.xdotool("type", "--delay", "60", "492 081")
        picture = screen.still("dialog")
        place = screen.xdotool("getwindowgeometry", "--shell", window).split()
        left, top, width, height = (int(value.split("=")[1]) for value in place[1:5])
        around = (left - 68, top - 88, left + width + 50, top + height + 32)  # the frame is not in what X11 says
        picture.crop(around).save(path, optimize=True)
    finally:
        process.kill()
        process.wait()


def _window(screen: Screen) -> str:
    try:
        return screen.xdotool("search", "--onlyvisible", "--name", prompt.TITLE).split()[0]
    except subprocess.CalledProcessError:  # none yet
        return ""


def _line(number: int) -> int:
    """The middle of a line of the menu, the header being 0."""
    return round(_FIRST_ROW + number * _ROW)


def _settled(screen: Screen) -> bool:
    """Whether a notice stands on the screen, faded in."""
    if screen.notice() is None:
        return False
    time.sleep(1.2)
    return True


def _crop(picture: Image.Image, path: Path, *, left: int, bottom: int) -> None:
    """Keep what is right and above; `left` counts from the right."""
    picture.crop((picture.width - left, 0, picture.width, bottom)).save(path, optimize=True)


if __name__ == "__main__":
    shoot(Path(sys.argv[1]))
