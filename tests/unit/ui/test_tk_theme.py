from __future__ import annotations

import pytest

tkinter = pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")

from tests.support.contrast import contrast
from traycreds.ui import tk_theme


class Root:
    """As much of a window as is asked for its colours."""

    def __init__(self, system, *, known=True, colors=tk_theme.LIGHT):
        self.system, self.known, self.colors, self.tk = system, known, colors, self

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
        (Root("x11", colors=tk_theme.DARK), "#1d1d20"),
        (Root("win32"), "#ffffff"),
        (Root("aqua"), "systemTextBackgroundColor"),
        (Root("aqua", known=False), "#ffffff"),
    ],
)
def test_a_list_follows_light_and_dark_where_the_toolkit_knows_them(root, paper):
    assert tk_theme.list_colors(root).paper == paper


def apart(one, other):
    return contrast(*(tuple(bytes.fromhex(color[1:])) for color in (one, other)))


@pytest.mark.parametrize("colors", [tk_theme.LIGHT, tk_theme.DARK])
def test_texts_and_the_edges_that_say_something_are_seen(colors):
    """WCAG: 4.5 for texts, 3 for what shows where an element is; what is disabled has no bound."""
    grounds = (colors.paper, colors.field, colors.button, colors.hovered)
    assert min(apart(colors.text, ground) for ground in grounds) >= 4.5
    assert apart(tk_theme.ON_ACCENT, tk_theme.ACCENT) >= 4.5
    assert min(apart(edge, ground) for edge in (colors.focus, colors.box) for ground in grounds[:2]) >= 3
    of_list = tk_theme.list_colors(Root("x11", colors=colors))
    assert min(apart(color, of_list.paper) for color in (of_list.ink, of_list.faint)) >= 4.5
    assert apart(of_list.ink, of_list.selected) >= 4.5
