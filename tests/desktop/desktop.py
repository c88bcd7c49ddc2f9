"""What the desktops of tests have in common: a private bus, programs that end with it, and pictures of the screen."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from PIL import Image

from tests.desktop.session_bus import PrivateBus
from tests.support.wait_until import PATIENCE

SIZE = (900, 640)
PANEL_HEIGHT = 30
_QUICK = ("-quality", "10")
"""Have a picture compressed as little as is quick."""


class Desktop(ABC):
    """A running desktop.

    Attributes:
        bus: its session bus.
        scale: pixels to one of 96 dots an inch.

    Args:
        folder: for configuration, logs and pictures.
    """

    bus: PrivateBus
    scale: int = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes = contextlib.ExitStack()

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The environment of a program on this desktop."""

    @abstractmethod
    def click(self, x: int, y: int, button: int = 1) -> None:
        """Move the pointer there and click."""

    @abstractmethod
    def move(self, x: int, y: int) -> None:
        """Move the pointer there."""

    @abstractmethod
    def has_window(self, title: str) -> bool:
        """Whether a window with this title is on the screen."""

    def move_away(self) -> None:
        """Move the pointer to the left edge of the screen, where nothing lights up below it."""
        self.move(2, 200)

    @abstractmethod
    def _take_screenshot(self, path: Path) -> None:
        """Write what is on the screen now."""

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program that ends with the desktop."""
        log = self._processes.enter_context((self._folder / f"{Path(command[0]).name}.log").open("wb"))
        process = subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log)
        self._processes.callback(_end, process)
        return process

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What a program that soon ends says of the desktop, and whether it ends well."""
        return subprocess.run(
            command, env=self.environment(), check=False, capture_output=True, text=True, timeout=PATIENCE
        )

    def picture(self, name: str = "screen") -> Image.Image:
        """What is on the screen now; the file stays in the folder as `name`.png."""
        path = self._folder / f"{name}.png"
        self._take_screenshot(path)
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def find_colour(self, colour: str, *, tolerance: int = 12) -> list[tuple[int, int]]:
        """All pixels of the panel that have a colour ("#12a06b")."""
        wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
        picture = self.picture()
        left, top, right, bottom = self.panel_box(picture)
        panel = picture.crop((left, top, right, bottom))
        data = panel.tobytes()
        return [
            (left + index % panel.width, top + index // panel.width)
            for index in range(panel.width * panel.height)
            if all(abs(data[3 * index + band] - wanted[band]) <= tolerance for band in range(3))
        ]

    def panel_box(self, picture: Image.Image) -> tuple[int, int, int, int]:
        """Where the panel is on a picture of the screen: left, top, right, bottom."""
        return 0, 0, picture.width, PANEL_HEIGHT * self.scale

    def still(self, name: str = "screen") -> Image.Image:
        """The screen once two pictures in a row are equal: fades and pop-ups are over."""
        before, end = self.picture(name), time.monotonic() + PATIENCE
        while (now := self.picture(name)).tobytes() != before.tobytes():
            assert time.monotonic() < end, "the screen never comes to rest"
            before = now
            time.sleep(0.05)
        return now

    def errors(self) -> list[str]:
        """What the desktop has logged of tray icons and menus that fail."""
        return []

    def close(self) -> None:
        self._processes.close()

    def _write(self, name: str, text: str) -> Path:
        """Write a program's configuration."""
        path = self._folder / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class XDesktop(Desktop):
    """A desktop on an X server; `display` is its name."""

    display: str

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"},
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "NO_AT_BRIDGE": "1",
            "LANG": "C.UTF-8",
        }

    def xdotool(self, *words: str) -> str:
        return self._output_of("xdotool", *words)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self.xdotool("mousemove", str(x), str(y), "click", str(button))

    def move(self, x: int, y: int) -> None:
        self.xdotool("mousemove", str(x), str(y))

    def has_window(self, title: str) -> bool:
        return self.ask("xdotool", "search", "--onlyvisible", "--name", title).returncode == 0

    def keys(self, *names: str) -> None:
        """Type keys one after another ("Down", "Return"); they drive an open menu."""
        self.xdotool("key", "--delay", "40", *names)

    def _take_screenshot(self, path: Path) -> None:
        subprocess.run(
            ["import", "-window", "root", *_QUICK, str(path)], env=self.environment(), check=True, timeout=PATIENCE
        )

    def _update_activation_environment(self) -> None:
        """Give services that the bus starts the desktop's display and folders: they get the daemon's environment."""
        own = [f"{name}={value}" for name, value in self.environment().items() if os.environ.get(name) != value]
        self._output_of("dbus-update-activation-environment", *own)

    def _output_of(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment(), check=True, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.stdout


class WholeDesktop(XDesktop):
    """A desktop with all that it consists of.

    Args:
        folder: see Desktop.
        dark: the dark style.
        scale: see Desktop; 1 or 2.
    """

    def __init__(self, folder: Path, *, dark: bool = False, scale: int = 1) -> None:
        super().__init__(folder)
        self.scale = scale
        self._dark = dark
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "XDG_RUNTIME_DIR": str(self.bus.folder),
            "XDG_SESSION_TYPE": "x11",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }

    @abstractmethod
    def _start(self) -> None:
        """Start bus, X server and programs."""


def start_x(processes: contextlib.ExitStack, size: tuple[int, int] = SIZE, dpi: int = 96) -> str:
    """Start an X server that ends with `processes`; returns its display."""
    read, write = os.pipe()
    geometry = f"{size[0]}x{size[1]}x24"
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(write), "-screen", "0", geometry),
            *("-dpi", str(dpi), "-nolisten", "tcp", "-noreset"),
        ],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    processes.callback(_end, server)
    os.close(write)
    with os.fdopen(read) as pipe:
        return f":{pipe.readline().strip()}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)
