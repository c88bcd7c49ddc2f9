"""The icon's pictures for a StatusNotifierItem, drawn beforehand by `packaging/docs/icons.py --drawn`.

Pillow would cost 20 ms at each change, and 3 MB. Each file in `drawn` holds one look in all of `look.SIZES`: ARGB32,
deflated by zlib.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from traycreds.core.events import Notify
from traycreds.ui.icon.look import SIZES, TWELFTHS, Look, Theme

NOTICE = 48
"""Pixels of a notice's picture; what desktops show it in."""
FOLDER = Path(__file__).with_name("drawn")
_LOOKS: Sequence[tuple[Look, int | None]] = (
    *((look, None) for look in Look),
    *((Look.FRESH, left) for left in range(1, TWELFTHS + 1)),
)
EVERY: Sequence[tuple[Look, int | None, Theme]] = tuple((*look, theme) for theme in Theme for look in _LOOKS)
"""All looks of a snapshot, with each ring and theme."""


def file(look: Look, left: int | None, theme: Theme) -> Path:
    """The file of a look."""
    return FOLDER / f"{theme.value}-{look.value}{'' if left is None else f'-{left}'}.pixmaps"


@functools.lru_cache(maxsize=4)
def of(look: Look, left: int | None = None, theme: Theme = Theme.AUTO) -> tuple[tuple[int, int, bytes], ...]:
    """The icon in all sizes; `left` is the ring in twelfths, None for none."""
    data = zlib.decompress(file(look, left, theme).read_bytes())
    pixmaps, begin = [], 0
    for size in SIZES:
        end = begin + 4 * size * size
        pixmaps.append((size, size, data[begin:end]))
        begin = end
    return tuple(pixmaps)


def of_notice(notice: Notify) -> tuple[int, bytes]:
    """A notice's picture: its side in pixels, and RGBA."""
    look = Look.EXPIRING if notice.urgent or notice.roles else Look.FRESH
    look = Look.WAITING if notice.needs_user else look
    argb = next(data for side, _, data in of(look) if side == NOTICE)
    rgba = bytearray(len(argb))
    for band, offset in enumerate((1, 2, 3, 0)):
        rgba[band::4] = argb[offset::4]
    return NOTICE, bytes(rgba)


def png(side: int, argb: bytes) -> bytes:
    """A picture in ARGB32 as PNG, which Tk reads by itself (RFC 2083: each row begins with its filter, here none)."""
    step = 4 * side
    rows = b"".join(
        b"\0" + b"".join(argb[at + 1 : at + 4] + argb[at : at + 1] for at in range(row, row + step, 4))
        for row in range(0, len(argb), step)
    )
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
