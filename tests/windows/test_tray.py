"""The real tray of Windows under Wine: its icon in a taskbar, its menu by both buttons, a notice at the icon, the end.

Wine draws menus with fonts of its own, so lines are looked for, not assumed: the dark rows within the menu.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.desktop.desktop import SIZE, Desktop, start_x
from tests.desktop.x11 import needs_screen
from tests.support.wait_until import until
from tests.windows import wine
from tests.windows.mark import needs_wine

# The import of `wine` adds the folder of `lib` to the path.
from lib.wine import Drive  # isort: skip

pytestmark = [pytest.mark.desktop, pytest.mark.wine, needs_wine, needs_screen, pytest.mark.timeout(400)]

GREEN = (0x12, 0xA0, 0x6B)
WIDE, HIGH = SIZE
TASKBAR = 20
"""Pixels that Wine's taskbar is high."""
START_SECONDS = 150
"""For Wine's desktop and Python, on a machine that runs other tests too."""


class WindowsDesktop(Desktop):
    """An X display with a desktop of Wine's on it, on a drive of its own."""

    def __init__(self, folder, environment):
        super().__init__(folder)
        self._more = environment
        self._display = start_x(self._processes)
        self._processes.enter_context(Drive(Path(os.environ[wine.DRIVE_VARIABLE]), display=self._display))

    def environment(self):
        return wine.surroundings({**self._more, "DISPLAY": self._display})

    def start(self, *arguments):
        """Start the app; the process here ends with it."""
        program, *rest = wine.command(["-m", "traycreds", *arguments])
        process = subprocess.Popen(
            [program, "explorer", f"/desktop=traycreds,{WIDE}x{HIGH}", *rest],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._processes.callback(process.stdout.close)
        return process

    def output_of(self, *arguments):
        """What a command prints, while the app runs; nothing if the app is too busy to answer it."""
        done = subprocess.run(
            wine.command(["-m", "traycreds", *arguments]),
            env=self.environment(),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=START_SECONDS,
        )
        return done.stdout if done.returncode == 0 else b""

    def click(self, x, y, button=1):
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def keys(self, *names):
        self._run("xdotool", "key", "--delay", "200", *names)

    def move(self, x, y):
        self._run("xdotool", "mousemove", str(x), str(y))

    def has_window(self, title):
        return self.ask("xdotool", "search", "--onlyvisible", "--name", title).returncode == 0

    def green(self):
        """The middle of what is green in the taskbar, and how much that is."""
        bar = self.picture().crop((0, HIGH - TASKBAR, WIDE, HIGH))
        data = bar.tobytes()
        found = [
            at for at in range(WIDE * TASKBAR) if all(abs(data[3 * at + band] - GREEN[band]) <= 12 for band in range(3))
        ]
        middle = found[len(found) // 2] if found else 0
        return (middle % WIDE, HIGH - TASKBAR + middle // WIDE, len(found)) if found else None

    def open_menu(self, x, y, button):
        """Click the icon; gives the middles of the lines that can be chosen, from the top."""
        # The pointer moves away, so that no tooltip is in the pictures.
        self.move(WIDE // 2, HIGH // 4)
        closed = self.still()
        self.click(x, y, button)
        self.move(x - 40, HIGH // 4)
        until(lambda: _height(closed, self.picture()) > 100, "the menu opens")
        opened = self.still("menu")
        left, top, right, bottom = _difference(closed, opened)
        grey = opened.crop((left, top, right, bottom)).convert("L")
        dark = [
            y
            # These rows are within the border.
            for y in range(2, grey.height - 2)
            # A disabled line is grey, as are separators.
            if min(grey.crop((20, y, grey.width - 20, y + 1)).tobytes()) < 90
        ]
        lines = []
        for row in dark:
            if lines and row - lines[-1][-1] <= 3:
                lines[-1].append(row)
            else:
                lines.append([row])
        return [(left + 40, top + (line[0] + line[-1]) // 2) for line in lines]

    def _run(self, *command):
        subprocess.run(command, env=self.environment(), check=True, timeout=20)

    def _take_screenshot(self, path):
        self._run("import", "-window", "root", str(path))


def _difference(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    """Where two pictures of the screen differ, the taskbar left out."""
    above = (0, 0, WIDE, HIGH - TASKBAR)
    return ImageChops.difference(before.crop(above).convert("RGB"), after.crop(above).convert("RGB")).getbbox() or (
        0,
        0,
        0,
        0,
    )


def _height(before, after) -> int:
    _, top, _, bottom = _difference(before, after)
    return bottom - top


@pytest.fixture
def desktop(sandbox, tmp_path, monkeypatch):
    folder = tmp_path / "drive"
    monkeypatch.setenv(wine.DRIVE_VARIABLE, str(folder))
    inside = sandbox.home / "AppData"
    environment = {
        **sandbox.environment(),
        "AWS_SHARED_CREDENTIALS_FILE": wine.windows_path(sandbox.credentials_file),
        "AWS_CONFIG_FILE": wine.windows_path(sandbox.aws_config),
        "TRAYCREDS_CONFIG": wine.windows_path(sandbox.config),
        "WIN_PD_OVERRIDE_LOCAL_APPDATA": wine.windows_path(inside / "Local"),
        "WIN_PD_OVERRIDE_APPDATA": wine.windows_path(inside / "Roaming"),
    }
    environment.pop("HOME")
    with WindowsDesktop(tmp_path, environment) as running:
        yield running
    shutil.rmtree(folder)


def test_the_windows_tray_appears_chooses_a_role_shows_a_notice_and_quits(desktop, sandbox):
    for name in ("dev", "staging"):
        sandbox.add_role(name, extra="keep = true")
    app = desktop.start("run")
    with contextlib.ExitStack() as at_end:
        at_end.callback(app.kill)
        x, y, amount = until(desktop.green, "a green icon in the taskbar", timeout=START_SECONDS)
        assert 40 < amount < 250, "about the area of a shield of 16 pixels"
        until(lambda: {"dev-session", "staging-session"} <= sandbox.profiles().keys(), "both sessions are on file")

        lines = desktop.open_menu(x, y, 1)
        assert len(lines) >= 8, "the roles, what is done with them, and the program's own lines"
        desktop.click(*lines[1])
        chosen = until(lambda: sandbox.profiles().get("default"), "the click writes the default profile")
        assert chosen["traycreds_role"] == "staging"

        lines = desktop.open_menu(x, y, 3)
        desktop.click(*lines[0])
        until(lambda: sandbox.profiles()["default"]["traycreds_role"] == "dev", "the other button's menu works as well")

        lines = desktop.open_menu(x, y, 1)
        desktop.click(*lines[-2])
        # The keys open Settings and choose its last line, which is about the program.
        desktop.keys("Right", "Up", "Return")
        desktop.move(WIDE // 2, HIGH // 4)
        until(lambda: 20 < _height(desktop.picture(), empty(desktop)) < 120, "a balloon tells about the program")
        # This area is below the tip of the balloon.
        beside = desktop.still("balloon").crop((x - 30, HIGH - 9, x - 10, HIGH - 2))
        assert len(beside.getcolors()) == 1, "no second icon is beside ours for it"
        desktop.click(x - 100, HIGH - TASKBAR - 40)
        until(lambda: _height(desktop.picture(), empty(desktop)) == 0, "a click puts it away")

        lines = desktop.open_menu(x, y, 1)
        desktop.click(*lines[-1])
        assert app.wait(20) == 0
        at_end.pop_all()
    until(lambda: desktop.green() is None, "the icon is gone")


def test_a_line_of_an_open_menu_does_what_it_offered_even_if_the_one_above_is_gone(desktop, sandbox):
    for name in ("dev", "staging", "prod"):
        sandbox.add_role(name, extra="keep = true")
    app = desktop.start("run")
    with contextlib.ExitStack() as at_end:
        at_end.callback(app.kill)
        x, y, _ = until(desktop.green, "a green icon in the taskbar", timeout=START_SECONDS)
        sessions = {"dev-session", "staging-session", "prod-session"}
        until(lambda: sessions <= sandbox.profiles().keys(), "all sessions are on file")
        lines = desktop.open_menu(x, y, 1)
        text = sandbox.config.read_text()
        sandbox.config.write_text(text[: text.index("[roles.dev]")] + text[text.index("[roles.staging]") :])
        until(
            lambda: only_the_others(desktop.output_of("status")), "the app has read what is left", timeout=START_SECONDS
        )
        desktop.click(*lines[1])
        chosen = until(lambda: sandbox.profiles().get("default"), "the click writes the default profile")
        assert chosen["traycreds_role"] == "staging", "the second line, as it was shown"
        lines = desktop.open_menu(x, y, 1)
        desktop.click(*lines[1])
        until(lambda: sandbox.profiles()["default"]["traycreds_role"] == "prod", "the second line of the next menu")
        lines = desktop.open_menu(x, y, 1)
        desktop.click(*lines[-1])
        assert app.wait(20) == 0
        at_end.pop_all()


def only_the_others(shown: bytes) -> bool:
    return b"staging" in shown and b"dev" not in shown


def empty(desktop) -> Image.Image:
    """The screen without anything on it: Wine's desktop is of one colour."""
    return Image.new("RGB", SIZE, desktop.picture().getpixel((5, 5)))
