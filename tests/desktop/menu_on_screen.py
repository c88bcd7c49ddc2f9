"""The app's menu on a real desktop, found by its pixels: opens it, finds each line, clicks it, and counts the clicks."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops

from tests.desktop.desktop import Desktop
from tests.desktop.session_bus import MenuClient, Shown
from tests.support.wait_until import PATIENCE, until

WAITING = "#8256e8"
COLOURS = ("#12a06b", "#f5a50b", "#e0382c", WAITING)
"""Those of the icon: fresh, expiring, failed, waiting for a person."""
_SHADE = 20
"""How far the colour on the screen may be off: GNOME dims its panel a little."""
_LEAST_ICON = 30
"""Pixels of the icon's colour at 96 dots an inch: more than letters or edges of other icons have."""
_MENU_HEIGHT = 150
"""Pixels that the shortest menu here surely has."""
_TEXT_WIDTH, _EDGE = 150, 16
"""Where lines have text: so many columns, past frame and shadow at the left."""
_CONTRAST = 40
"""How far text is from its ground in brightness, also where it is greyed."""
_FULL = 0.8
"""The share of a row that a separator, or the ground of a menu, fills."""
_BESIDE, _GAP = 40, 3
"""Pixels between a menu and its icon at most, and between two parts of one menu."""
_NOISE = 6
"""How far a pixel may differ between two pictures of the same."""


class MenuOnScreen:
    """The menu of an app on a desktop.

    Args:
        desktop: where it is.
        client: reads the labels that it has, in their order.
        button: the mouse button that opens it.
    """

    def __init__(self, desktop: Desktop, client: MenuClient, *, button: int = 1) -> None:
        self._desktop = desktop
        self._client = client
        self._button = button
        self.clicks = 0

    def icon(self) -> tuple[int, int] | None:
        """The middle of the icon, or None while there is none."""
        return icon_on(self._desktop)

    def open(self, timeout: float = PATIENCE) -> Image.Image:
        """Open it by one click on the icon; returns what is on the screen then."""
        x, y = until(self.icon, "the icon")
        self._desktop.move_away()
        self._icon_x = x
        self._closed = self._desktop.still("closed")
        self._click(x, y, self._button)
        until(lambda: self._box(self._desktop.picture()) is not None, "a menu opens", timeout=timeout)
        self._desktop.still("menu")
        self._desktop.move_away()
        return self._desktop.still("menu")

    def box(self, opened: Image.Image) -> tuple[int, int, int, int]:
        """Where the menu is on a picture that has it: left, top, right, bottom."""
        box = self._box(opened)
        assert box is not None, "the menu is open"
        return box

    def click(self, label: str) -> None:
        """Open it, and click the line whose label starts so."""
        opened = self.open()
        wanted, lines = self._lines(opened)
        places = [place for place, line in enumerate(lines) if line.label.startswith(label)]
        assert places, f"no {label!r} in {[line.label for line in lines]}"
        place = places[0]
        left, top, bottom = wanted[place]
        self._click(left + _TEXT_WIDTH // 2, (top + bottom) // 2, 1)
        self._desktop.move_away()
        until(lambda: self._box(self._desktop.picture()) is None, "the menu closes")

    def _lines(self, opened: Image.Image) -> tuple[list[tuple[int, int, int]], list[Shown]]:
        """Left, top and bottom of each line with text; and what it should be."""
        lines = [line for line in self._client.get_layout().children if not line.separator]
        found = rows(opened, self.box(opened), self._desktop.scale)
        assert len(found) == len(lines), (
            f"{len(found)} lines on the screen, {[line.label for line in lines]} in the menu"
        )
        return found, lines

    def _click(self, x: int, y: int, button: int) -> None:
        self.clicks += 1
        self._desktop.click(x, y, button)

    def _box(self, picture: Image.Image) -> tuple[int, int, int, int] | None:
        """What differs outside of the panel, where it is as high as a menu."""
        return menu_box(self._desktop, self._icon_x, self._closed, picture)


def icon_on(desktop: Desktop, colours: Sequence[str] = COLOURS) -> tuple[int, int] | None:
    """The middle of the app's icon on the panel, or None while there is none in one of these colours."""
    least = _LEAST_ICON * desktop.scale
    for colour in colours:
        found = desktop.find_colour(colour, tolerance=_SHADE)
        if len(found) >= least:
            return found[len(found) // 2]
    return None


def menu_box(
    desktop: Desktop, icon_x: int, closed: Image.Image, opened: Image.Image
) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what came on the screen at the icon, where it is as high as a menu."""
    changed = ImageChops.difference(closed, opened).convert("L").point(lambda level: 255 if level > _NOISE else 0)
    outside = changed.copy()
    outside.paste(0, desktop.panel_box(opened))
    left, right = _columns(outside, icon_x, _BESIDE * desktop.scale)
    box = outside.crop((left, 0, right, outside.height)).getbbox()
    if box is None or box[3] - box[1] <= _MENU_HEIGHT * desktop.scale:
        return None
    top, bottom = box[1], box[3]
    # The menus of waybar cover its panel.
    while top > 0 and _is_wide(changed.crop((left, top - 1, right, top))):
        top -= 1
    return left, top, right, bottom


def _columns(changed: Image.Image, at: int, beside: int) -> tuple[int, int]:
    """The changed columns around a place; a notice that comes or goes meanwhile is elsewhere."""
    across, _ = changed.getprojection()
    near = [x for x in range(max(0, at - beside), min(changed.width, at + beside)) if across[x]]
    if not near:
        return 0, 0
    left = right = min(near, key=lambda x: abs(x - at))
    while left > 0 and any(across[max(0, left - _GAP) : left]):
        left -= 1
    while right < changed.width and any(across[right : right + _GAP]):
        right += 1
    return left, right


def _is_wide(row: Image.Image) -> bool:
    return row.tobytes().count(b"\xff") > _FULL * row.width


def rows(picture: Image.Image, box: tuple[int, int, int, int], scale: int = 1) -> list[tuple[int, int, int]]:
    """The lines with text within a box: left, top and bottom of each."""
    left, top, right, bottom = box
    left += _EDGE * scale
    band = picture.convert("L").crop((left, top, min(right, left + _TEXT_WIDTH * scale), bottom))
    inked = [top + y for y in range(band.height) if _is_text(band.crop((0, y, band.width, y + 1)).tobytes())]
    found: list[tuple[int, int, int]] = []
    for y in inked:
        if found and y - found[-1][2] <= 3 * scale:
            found[-1] = (left, found[-1][1], y)
        else:
            found.append((left, y, y))
    return [row for row in found if row[2] - row[1] >= 6 * scale]


def _is_text(levels: bytes) -> bool:
    ground = max(set(levels), key=levels.count)
    inked = sum(abs(level - ground) > _CONTRAST for level in levels)
    return 1 < inked < _FULL * len(levels)
