"""Makes the README's pictures: `python -m tools.screenshots.__main__ assets`; the demo on a real panel under Xvfb.

menu.png, role.png (the menu with what can be copied), notice.png, dialog.png (the question for an MFA code), find-role.png and
add-role.png (also alone, by `python -m tools.screenshots.find_role assets` and `...add_role assets`), and demo.png, an animated PNG of the demo's first minute. Needs more than the tests do: see `PROGRAMS` and `FONT`.
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

from tests.desktop.desktop import SIZE
from tests.desktop.x11 import FONT, Screen
from tests.support.wait_until import until
from tools.screenshots import add_role, find_role, live_view
from tools.screenshots.animation import Recording
from traycreds.aws.mfa import dialog
from traycreds.aws.mfa.question import Question

GREEN = "#12a06b"
PROGRAMS = {"xfwm4": "xfwm4", "hsetroot": "hsetroot", "xprop": "x11-utils"}
"""Program and the Debian package that brings it, beside those of `screen`; and fonts-cantarell."""
_SPEED = "60"
_FIRST_ROW, _ROW = 49, 27.6
"""Where the menu's lines are, in pixels from the top; lines between entries are thin."""
_BOTTOM = 480
"""Below the menu."""
_DIALOG = "import sys; from traycreds.ui import mfa_window; sys.exit(mfa_window.main())"


def take_all(folder: Path) -> None:
    """Run the demo; recording the menu and the notices, and keep a picture of each."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    fonts = subprocess.run(["fc-list"], check=True, capture_output=True, text=True).stdout
    missing += [] if FONT.split()[0] in fonts else ["fonts-cantarell"]
    if missing:
        sys.exit(f"Pictures need: sudo apt-get install -y {' '.join(missing)}")
    find_role.take(folder)
    add_role.take(folder)
    live_view.take(folder)
    with (
        tempfile.TemporaryDirectory(prefix="traycreds-screenshots-", ignore_cleanup_errors=True) as scratch,
        Screen(Path(scratch), fine=True) as screen,
    ):
        _take_dialog(screen, folder / "dialog.png")
        screen.notify_by_xfce4()
        screen.spawn(sys.executable, "-m", "traycreds", "demo", "--speed", _SPEED)
        icon = until(lambda: screen.find_colour(GREEN), "a green icon", timeout=20)
        x, y = icon[len(icon) // 2]
        time.sleep(2)
        screen.click(x, y)  # before the recording, whose first picture then stands alone
        recording = Recording(screen, (SIZE[0] - 760, 0, SIZE[0], _BOTTOM))
        screen.still("opened")
        recording.hold(0.8)
        recording.move(x - 120, _line(3))  # away from the tooltip
        _crop(screen.still("menu"), folder / "menu.png", left=470, bottom=_BOTTOM)
        recording.watch(3)
        recording.click(x - 150, _line(3))  # staging becomes the default profile
        recording.watch(1)
        recording.click(x, y)
        recording.move(x - 150, _line(8))
        time.sleep(0.5)
        recording.move(x - 310, _line(8))  # its submenu opens to the left
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


def _take_dialog(screen: Screen, path: Path) -> None:
    question = Question(device="arn:aws:iam::123456789012:mfa/jane", roles=("prod-admin", "audit", "billing"))
    process = subprocess.Popen([sys.executable, "-c", _DIALOG], env=screen.environment(), stdin=subprocess.PIPE)
    try:
        process.stdin.write(json.dumps({"title": dialog.TITLE, "text": question.text()}).encode())
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
        return screen.xdotool("search", "--onlyvisible", "--name", dialog.TITLE).split()[0]
    except subprocess.CalledProcessError:  # none yet
        return ""


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
