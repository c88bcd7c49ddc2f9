"""The badge for the default role, by color, shape and letter; red is a square, others a disc. Pure."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from traycreds.core.names import is_production
from traycreds.core.snapshot import RoleView, Snapshot

COLORS: Mapping[str, tuple[int, int]] = {
    "red": (0xC81E1E, 0xFFFFFF),
    "orange": (0xF07D00, 0x1E1400),
    "yellow": (0xF6D32D, 0x1E1400),
    "green": (0x1B7F4B, 0xFFFFFF),
    "blue": (0x1B5FC0, 0xFFFFFF),
    "purple": (0x7A2FA8, 0xFFFFFF),
    "gray": (0x4A525E, 0xFFFFFF),
}
"""Each badge color, and the color of the letter on it."""
SQUARE = "red"
_SHARE = 0.45
"""How much of the icon's side the badge takes."""
_WIDE, _HIGH = 3, 5
_ROWS = (
    "755572622761247612165571174616347577122275757757162575565656344436555674647746443455355755"
    "722271115255655444475775565555255526564425563656553421672222555575555255775552555522271247"
)
_GLYPHS = {
    letter: _ROWS[_HIGH * place : _HIGH * (place + 1)]
    for place, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
"""Each letter on a grid of 3 by 5, a digit for each row, legible on 7 pixels."""


class Badge(NamedTuple):
    """What it shows; no letter if the label's first one has no glyph."""

    color: str
    letter: str


def of(snapshot: Snapshot) -> Badge | None:
    """The badge for the default role; None without a color."""
    view = snapshot.default
    return None if view is None else of_role(view)


def of_role(view: RoleView) -> Badge | None:
    """The badge of a role; None without a color."""
    if view.color is None or view.color not in COLORS:
        return None
    named = view.label or ("P" if is_production(view.name) else view.name)
    return Badge(view.color, next((each for each in named.upper() if each in _GLYPHS), ""))


@functools.lru_cache(maxsize=32)
def drawn(badge: Badge, side: int) -> tuple[int, bytes, bytes]:
    """The badge's corner of an icon: its side, ARGB pixels, and 255 for each pixel to replace, with a gap around it."""
    size, gap = round(side * _SHARE), max(1, side // 22)
    ground, ink = COLORS[badge.color]
    scale = max(1, round(size / 9))
    left, top = (size - _WIDE * scale) // 2, (size - _HIGH * scale) // 2
    rows = _GLYPHS.get(badge.letter, "0" * _HIGH)

    def within(x: int, y: int) -> float:
        """How far a pixel is within the badge's edge."""
        if badge.color == SQUARE:
            return min(x, y) + 1.0
        return size / 2 + 0.5 - math.hypot(x + 0.5 - size / 2, y + 0.5 - size / 2)

    def pixel(x: int, y: int) -> bytes:
        column, row = (x - left) // scale, (y - top) // scale
        inked = 0 <= column < _WIDE and 0 <= row < _HIGH and int(rows[row]) >> (_WIDE - 1 - column) & 1
        opacity = round(255 * min(1.0, max(0.0, within(x, y))))
        return bytes((opacity,)) + (ink if inked else ground).to_bytes(3, "big")

    places = [(x, y) for y in range(-gap, size) for x in range(-gap, size)]
    replaced = bytes(255 if within(x, y) > -gap else 0 for x, y in places)
    return size + gap, b"".join(pixel(x, y) for x, y in places), replaced


def stamped(pixmaps: Iterable[tuple[int, int, bytes]], badge: Badge | None) -> tuple[tuple[int, int, bytes], ...]:
    """An icon in the form of a StatusNotifierItem, with the badge in its lower right corner."""
    if badge is None:
        return tuple(pixmaps)
    icon = []
    for width, height, data in pixmaps:
        corner, pixels, replaced = drawn(badge, width)
        changed = bytearray(data)
        for place in (place for place, is_new in enumerate(replaced) if is_new):
            row, column = divmod(place, corner)
            at = 4 * ((height - corner + row) * width + width - corner + column)
            changed[at : at + 4] = pixels[4 * place : 4 * place + 4]
        icon.append((width, height, bytes(changed)))
    return tuple(icon)
