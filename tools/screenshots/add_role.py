"""Pictures of the window that adds a role: on X11 and on Wayland, on a screen as most have and on one of twice as many dots."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

from PIL import Image

from tests.desktop.desktop import Desktop
from tests.desktop.wayland import Wayland
from tools.screenshots import own_windows
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


def take(folder: Path) -> None:
    """Make add-role.png, add-role-2x.png, add-role-dark.png and add-role-dark-2x.png, as on most desktops."""
    own_windows.take(folder, "add-role", _take)


def take_on_wayland(folder: Path) -> None:
    """Make add-role-wayland.png, and those of it that are dark, on a fine screen, and both."""
    for dark, scale in itertools.product((False, True), (1, 2)):
        name = f"add-role-wayland{own_windows.variant(dark, scale)}"
        with (
            own_windows.scratch() as files,
            Wayland(files / "desktop", dark=dark, scale=scale, xwayland=True) as desktop,
        ):
            _take(desktop, files).save(folder / f"{name}.png", optimize=True)


def _take(desktop: Desktop, files: Path) -> Image.Image:
    """Fill in all but the source profile, so that the window says what is missing."""
    credentials = files / "credentials"
    credentials.write_text(_CREDENTIALS)
    variables = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_CONFIG_FILE": str(files / "none")}
    given = json.dumps({"config": str(files / "config.toml")}).encode()
    with own_windows.opened(desktop, own_program.part(own_program.ADD_ROLE), given, TITLE, **variables) as picture:
        desktop.ask("xdotool", "type", "--delay", "60", "arn:aws:iam::123456789012:role/Admin")
        desktop.ask("xdotool", "key", "Tab")
        return picture()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
    take_on_wayland(Path(sys.argv[1]))
