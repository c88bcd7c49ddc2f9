from __future__ import annotations

import io

from PIL import Image

from traycreds.ui import tk_theme
from traycreds.ui.icon import drawing, pixmaps
from traycreds.ui.icon.look import Look


def test_the_picture_of_a_dialog_is_a_png_of_the_icon():
    for side, _, argb in pixmaps.of(Look.FRESH):
        with Image.open(io.BytesIO(tk_theme.png(side, argb))) as picture:
            picture.load()
            assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (side, side))
            assert drawing.argb(picture) == argb
