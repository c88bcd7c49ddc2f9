"""Draws the tray icon with Pillow: one look for each state, different by color and by shape.

Safe for the color-blind, readable on light and dark panels. From 22 pixels on, a ring shows the rest of the default
role's session. Linux has them drawn beforehand (`ui.icon.pixmaps`). Never touches a tray or a file. The drawings are
SVG paths on a grid of 16, which `svg` writes to assets/.
"""

from __future__ import annotations

import enum
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from traycreds.core.value_class import value_class
from traycreds.ui.icon.badge import Badge, drawn
from traycreds.ui.icon.look import SIZES, TWELFTHS, Look, Theme
from traycreds.ui.icon.svg_path import Point, points_of

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Pixmap: TypeAlias = "tuple[int, int, bytes]"
"""Width, height, ARGB32 in network byte order: the form of StatusNotifierItem's IconPixmap."""


class _Ink(enum.Enum):
    """A color's purpose; the theme chooses the color."""

    GOOD = enum.auto()
    BUSY = enum.auto()
    WARNING = enum.auto()
    EDGE = enum.auto()
    BAD = enum.auto()
    WAITING = enum.auto()
    REST = enum.auto()
    REST_EDGE = enum.auto()
    REST_LINE = enum.auto()
    MARK = enum.auto()
    MARK_ON_WARNING = enum.auto()


@value_class(kw_only=True)
class _Stroke:
    """One part of a drawing: SVG path data with absolute M, L, C and Z, filled or drawn as a round line."""

    path: str
    ink: _Ink
    width: float = 0
    filled: bool = False


_GRID = 16
_FINE = 24
"""Up to this size a pixel is drawn 16 by 16, above it 8 by 8: the eye sees no difference there."""
AT_ONCE = 2**22
"""The most fine pixels that are drawn at once: a picture of 1,024 pixels is drawn in 16 parts, not in a gigabyte."""

_RINGED = 22
"""From this size on there is room for a ring; at 16 pixels the shield in it would be a blot."""
_WITHIN_RING = 0.69
_RING_EDGE, _RING_WIDTH = 0.35, 1.55
_FAINT = "4b"
"""Opacity of the part of the ring that has run out, in hexadecimal."""

_COLOURS: dict[Theme, dict[_Ink, str]] = {
    Theme.AUTO: {
        _Ink.GOOD: "#12a06b",
        _Ink.BUSY: "#2f8fe8",
        _Ink.WARNING: "#f5a50b",
        _Ink.EDGE: "#c77800",
        _Ink.BAD: "#e0382c",
        _Ink.WAITING: "#8256e8",
        _Ink.REST: "#8b94a1",
        _Ink.REST_EDGE: "#454d59",
        _Ink.REST_LINE: "#eceff3",
        _Ink.MARK: "#ffffff",
        _Ink.MARK_ON_WARNING: "#3d2600",
    },
    Theme.LIGHT: {
        _Ink.GOOD: "#0a8455",
        _Ink.BUSY: "#1b6fd0",
        _Ink.WARNING: "#bd5f00",
        _Ink.EDGE: "#bd5f00",
        _Ink.BAD: "#cb2a1f",
        _Ink.WAITING: "#6d3fd1",
        _Ink.REST: "#636d7a",
        _Ink.REST_EDGE: "#636d7a",
        _Ink.REST_LINE: "#636d7a",
        _Ink.MARK: "#ffffff",
        _Ink.MARK_ON_WARNING: "#ffffff",
    },
    Theme.DARK: {
        _Ink.GOOD: "#3fdc97",
        _Ink.BUSY: "#74bcff",
        _Ink.WARNING: "#ffc247",
        _Ink.EDGE: "#ffc247",
        _Ink.BAD: "#ff7d72",
        _Ink.WAITING: "#bda4ff",
        _Ink.REST: "#c3cad3",
        _Ink.REST_EDGE: "#c3cad3",
        _Ink.REST_LINE: "#c3cad3",
        _Ink.MARK: "#14181d",
        _Ink.MARK_ON_WARNING: "#14181d",
    },
}
"""On a panel whose color is known the icon is drawn in tones of full contrast; on any other in middle ones."""
_BLACK_ON_WHITE = {ink: "#ffffff" if ink in (_Ink.MARK, _Ink.MARK_ON_WARNING) else "#000000" for ink in _Ink}
"""A drawing of which the opacity alone is shown."""
_SHIELD = (
    "M8 1 C10 2.4 11.6 2.9 13.5 3 L13.5 7.6 C13.5 11 11.3 13.6 8 15 "
    "C4.7 13.6 2.5 11 2.5 7.6 L2.5 3 C4.4 2.9 6 2.4 8 1 Z"
)
_HOLLOW = (
    "M8 1.6 C9.8 2.9 11.2 3.4 13 3.5 L13 7.6 C13 10.7 11 13 8 14.3 C5 13 3 10.7 3 7.6 L3 3.5 C4.8 3.4 6.2 2.9 8 1.6 Z"
)
_ROUND = 0.5523
"""How far the handles of four Bézier curves reach that make a circle of radius 1."""


