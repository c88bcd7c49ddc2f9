"""What the tray on Linux shows is what the drawings are."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image

from traycreds.core.events import Notify
from traycreds.ui.icon import drawing, pixmaps
from traycreds.ui.icon.look import SIZES, Look

EDGE = 40
"""How much a value of an edge's pixel may differ: versions of Pillow round lines differently."""


@pytest.mark.parametrize(("look", "left", "theme"), pixmaps.EVERY)
def test_each_look_is_as_it_is_drawn(look, left, theme):
    for kept, drawn in zip(pixmaps.of(look, left, theme), drawing.pixmaps(look, left, theme), strict=True):
        assert kept[:2] == drawn[:2]
        assert len(kept[2]) == len(drawn[2])
        differing = sum(abs(a - b) > EDGE for a, b in zip(kept[2], drawn[2], strict=True))
        assert differing <= len(drawn[2]) // 100, "draw it again: python packaging/docs/icons.py --drawn"


def test_every_stored_picture_is_used():
    assert {file.name for file in pixmaps.FOLDER.iterdir()} == {pixmaps.file(*each).name for each in pixmaps.EVERY}


def test_showing_an_icon_needs_no_pillow(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "PIL"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    pixmaps.of.cache_clear()
    assert len(pixmaps.of(Look.FAILED)) == len(SIZES)


@pytest.mark.parametrize(
    ("notice", "look"),
    [
        (Notify("about", "traycreds", "1.0"), Look.FRESH),
        (Notify("ending-dev", "dev ends", "Now.", urgent=True), Look.EXPIRING),
        (Notify("failing-mfa", "dev: no session", "Code.", roles=("dev",), needs_user=True), Look.WAITING),
        (Notify("failing-network", "dev: no session", "No.", roles=("dev",)), Look.EXPIRING),
    ],
)
def test_a_notice_has_the_picture_of_its_kind(notice, look):
    side, rgba = pixmaps.of_notice(notice)
    assert side == 48
    for place in (48 * 24 + 24, 48 * 30 + 12, 0):
        argb = pixmaps.of(look)[4][2][4 * place : 4 * place + 4]
        assert rgba[4 * place : 4 * place + 4] == argb[1:] + argb[:1]


def test_the_picture_of_a_dialog_is_a_png_of_the_icon():
    for side, _, argb in pixmaps.of(Look.FRESH):
        with Image.open(io.BytesIO(pixmaps.png(side, argb))) as picture:
            picture.load()
            assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (side, side))
            assert drawing.argb(picture) == argb
