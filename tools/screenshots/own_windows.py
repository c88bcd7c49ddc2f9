"""What the pictures of our own windows have in common: a desktop for each, light or dark, on a usual screen or a fine one."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from tests.desktop.desktop import Desktop
from tests.desktop.x11 import Screen
from tests.support.wait_until import until

_FRAME = 60
"""Pixels for the frame above the window, which X11 leaves out and does not scale; xdotool counts it twice."""
_MARGIN = 30

TakeOne = Callable[[Desktop, Path], Image.Image]
"""Takes a picture of the window on a desktop, with a folder for files."""


def take(folder: Path, name: str, take_one: TakeOne) -> None:
    """Make `name`.png, and those of it that are dark, on a screen of twice as many dots, and both."""
    for dark, scale in itertools.product((False, True), (1, 2)):
        with scratch() as files, Screen(files / "desktop", fine=True, dark=dark, scale=scale) as screen:
            take_one(screen, files).save(folder / f"{name}{variant(dark, scale)}.png", optimize=True)


def variant(dark: bool, scale: int) -> str:
    """The end of a picture's name."""
    return f"{'-dark' if dark else ''}{'-2x' if scale > 1 else ''}"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder with one in it for the desktop."""
    with tempfile.TemporaryDirectory(prefix="traycreds-screenshots-", ignore_cleanup_errors=True) as files:
        (Path(files) / "desktop").mkdir()
        yield Path(files)


@contextlib.contextmanager
def opened(
    desktop: Desktop, command: Sequence[str], given: bytes, title: str, **variables: str
) -> Iterator[Callable[[], Image.Image]]:
    """A window that takes keys; yields what takes its picture, with its frame."""
    process = subprocess.Popen(
        command, env={**desktop.environment(), **variables}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    find = ("xdotool", "search", "--onlyvisible", "--name", title)
    try:
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(given)
        process.stdin.close()
        until(lambda: desktop.has_window(title), "the window")
        until(lambda: desktop.ask(*find, "windowfocus").returncode == 0, "it takes keys")
        yield lambda: _picture(desktop, find)
    finally:
        process.kill()
        process.wait()


def _picture(desktop: Desktop, find: tuple[str, ...]) -> Image.Image:
    picture = desktop.still("window")
    if not isinstance(desktop, Screen):
        return picture
    place = desktop.ask(*find, "getwindowgeometry", "--shell").stdout.split()
    left, top, width, height = (int(value.split("=")[1]) for value in place[1:5])
    margin = _MARGIN * desktop.scale
    return picture.crop((left - margin, top - _FRAME - margin, left + width + margin, top + height + margin))