def _disc(x: float, y: float, radius: float) -> str:
    left, right, top, bottom, reach = x - radius, x + radius, y - radius, y + radius, radius * _ROUND
    return (
        f"M{left:g} {y:g} C{left:g} {y - reach:g} {x - reach:g} {top:g} {x:g} {top:g} "
        f"C{x + reach:g} {top:g} {right:g} {y - reach:g} {right:g} {y:g} "
        f"C{right:g} {y + reach:g} {x + reach:g} {bottom:g} {x:g} {bottom:g} "
        f"C{x - reach:g} {bottom:g} {left:g} {y + reach:g} {left:g} {y:g} Z"
    )


_TRIANGLE = "M8 2.2 L14.3 13.8 L1.7 13.8 Z"
_DRAWINGS: dict[Look, tuple[_Stroke, ...]] = {
    Look.FRESH: (
        _Stroke(path=_SHIELD, ink=_Ink.GOOD, width=1, filled=True),
        _Stroke(path="M5 8 L7.1 10.1 L11 6", ink=_Ink.MARK, width=1.9),
    ),
    Look.REFRESHING: (
        _Stroke(path="M2.6 7.5 C2.8 5.4 4.2 3.6 6.2 2.9 C8.1 2.2 10.3 2.7 11.8 4.2", ink=_Ink.BUSY, width=2.1),
        _Stroke(path="M9.6 6.4 L14.8 7.2 L14.1 1.9 Z", ink=_Ink.BUSY, width=0.6, filled=True),
        _Stroke(path="M13.4 8.5 C13.2 10.6 11.8 12.4 9.8 13.1 C7.9 13.8 5.7 13.3 4.2 11.8", ink=_Ink.BUSY, width=2.1),
        _Stroke(path="M6.4 9.6 L1.2 8.8 L1.9 14.1 Z", ink=_Ink.BUSY, width=0.6, filled=True),
    ),
    Look.EXPIRING: (
        _Stroke(path=_TRIANGLE, ink=_Ink.EDGE, width=2.4, filled=True),
        _Stroke(path=_TRIANGLE, ink=_Ink.WARNING, width=1.2, filled=True),
        _Stroke(path="M8 6.2 L8 9.2", ink=_Ink.MARK_ON_WARNING, width=1.9),
        _Stroke(path="M8 12.3 L8 12.4", ink=_Ink.MARK_ON_WARNING, width=1.9),
    ),
    Look.FAILED: (
        _Stroke(
            path="M5.3 1.4 L10.7 1.4 L14.6 5.3 L14.6 10.7 L10.7 14.6 L5.3 14.6 L1.4 10.7 L1.4 5.3 Z",
            ink=_Ink.BAD,
            width=0.8,
            filled=True,
        ),
        _Stroke(path="M5.5 5.5 L10.5 10.5", ink=_Ink.MARK, width=2),
        _Stroke(path="M10.5 5.5 L5.5 10.5", ink=_Ink.MARK, width=2),
    ),
    Look.WAITING: (
        _Stroke(path=_disc(8, 8, 6.9), ink=_Ink.WAITING, width=0.2, filled=True),
        _Stroke(path=_disc(8, 5.6, 1.7), ink=_Ink.MARK, width=0.8, filled=True),
        _Stroke(
            path="M4.6 12.2 C4.6 9.9 6 9.3 8 9.3 C10 9.3 11.4 9.9 11.4 12.2 Z", ink=_Ink.MARK, width=0.6, filled=True
        ),
    ),
    Look.OFF: (
        _Stroke(path=_HOLLOW, ink=_Ink.REST_EDGE, width=2.75),
        _Stroke(path=_HOLLOW, ink=_Ink.REST_LINE, width=1.25),
    ),
    Look.PAUSED: (
        _Stroke(path=_SHIELD, ink=_Ink.REST_EDGE, width=1.5, filled=True),
        _Stroke(path=_SHIELD, ink=_Ink.REST, width=0.25, filled=True),
        _Stroke(path="M6 5.8 L6 10", ink=_Ink.MARK, width=2),
        _Stroke(path="M10 5.8 L10 10", ink=_Ink.MARK, width=2),
    ),
}


