from __future__ import annotations

import pytest

tkinter = pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")

from traycreds.ui import tk_theme


class Root:
    """As much of a window as is asked for its colours."""

    def __init__(self, system, *, known=True):
        self.system, self.known, self.tk = system, known, self

    def call(self, *words):
        assert words == ("tk", "windowingsystem")
        return self.system

    def winfo_rgb(self, color):
        if not self.known:
            raise tkinter.TclError(color)


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
    assert tk_theme.list_colors(root).paper == paper
