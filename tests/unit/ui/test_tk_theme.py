from __future__ import annotations

import io

import pytest
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


class Root:
    """As much of a window as is asked for its colours."""

    def __init__(self, system, *, known=True):
        self.system, self.known, self.tk = system, known, self

    def call(self, *words):
        assert words == ("tk", "windowingsystem")
        return self.system

    def winfo_rgb(self, color):
        if not self.known:
            raise pytest.importorskip("tkinter").TclError(color)


@pytest.mark.parametrize(
    ("root", "paper"),
    [
        (Root("x11"), "#ffffff"),
        (Root("win32"), "#ffffff"),
        (Root("aqua"), "systemTextBackgroundColor"),
        (Root("aqua", known=False), "#ffffff"),
    ],
)
def test_a_list_follows_light_and_dark_where_the_toolkit_knows_them(root, paper):
    pytest.importorskip("tkinter")
    assert tk_theme.list_colors(root).paper == paper