@functools.lru_cache(maxsize=8)
def image(look_: Look, size: int, left_: int | None = None, theme_: Theme = Theme.AUTO) -> Image.Image:
    """The icon as a picture of `size` by `size` pixels with transparency; small ones are drawn without a ring."""
    return _picture(look_, size, left_, _COLOURS[theme_])


@functools.lru_cache(maxsize=8)
def template(look_: Look, size: int) -> Image.Image:
    """The icon in black, with holes for its marks: macOS takes the opacity and gives it the tone of the menu bar."""
    from PIL import Image, ImageChops

    picture = _picture(look_, size, None, _BLACK_ON_WHITE)
    drawn = Image.new("RGBA", picture.size, "#000000")
    drawn.putalpha(ImageChops.multiply(picture.getchannel("A"), ImageChops.invert(picture.convert("L"))))
    return drawn


def with_badge(picture: Image.Image, badge: Badge | None) -> Image.Image:
    """The same picture with a badge in its lower right corner."""
    from PIL import Image

    if badge is None:
        return picture
    corner, pixels, replaced = drawn(badge, picture.width)
    rgba = b"".join(pixels[at + 1 : at + 4] + pixels[at : at + 1] for at in range(0, len(pixels), 4))
    marked = picture.copy()
    place = picture.width - corner, picture.height - corner
    size = corner, corner
    marked.paste(Image.frombytes("RGBA", size, rgba), place, Image.frombytes("L", size, replaced))
    return marked


