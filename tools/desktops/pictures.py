"""Makes pictures of each desktop, at 96 and 192 dots an inch, light and dark: the open menu, a notice, the icon on the panel."""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops

from tests.desktop.desktop import Desktop
from tests.desktop.menu_on_screen import COLOURS, WAITING, MenuOnScreen, icon_on
from tests.desktop.session_bus import MenuClient, item_of
from tests.support.wait_until import until
from tools.desktops.home import home
from tools.desktops.kinds import KINDS

MOST_BYTES = 150_000
"""Of a picture in the repository."""
_MARGIN, _GAP = 28, 4
"""Pixels around the menu at 96 dots an inch, and between joined pictures."""
_NOTICE_HEIGHT, _NOISE = 50, 6
"""Pixels that the lowest notice surely has, dunst scaling none, and how far a pixel may differ between two pictures of the same."""
_COLOURS = 255
_BESIDE = 20
"""Pixels of the panel beside the middle of the icon at 96 dots an inch."""
_VARIANTS = tuple(itertools.product((False, True), (1, 2)))
"""Dark or not, and the scale."""
_STATES = ("fresh", "waiting")
"""Those of the icon that are taken."""


def take(name: str, folder: Path) -> list[Path]:
    """Take the pictures of one desktop; returns their files: gnome.png, gnome-notice-2x.png, plasma-fresh-dark.png..."""
    kind = KINDS[name]
    taken = []
    for dark, scale in _VARIANTS:
        with tempfile.TemporaryDirectory(prefix="traycreds-pictures-", ignore_cleanup_errors=True) as scratch:
            (Path(scratch) / "desktop").mkdir()
            with kind.start(Path(scratch) / "desktop", dark, scale) as desktop:
                pictures = {}
                pictures[""], pictures["-fresh"] = _of_menu(
                    desktop, Path(scratch) / "home", 1 if kind.left_opens else 3
                )
                if kind.notify is not None:
                    kind.notify(desktop)
                notice, pictures["-waiting"] = _of_waiting(
                    desktop, Path(scratch) / "waiting", notified=kind.notify is not None
                )
                if notice is not None:
                    pictures["-notice"] = notice
        for what, picture in pictures.items():
            path = folder / f"{name}{what}{_variant(dark, scale)}.png"
            path.write_bytes(_compressed(picture))
            taken.append(path)
    return taken


def join_icons(names: Sequence[str], folder: Path) -> Path:
    """Make panels.png of what `take` has made: a row for each desktop; light, then dark; at 96, then 192 dots an inch."""
    rows = [
        [Image.open(folder / f"{name}-{state}{_variant(*variant)}.png") for variant in _VARIANTS for state in _STATES]
        for name in names
    ]
    columns = [max(row[at].width for row in rows) for at in range(len(rows[0]))]
    heights = [max(picture.height for picture in row) for row in rows]
    width, height = sum(columns) + _GAP * (len(columns) - 1), sum(heights) + _GAP * (len(rows) - 1)
    joined = Image.new("RGB", (width, height), "white")
    top = 0
    for row, high in zip(rows, heights, strict=True):
        left = 0
        for picture, wide in zip(row, columns, strict=True):
            joined.paste(picture, (left, top))
            left += wide + _GAP
        top += high + _GAP
    path = folder / "panels.png"
    path.write_bytes(_compressed(joined))
    return path


def _variant(dark: bool, scale: int) -> str:
    return f"{'-dark' if dark else ''}{'-2x' if scale > 1 else ''}"


def _of_menu(desktop: Desktop, folder: Path, button: int) -> tuple[Image.Image, Image.Image]:
    """The menu with the part of the panel beside it; and the icon before."""
    with home(folder) as place:
        app = place.start(desktop)
        try:
            place.sandbox.wait_for_profile("staging-session")
            with MenuClient(desktop.bus, until(lambda: item_of(desktop.bus, app.pid), "the item comes")) as client:
                place.sandbox.command("use", "dev")
                client.wait_for("dev (")
                icon = _of_icon(desktop)
                menu = MenuOnScreen(desktop, client, button=button)
                opened = menu.open()
                return opened.crop(_around(desktop, menu, opened)), icon
        finally:
            app.terminate()
            app.wait(10)


def _of_waiting(desktop: Desktop, folder: Path, *, notified: bool) -> tuple[Image.Image | None, Image.Image]:
    """A notice that an MFA code is needed, where there are notices, and the icon then."""
    with home(folder) as place:
        place.add_mfa_role()
        before = desktop.still("closed")
        app = place.start(desktop)
        try:
            if not notified:
                return None, _of_icon(desktop, WAITING)
            until(lambda: _notice_box(desktop, before, desktop.picture()), "a notice comes")
            icon = _of_icon(desktop, WAITING)
            after = desktop.still("notice")
            box = _notice_box(desktop, before, after)
            assert box is not None, "it stays, as a person is wanted"
            margin = _MARGIN // 2 * desktop.scale
            left, top, right, bottom = box
            around = (left - margin, max(0, top - margin), min(after.width, right + margin), bottom + margin)
            return after.crop(around), icon
        finally:
            app.terminate()
            app.wait(10)


def _of_icon(desktop: Desktop, *colours: str) -> Image.Image:
    """The icon, of one of these colours if any are named, with the panel around it."""
    desktop.move_away()
    x, _ = until(lambda: icon_on(desktop, colours or COLOURS), "the icon")
    picture = desktop.still("icon")
    _, top, right, bottom = desktop.panel_box(picture)
    beside = _BESIDE * desktop.scale
    return picture.crop((max(0, x - beside), top, min(right, x + beside), bottom))


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
