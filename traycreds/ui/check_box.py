"""Check boxes with a tick for our own windows on X11: those of Tk's theme have a cross, which looks like a no."""

from __future__ import annotations

import itertools
import math
import tkinter as tk
from tkinter import ttk
from typing import Any

from traycreds.ui import tk_theme
from traycreds.ui.icon import pixmaps

_SIDE = 16
"""Pixels at 96 dots an inch."""
_TICK = ((0.24, 0.52), (0.43, 0.70), (0.77, 0.31))
"""Its corners, in parts of the box; and half its width."""
_TICK_WIDTH = 0.065
_FINE = 2
"""Points that are looked at in each pixel, down and across."""


def dress(root: Any) -> None:
    """Give the check boxes of a window ticks, where the system draws none."""
    if not tk_theme.has_our_colors(root):
        return
    side = round(_SIDE * tk_theme.scale(root))
    style: Any = ttk.Style(root)
    empty, ticked = (
        tk.PhotoImage(master=root, data=pixmaps.png(side, argb(side, root.colors, ticked=ticked)), format="png")
        for ticked in (False, True)
    )
    # Tk shows a picture only as long as Python holds it.
    root.check_boxes = empty, ticked
    style.element_create("Tick.indicator", "image", empty, ("selected", ticked), width=side + side // 3, sticky="w")
    label = ("Checkbutton.focus", {"side": "left", "children": [("Checkbutton.label", {"sticky": "nswe"})]})
    inside = [("Tick.indicator", {"side": "left"}), label]
    style.layout("TCheckbutton", [("Checkbutton.padding", {"sticky": "nswe", "children": inside})])


def argb(side: int, colors: tk_theme.Colors, *, ticked: bool) -> bytes:
    """A check box of `side` pixels, as ARGB."""
    points = [(each + 0.5) / _FINE for each in range(_FINE)]
    data = bytearray()
    for y in range(side):
        for x in range(side):
            places = [((x + dx) / side, (y + dy) / side) for dy in points for dx in points]
            inks = [bytes.fromhex(_ink(*place, 1 / side, colors, ticked=ticked)[1:]) for place in places]
            data += bytes((255, *(sum(ink[band] for ink in inks) // len(inks) for band in range(3))))
    return bytes(data)


def _ink(x: float, y: float, edge: float, colors: tk_theme.Colors, *, ticked: bool) -> str:
    if ticked:
        near = any(_distance(x, y, *ends) <= _TICK_WIDTH for ends in itertools.pairwise(_TICK))
        return tk_theme.ON_ACCENT if near else tk_theme.ACCENT
    return colors.field if edge <= min(x, y, 1 - x, 1 - y) else colors.box


def _distance(x: float, y: float, start: tuple[float, float], end: tuple[float, float]) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * across + (y - start[1]) * down) / (across**2 + down**2)
    at = min(1.0, max(0.0, along))
    return math.hypot(x - start[0] - at * across, y - start[1] - at * down)
