"""Makes pictures of the open menu and of a notice on each desktop: at 96 and 192 dots an inch, light and dark."""

from __future__ import annotations

import io
import itertools
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from tests.desktop.desktop import Desktop
from tests.desktop.menu_on_screen import MenuOnScreen
from tests.desktop.session_bus import MenuClient, item_of
from tests.support.wait_until import until
from tools.desktops.home import home
from tools.desktops.kinds import KINDS

MOST_BYTES = 150_000
"""Of a picture in the repository."""
_MARGIN = 28
"""Pixels around the menu at 96 dots an inch."""
_NOTICE_HEIGHT, _NOISE = 50, 6
"""Pixels that the lowest notice surely has, dunst scaling none, and how far a pixel may differ between two pictures of the same."""
_COLOURS = 255


def take(name: str, folder: Path) -> list[Path]:
    """Take the pictures of one desktop; returns their files: gnome.png, gnome-notice-2x.png, plasma-dark.png..."""
    kind = KINDS[name]
    taken = []
    for dark, scale in itertools.product((False, True) if kind.dark else (False,), (1, 2)):
        with tempfile.TemporaryDirectory(prefix="traycreds-pictures-", ignore_cleanup_errors=True) as scratch:
            (Path(scratch) / "desktop").mkdir()
            with kind.start(Path(scratch) / "desktop", dark, scale) as desktop:
                pictures = {"": _of_menu(desktop, Path(scratch) / "home", 1 if kind.left_opens else 3)}
                if kind.notify is not None:
                    kind.notify(desktop)
                    pictures["-notice"] = _of_notice(desktop, Path(scratch) / "waiting")
        for what, picture in pictures.items():
            path = folder / f"{name}{what}{'-dark' if dark else ''}{'-2x' if scale > 1 else ''}.png"
            path.write_bytes(_compressed(picture))
            taken.append(path)
    return taken


def _of_menu(desktop: Desktop, folder: Path, button: int) -> Image.Image:
    """The menu with the part of the panel beside it."""
    with home(folder) as place:
        app = place.start(desktop)
        try:
            place.sandbox.wait_for_profile("staging-session")
            with MenuClient(desktop.bus, until(lambda: item_of(desktop.bus, app.pid), "the item comes")) as client:
                place.sandbox.command("use", "dev")
                client.wait_for("dev (")
                menu = MenuOnScreen(desktop, client, button=button)
                opened = menu.open()
                return opened.crop(_around(desktop, menu, opened))
        finally:
            app.terminate()
            app.wait(10)


def _of_notice(desktop: Desktop, folder: Path) -> Image.Image:
    """A notice that an MFA code is needed."""
    with home(folder) as place:
        place.add_mfa_role()
        before = desktop.still("closed")
        app = place.start(desktop)
        try:
            until(lambda: _notice_box(desktop, before, desktop.picture()), "a notice comes")
            after = desktop.still("notice")
            box = _notice_box(desktop, before, after)
            assert box is not None, "it stays, as a person is wanted"
            margin = _MARGIN // 2 * desktop.scale
            left, top, right, bottom = box
            return after.crop((left - margin, max(0, top - margin), min(after.width, right + margin), bottom + margin))
        finally:
            app.terminate()
            app.wait(10)


def _notice_box(desktop: Desktop, before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    """What came on the screen outside of the panel, where it is as high as a notice."""
    changed = ImageChops.difference(before, after).convert("L").point(lambda level: 255 if level > _NOISE else 0)
    changed.paste(0, desktop.panel_box(after))
    box = changed.getbbox()
    return box if box is not None and box[3] - box[1] > _NOTICE_HEIGHT else None


def _around(desktop: Desktop, menu: MenuOnScreen, opened: Image.Image) -> tuple[int, int, int, int]:
    """The menu and the panel above or below it, to the right edge of the screen."""
    left, top, _, bottom = menu.box(opened)
    margin = _MARGIN * desktop.scale
    _, panel_top, _, _ = desktop.panel_box(opened)
    if panel_top == 0:
        return left - margin, 0, opened.width, bottom + margin
    return left - margin, top - margin, opened.width, opened.height


def _compressed(picture: Image.Image) -> bytes:
    """As PNG, with fewer colours where it would be too large."""
    whole = _png(picture)
    return whole if len(whole) <= MOST_BYTES else _png(picture.quantize(_COLOURS, dither=Image.Dither.NONE))


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return data.getvalue()
