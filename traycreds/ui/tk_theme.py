"""The look of our own windows, for the MFA dialog and the role finder: colors, lengths for fine screens, the shield."""

from __future__ import annotations

import sys
import tkinter as tk
from tkinter import ttk
from typing import Any, NamedTuple

from traycreds.ui.icon import look, pixmaps

PAPER, TEXT, LINE, ACCENT = "#f6f5f4", "#2b2b2f", "#c9c6c2", "#1b6fd0"
_PAD, _SIDE = 12, 48


class ListColors(NamedTuple):
    """The colors of a list of our own."""

    paper: str
    ink: str
    faint: str
    selected: str


_LIGHT = ListColors("#ffffff", TEXT, "#5b5b62", "#dce9f8")
_MAC = ListColors(
    "systemTextBackgroundColor", "systemTextColor", "systemTextColor", "systemSelectedTextBackgroundColor"
)
"""These follow the user's light or dark; Tk before 8.6.10 does not know them."""


def new_window() -> Any:
    """A program's window, with letters as large as the desktop's. Raises tkinter.TclError: no display.

    X11 desktops put the real density into the resource Xft.dpi, not the X server. Tk finds resources by class, so a
    hidden window has the class Xft.
    """
    dots = ""
    if sys.platform not in ("win32", "darwin"):
        asking: Any = tk.Tk(className="Xft")
        dots = str(asking.option_get("dpi", "Dpi"))
        asking.destroy()
    root: Any = tk.Tk()
    if dots.isdecimal():
        root.tk.call("tk", "scaling", int(dots) / 72)
        for name in root.tk.splitlist(root.tk.call("font", "names")):
            size = root.tk.call("font", "configure", name, "-size")
            root.tk.call("font", "configure", name, "-size", size)  # else it keeps the pixels that it has
    return root


def list_colors(root: Any) -> ListColors:
    """The colors of a list on this system."""
    if root.tk.call("tk", "windowingsystem") != "aqua":
        return _LIGHT
    try:
        for color in _MAC:
            root.winfo_rgb(color)
    except tk.TclError:
        return _LIGHT
    return _MAC


def set_up(root: Any, title: str) -> None:
    """A window of a fixed size with its title, in plain colours where the system has no look of its own."""
    root.title(title)
    root.resizable(width=False, height=False)
    if root.tk.call("tk", "windowingsystem") == "x11":  # Windows and macOS have one
        dress(root, ttk.Style(root))


def form(root: Any, title: str, *, rows: int) -> tuple[Any, int]:
    """A window of a fixed size with the shield beside this many rows; its frame, and the pixels of a space in it."""
    set_up(root, title)
    pad = round(_PAD * scale(root))
    frame: Any = ttk.Frame(root, padding=(pad * 2, pad * 2, pad * 2, pad))
    frame.grid()
    # Tk shows a picture only as long as Python holds it.
    frame.picture = picture(root, round(_SIDE * scale(root)))
    ttk.Label(frame, image=frame.picture).grid(rowspan=rows, padx=(0, pad * 3 // 2), sticky="n")
    return frame, pad


def dress(root: Any, style: Any) -> None:
    """Plain light colors: Tk's own look on X11 is thirty years old."""
    fine = scale(root)
    style.theme_use("clam")
    root.configure(background=PAPER)
    style.configure(".", background=PAPER, foreground=TEXT, bordercolor=LINE, lightcolor=PAPER, darkcolor=PAPER)
    style.configure("TEntry", fieldbackground="#ffffff", lightcolor="#ffffff", padding=round(4 * fine))
    style.map("TEntry", bordercolor=[("focus", ACCENT)], lightcolor=[("focus", ACCENT)])
    style.configure("TCombobox", fieldbackground="#ffffff", lightcolor="#ffffff", padding=round(4 * fine))
    style.configure("TCombobox", background="#ffffff", arrowcolor=TEXT, arrowsize=round(13 * fine))
    style.map("TCombobox", bordercolor=[("focus", ACCENT)], lightcolor=[("focus", ACCENT)])
    style.map("TCheckbutton", background=[("active", PAPER)])
    style.configure("TButton", background="#ffffff", lightcolor="#ffffff", darkcolor="#ffffff")
    style.configure("TButton", padding=(round(14 * fine), round(5 * fine)))
    style.map("TButton", background=[("active", "#eeedeb")], bordercolor=[("focus", ACCENT)])
    style.configure("Main.TButton", background=ACCENT, foreground="#ffffff", lightcolor=ACCENT, darkcolor=ACCENT)
    style.configure(
        "TScrollbar", background=LINE, troughcolor=PAPER, bordercolor=PAPER, lightcolor=LINE, darkcolor=LINE
    )
    style.configure("TScrollbar", arrowsize=round(13 * fine), gripcount=0, arrowcolor=TEXT)
    style.map("TScrollbar", background=[("disabled", PAPER)], lightcolor=[("disabled", PAPER)])
    faint = [("disabled", "#dddbd8")]
    style.map(
        "Main.TButton",
        background=[*faint, ("active", "#155fb5")],
        foreground=[("disabled", "#8a8885")],
        lightcolor=faint,
        darkcolor=faint,
    )


def scale(root: Any) -> float:
    """The screen's density relative to 96 dots an inch, because Tk scales letters but not pixel lengths."""
    return max(1.0, float(root.tk.call("tk", "scaling")) * 72 / 96)


def picture(root: Any, side: int) -> Any:
    """The shield, also as the window's own icon."""

    def made(side: int, argb: bytes) -> Any:
        return tk.PhotoImage(master=root, data=pixmaps.png(side, argb), format="png")

    pictures = {width: made(width, argb) for width, _, argb in pixmaps.of(look.Look.FRESH)}
    root.iconphoto(True, *pictures.values())
    if side in pictures:
        return pictures[side]
    from traycreds.ui.icon import drawing  # a finer screen than most, and worth Pillow

    return made(side, drawing.argb(drawing.image(look.Look.FRESH, side)))
