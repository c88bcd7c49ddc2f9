"""The pictures of a check box."""

from __future__ import annotations

import pytest
from PIL import Image

pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")
from traycreds.ui import check_box, tk_theme


@pytest.mark.parametrize("side", [16, 32])
@pytest.mark.parametrize("colors", [tk_theme.LIGHT, tk_theme.DARK])
def test_a_check_box_differs_by_its_tick(side, colors):
    # The bands of these pictures are in the order ARGB.
    empty, ticked = (
        Image.frombytes("RGBA", (side, side), check_box.argb(side, colors, ticked=ticked)) for ticked in (False, True)
    )
    middle, tick = (side // 2, side // 5), (round(side * 0.43), round(side * 0.68))
    accent, field = (bytes.fromhex(color[1:]) for color in (tk_theme.ACCENT, colors.field))
    assert empty.getpixel(middle) == empty.getpixel(tick) == (255, *field)
    assert abs(empty.getpixel((0, side // 2))[1] - field[0]) > 55, "it has an edge"
    assert ticked.getpixel(middle) == (255, *accent)
    assert min(ticked.getpixel(tick)) > 200, "white on blue"