def _picture(look_: Look, size: int, left_: int | None, colours: Mapping[_Ink, str]) -> Image.Image:
    from PIL import Image

    fine = 16 if size <= _FINE else 8
    rows = max(1, AT_ONCE // (size * fine**2))
    picture = Image.new("RGBA", (size, size))
    for top in range(0, size, rows):
        box = 0, top * fine, size * fine, min(top + rows, size) * fine
        part = _part(box, _DRAWINGS[look_], left_ if size >= _RINGED else None, colours)
        picture.paste(part.resize((size, part.height // fine), Image.Resampling.BOX), (0, top))
    return picture


def _part(
    box: tuple[int, int, int, int], strokes: Sequence[_Stroke], left_: int | None, colours: Mapping[_Ink, str]
) -> Image.Image:
    from PIL import Image, ImageDraw

    _, top, wide, bottom = box
    inner = wide if left_ is None else round(wide * _WITHIN_RING / 2) * 2
    corner = (wide - inner) // 2
    part = Image.new("RGBA", (wide, bottom - top))
    for stroke in strokes:
        colour = colours[stroke.ink]
        # Transparent pixels in the stroke's own colour leave no dark fringe.
        layer = Image.new("RGBA", part.size, f"{colour}00")
        _draw(_Pen(ImageDraw.Draw(layer), corner, corner - top), stroke, colour, inner / _GRID)
        part.alpha_composite(layer)
    if left_ is not None:
        ring = Image.new("RGBA", part.size, f"{colours[_Ink.GOOD]}00")
        _draw_ring(_Pen(ImageDraw.Draw(ring), 0, -top), wide, left_ / TWELFTHS, colours[_Ink.GOOD])
        part.alpha_composite(ring)
    return part


def pixmaps(look_: Look, left_: int | None = None, theme_: Theme = Theme.AUTO) -> tuple[Pixmap, ...]:
    """The icon in all sizes for a StatusNotifierItem, kept in `ui.icon.pixmaps`."""
    return tuple((size, size, argb(image(look_, size, left_, theme_))) for size in SIZES)


def svg(look_: Look, theme_: Theme = Theme.AUTO) -> str:
    """The icon as an SVG document."""
    lines = []
    for part in _DRAWINGS[look_]:
        colour = _COLOURS[theme_][part.ink]
        lines.append(
            f'  <path d="{part.path}" fill="{colour if part.filled else "none"}" stroke="{colour}"'
            f' stroke-width="{part.width:g}" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 {_GRID} {_GRID}">'
    return "\n".join([head, f"  <title>traycreds: {look_.value}</title>", *lines, "</svg>", ""])


def svg_name(look_: Look, theme_: Theme) -> str:
    """The file name: "fresh.svg", "fresh-dark.svg"."""
    return f"{look_.value}.svg" if theme_ is Theme.AUTO else f"{look_.value}-{theme_.value}.svg"


def argb(picture: Image.Image) -> bytes:
    """A picture as ARGB32 in network byte order."""
    red, green, blue, alpha = picture.split()
    merged = bytearray(len(red.tobytes()) * 4)
    for offset, band in enumerate((alpha, red, green, blue)):
        merged[offset::4] = band.tobytes()
    return bytes(merged)


class _Pen:
    """Draws in whole pixels of a drawing, whose corner is at `across`, `down` of the layer that shows a part of it."""

    def __init__(self, pen: ImageDraw.ImageDraw, across: int, down: int) -> None:
        self._pen = pen
        self._across, self._down = across, down

    def fill(self, outline: list[Point], colour: str) -> None:
        """Fill an outline; pixels at its far edges count as outside, so that symmetric shapes stay symmetric."""
        middle_x, middle_y = ((min(p[axis] for p in outline) + max(p[axis] for p in outline)) / 2 for axis in (0, 1))
        corners = [
            (round(x) - (x > middle_x) + self._across, round(y) - (y > middle_y) + self._down) for x, y in outline
        ]
        self._pen.polygon(corners, fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        self._pen.ellipse(self._inner(x - radius, y - radius, x + radius, y + radius), fill=colour)

    def arc(self, edge: float, end: float, share: float, colour: str, width: int) -> None:
        """So much of the circle between two edges, clockwise from the top."""
        self._pen.arc(self._inner(edge, edge, end, end), -90, -90 + 360 * share, fill=colour, width=width)

    def _inner(self, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
        across, down = self._across, self._down
        return round(left) + across, round(top) + down, round(right) - 1 + across, round(bottom) - 1 + down


def _draw(pen: _Pen, stroke: _Stroke, colour: str, scale: float) -> None:
    points = [(x * scale, y * scale) for x, y in points_of(stroke.path)]
    if stroke.filled:
        pen.fill(points, colour)
    half = stroke.width * scale / 2
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        length = math.hypot(to_x - x, to_y - y) or 1
        right, down = half * (y - to_y) / length, half * (to_x - x) / length
        corners = [
            (x + right, y + down),
            (to_x + right, to_y + down),
            (to_x - right, to_y - down),
            (x - right, y - down),
        ]
        pen.fill(corners, colour)
    for x, y in points:
        pen.dot(x, y, half, colour)


def _draw_ring(pen: _Pen, wide: int, share: float, colour: str) -> None:
    """A faint ring with the share of it that is left drawn strong, clockwise from the top."""
    scale = wide / _GRID
    edge, width = _RING_EDGE * scale, round(_RING_WIDTH * scale)
    pen.arc(edge, wide - edge, 1, f"{colour}{_FAINT}", width)
    pen.arc(edge, wide - edge, share, colour, width)
