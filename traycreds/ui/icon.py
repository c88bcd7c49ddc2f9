"""Draws the tray icon with Pillow: one look for each state, different by colour and by shape.

Safe for the colour-blind (shield with check, arrows, triangle, octagon, hollow shield, shield with bars), readable on
light and dark panels (middle tones). From 22 pixels on, a ring around the shield of good times shows what the default
role's session has left. Drawn once for each look and size, on demand. Never touches a tray or a file.
The drawings are SVG paths on a grid of 16; `svg` gives the sources that stand in assets/, so both are always the same.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from traycreds.core.shown import Snapshot, Status

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIZES = (16, 22, 24, 32, 48, 64)
"""Pixels; what panels ask for at the scales in use."""

Pixmap: TypeAlias = "tuple[int, int, bytes]"
"""Width, height, ARGB32 in network byte order: the form of StatusNotifierItem's IconPixmap."""
Point: TypeAlias = "tuple[float, float]"


class Look(enum.Enum):
    """How the icon looks."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    EXPIRING = "expiring"
    FAILED = "failed"
    OFF = "off"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stroke:
    """One part of a drawing: SVG path data with absolute M, L, C and Z, filled or drawn as a round line."""

    path: str
    colour: str
    width: float = 0
    filled: bool = False


_GRID = 16
_FINE = 24
"""Up to this size a pixel is drawn 8 by 8, above it 4 by 4: the eye sees no difference there, the start-up does."""
_CURVE_STEPS = 12

_TWELFTHS = 12
_TWELFTH = timedelta(hours=1) / _TWELFTHS
"""One step of the ring: the icon is drawn anew every five minutes, not every minute."""
_RINGED = 22
"""From this size on there is room for a ring; at 16 pixels the shield would be a blot within it."""
_WITHIN_RING = 0.69
_RING_EDGE, _RING_WIDTH = 0.35, 1.55
_FAINT = "4b"
"""Opacity of the part of the ring that has run out, in hexadecimal."""

_GREEN, _BLUE, _AMBER, _RED, _GREY = "#12a06b", "#2f8fe8", "#f5a50b", "#e0382c", "#8b94a1"
_WHITE, _INK = "#ffffff", "#3d2600"
_SHIELD = (
    "M8 1 C10 2.4 11.6 2.9 13.5 3 L13.5 7.6 C13.5 11 11.3 13.6 8 15 "
    "C4.7 13.6 2.5 11 2.5 7.6 L2.5 3 C4.4 2.9 6 2.4 8 1 Z"
)
_HOLLOW = (
    "M8 1.6 C9.8 2.9 11.2 3.4 13 3.5 L13 7.6 C13 10.7 11 13 8 14.3 C5 13 3 10.7 3 7.6 L3 3.5 C4.8 3.4 6.2 2.9 8 1.6 Z"
)
_DRAWINGS: dict[Look, tuple[_Stroke, ...]] = {
    Look.FRESH: (
        _Stroke(path=_SHIELD, colour=_GREEN, width=1, filled=True),
        _Stroke(path="M5 8 L7.1 10.1 L11 6", colour=_WHITE, width=1.9),
    ),
    Look.REFRESHING: (
        _Stroke(path="M2.6 7.5 C2.8 5.4 4.2 3.6 6.2 2.9 C8.1 2.2 10.3 2.7 11.8 4.2", colour=_BLUE, width=2.1),
        _Stroke(path="M9.6 6.4 L14.8 7.2 L14.1 1.9 Z", colour=_BLUE, width=0.6, filled=True),
        _Stroke(path="M13.4 8.5 C13.2 10.6 11.8 12.4 9.8 13.1 C7.9 13.8 5.7 13.3 4.2 11.8", colour=_BLUE, width=2.1),
        _Stroke(path="M6.4 9.6 L1.2 8.8 L1.9 14.1 Z", colour=_BLUE, width=0.6, filled=True),
    ),
    Look.EXPIRING: (
        _Stroke(path="M8 2.2 L14.3 13.8 L1.7 13.8 Z", colour=_AMBER, width=2.4, filled=True),
        _Stroke(path="M8 6.2 L8 9.2", colour=_INK, width=1.9),
        _Stroke(path="M8 12.3 L8 12.4", colour=_INK, width=1.9),
    ),
    Look.FAILED: (
        _Stroke(
            path="M5.3 1.4 L10.7 1.4 L14.6 5.3 L14.6 10.7 L10.7 14.6 L5.3 14.6 L1.4 10.7 L1.4 5.3 Z",
            colour=_RED,
            width=0.8,
            filled=True,
        ),
        _Stroke(path="M5.5 5.5 L10.5 10.5", colour=_WHITE, width=2),
        _Stroke(path="M10.5 5.5 L5.5 10.5", colour=_WHITE, width=2),
    ),
    Look.OFF: (_Stroke(path=_HOLLOW, colour=_GREY, width=2),),
    Look.PAUSED: (
        _Stroke(path=_SHIELD, colour=_GREY, width=1, filled=True),
        _Stroke(path="M6 5.8 L6 10", colour=_WHITE, width=2),
        _Stroke(path="M10 5.8 L10 10", colour=_WHITE, width=2),
    ),
}
_LOOK_OF = {
    Status.FRESH: Look.FRESH,
    Status.REFRESHING: Look.REFRESHING,
    Status.EXPIRING: Look.EXPIRING,
    Status.EXPIRED: Look.FAILED,
    Status.FAILED: Look.FAILED,
    Status.OFF: Look.OFF,
}


def look(snapshot: Snapshot) -> Look:
    """The look for a snapshot; a pause shows unless something is worse."""
    found = _LOOK_OF[snapshot.overall]
    return Look.PAUSED if snapshot.paused and found not in (Look.EXPIRING, Look.FAILED) else found


def left(snapshot: Snapshot) -> int | None:
    """How much of the ring is drawn, in twelfths; None for an icon without a ring.

    The ring is a dial of one hour: what the default role's session has left, full for an hour and more.
    """
    chosen = next((view for view in snapshot.roles if view.is_default), None)
    if look(snapshot) is not Look.FRESH or chosen is None or chosen.expires_at is None:
        return None
    twelfths = -(-(chosen.expires_at - snapshot.as_of) // _TWELFTH)
    return min(twelfths, _TWELFTHS) if twelfths > 0 else None


@functools.lru_cache(maxsize=64)
def image(look_: Look, size: int, left_: int | None = None) -> Image.Image:
    """The icon as a picture of `size` by `size` pixels with transparency; small ones are drawn without a ring."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - takes 20 ms, which `--version` and `status` need not pay

    wide = size * (8 if size <= _FINE else 4)
    ringed = left_ is not None and size >= _RINGED
    inner = round(wide * _WITHIN_RING / 2) * 2 if ringed else wide
    big = Image.new("RGBA", (wide, wide))
    place = ((wide - inner) // 2,) * 2
    for stroke in _DRAWINGS[look_]:
        layer = Image.new("RGBA", (inner, inner), f"{stroke.colour}00")  # its own colour: no dark fringe comes in
        _draw(ImageDraw.Draw(layer), stroke, inner / _GRID)
        big.alpha_composite(layer, place)
    if ringed:
        ring = Image.new("RGBA", big.size, f"{_GREEN}00")
        _draw_ring(ImageDraw.Draw(ring), wide, (left_ or 0) / _TWELFTHS)
        big.alpha_composite(ring)
    return big.resize((size, size), Image.Resampling.BOX)


@functools.lru_cache(maxsize=16)
def pixmaps(look_: Look, left_: int | None = None) -> tuple[Pixmap, ...]:
    """The icon in all sizes for a StatusNotifierItem."""
    return tuple((size, size, _argb(image(look_, size, left_))) for size in SIZES)


def svg(look_: Look) -> str:
    """The icon as an SVG document."""
    lines = [
        f'  <path d="{part.path}" fill="{part.colour if part.filled else "none"}" stroke="{part.colour}"'
        f' stroke-width="{part.width:g}" stroke-linecap="round" stroke-linejoin="round"/>'
        for part in _DRAWINGS[look_]
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 {_GRID} {_GRID}">'
    return "\n".join([head, f"  <title>traycreds: {look_.value}</title>", *lines, "</svg>", ""])


def _argb(picture: Image.Image) -> bytes:
    red, green, blue, alpha = picture.split()
    merged = bytearray(len(red.tobytes()) * 4)
    for offset, band in enumerate((alpha, red, green, blue)):
        merged[offset::4] = band.tobytes()
    return bytes(merged)


def _draw(pen: ImageDraw.ImageDraw, stroke: _Stroke, scale: float) -> None:
    points = [(x * scale, y * scale) for x, y in _points(stroke.path)]
    if stroke.filled:
        pen.polygon(points, fill=stroke.colour)
    width = stroke.width * scale
    pen.line(points, fill=stroke.colour, width=round(width))
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=stroke.colour)


def _draw_ring(pen: ImageDraw.ImageDraw, wide: int, share: float) -> None:
    """A faint ring with the share of it that is left drawn strong, clockwise from the top."""
    scale = wide / _GRID
    edge, width = _RING_EDGE * scale, round(_RING_WIDTH * scale)
    box = (edge, edge, wide - edge, wide - edge)
    pen.arc(box, 0, 360, fill=f"{_GREEN}{_FAINT}", width=width)
    pen.arc(box, -90, -90 + 360 * share, fill=_GREEN, width=width)


def _points(path: str) -> list[Point]:
    """The outline as points; curves become short lines."""
    points: list[Point] = []
    words = path.replace("M", "M ").replace("L", "L ").replace("C", "C ").split()
    index = 0
    while index < len(words):
        command, count = words[index], {"M": 1, "L": 1, "C": 3, "Z": 0}[words[index]]
        numbers = [float(word) for word in words[index + 1 : index + 1 + 2 * count]]
        ends = list(zip(numbers[::2], numbers[1::2], strict=True))
        points += _curve(points[-1], *ends) if command == "C" else ends or points[:1]
        index += 1 + 2 * count
    return points


def _curve(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    """A cubic Bézier curve as short lines, without its start."""
    points = []
    for step in range(1, _CURVE_STEPS + 1):
        t = step / _CURVE_STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        x, y = (sum(w * p[axis] for w, p in zip(weights, (start, first, second, end), strict=True)) for axis in (0, 1))
        points.append((x, y))
    return points
