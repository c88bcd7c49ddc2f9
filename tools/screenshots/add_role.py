"""Pictures of the window that adds a role: on X11 and on Wayland, on a screen as most have and on one of twice as many dots."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.desktop.desktop import Desktop
from tests.desktop.wayland import Wayland
from tests.desktop.x11 import Screen
from tests.support.wait_until import until
from traycreds.process import own_program
from traycreds.ui.new_role.window import TITLE

_CREDENTIALS = """\
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = not-a-secret
[billing]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = not-a-secret
"""
_FRAME = 60
"""Pixels for the frame above the window, which X11 leaves out and does not scale; xdotool counts it twice."""
_MARGIN = 30


def take(folder: Path) -> None:
    """Make add-role.png and add-role-2x.png, as on most desktops."""
    for scale, name in ((1, "add-role"), (2, "add-role-2x")):
        with _scratch() as scratch, Screen(scratch / "desktop", fine=True, scale=scale) as screen:
            _take(screen, scratch, folder / f"{name}.png")


def take_on_wayland(folder: Path) -> None:
    """Make add-role-wayland.png, and those of it that are dark, on a fine screen, and both."""
    for dark, scale in itertools.product((False, True), (1, 2)):
        name = f"add-role-wayland{'-dark' if dark else ''}{'-2x' if scale > 1 else ''}"
        with _scratch() as scratch, Wayland(scratch / "desktop", dark=dark, scale=scale, xwayland=True) as desktop:
            _take(desktop, scratch, folder / f"{name}.png")


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder with one in it for the desktop."""
    with tempfile.TemporaryDirectory(prefix="traycreds-screenshots-", ignore_cleanup_errors=True) as scratch:
        (Path(scratch) / "desktop").mkdir()
        yield Path(scratch)


def _take(desktop: Desktop, scratch: Path, path: Path) -> None:
    """Fill in all but the source profile, so that the window says what is missing."""
    credentials = scratch / "credentials"
    credentials.write_text(_CREDENTIALS)
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_CONFIG_FILE": str(scratch / "none")}
    process = subprocess.Popen(
        own_program.part(own_program.ADD_ROLE),
        env={**desktop.environment(), **files},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(json.dumps({"config": str(scratch / "config.toml")}).encode())
        process.stdin.close()
        until(lambda: desktop.has_window(TITLE), "the window")
        by_keys = ("xdotool", "search", "--onlyvisible", "--name", TITLE, "windowfocus")
        until(lambda: desktop.ask(*by_keys).returncode == 0, "it takes keys")
        desktop.ask("xdotool", "type", "--delay", "60", "arn:aws:iam::123456789012:role/Admin")
        desktop.ask("xdotool", "key", "Tab")
        picture = desktop.still("add-role")
        if isinstance(desktop, Screen):
            place = desktop.ask(*by_keys[:-1], "getwindowgeometry", "--shell").stdout.split()
            left, top, width, height = (int(value.split("=")[1]) for value in place[1:5])
            margin = _MARGIN * desktop.scale
            picture = picture.crop((left - margin, top - _FRAME - margin, left + width + margin, top + height + margin))
        picture.save(path, optimize=True)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
    take_on_wayland(Path(sys.argv[1]))
