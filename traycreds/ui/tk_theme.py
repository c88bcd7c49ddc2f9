"""The look of our own windows, for the MFA dialog and the role finder: colors, lengths for fine screens, the shield."""

from __future__ import annotations

import sys
import tkinter as tk
from tkinter import ttk
from typing import Any, NamedTuple

from traycreds.ui import windows_look
from traycreds.ui.icon import look, pixmaps

ACCENT, ON_ACCENT = "#1b6fd0", "#ffffff"
"""The main button, and what is selected; and the text on it."""
_PAD, _SIDE = 12, 48


class Colors(NamedTuple):
    """The colors of a window: its ground and text, and those of its fields and buttons."""

    paper: str
    text: str
    line: str
    field: str
    button: str
    hovered: str
    focus: str
    disabled: str
    disabled_text: str
    box: str
    """The edge of a check box, seen better than other lines, as nothing else shows an empty one."""


LIGHT = Colors(
    paper="#f6f5f4",
    text="#2b2b2f",
    line="#c9c6c2",
    field="#ffffff",
    button="#ffffff",
    hovered="#eeedeb",
    focus=ACCENT,
    disabled="#dddbd8",
    disabled_text="#8a8885",
    box="#85827e",
)
DARK = Colors(
    paper="#2a2a2d",
    text="#f0f0f2",
    line="#56565c",
    field="#1d1d20",
    button="#3a3a3f",
    hovered="#47474d",
    focus="#62a0ea",
    disabled="#323236",
    disabled_text="#85858c",
    box="#8f8f96",
)


class ListColors(NamedTuple):
    """The colors of a list of our own."""

    paper: str
    ink: str
    faint: str
    selected: str


_LIGHT_LIST = ListColors(LIGHT.field, LIGHT.text, "#5b5b62", "#dce9f8")
_DARK_LIST = ListColors(DARK.field, DARK.text, "#b4b4bb", "#23405f")
_MAC = ListColors(
    "systemTextBackgroundColor", "systemTextColor", "systemTextColor", "systemSelectedTextBackgroundColor"
)
"""These follow the user's light or dark; Tk before 8.6.10 does not know them."""


def new_window() -> Any:
    """A program's window, as light and with letters as large as the desktop's. Raises tkinter.TclError: no display.

    X11 desktops put the real density into the resource Xft.dpi, not the X server. Tk finds resources by class, so a
    hidden window has the class Xft.
    """
    dots = ""
    if sys.platform not in ("win32", "darwin"):
        asking: Any = tk.Tk(className="Xft")
        dots = str(asking.option_get("dpi", "Dpi"))
        asking.destroy()
    # Docks and the top bar of GNOME show this name.
    root: Any = tk.Tk(className="traycreds")
    if dots.isdecimal():
        root.tk.call("tk", "scaling", int(dots) / 72)
        for name in root.tk.splitlist(root.tk.call("font", "names")):
            size = root.tk.call("font", "configure", name, "-size")
            # A font keeps its size in pixels until its size is set again.
            root.tk.call("font", "configure", name, "-size", size)
    root.colors = DARK if _is_dark(root.tk.call("tk", "windowingsystem")) else LIGHT
    return root


def _is_dark(system: str) -> bool:
    # macOS darkens Tk's own windows.
    if system == "x11":
        from traycreds.ui import color_scheme

        return color_scheme.is_dark()
    if system == "win32":
        return windows_look.is_dark()
    return False


def has_our_colors(root: Any) -> bool:
    """Whether a window by `new_window` has our colors: other systems have their own, but Windows no dark ones."""
    return root.colors is DARK or root.tk.call("tk", "windowingsystem") == "x11"


def list_colors(root: Any) -> ListColors:
    """The colors of a list on this system, in a window by `new_window`."""
    own = _DARK_LIST if root.colors is DARK else _LIGHT_LIST
    if root.tk.call("tk", "windowingsystem") != "aqua":
        return own
    try:
        for color in _MAC:
            root.winfo_rgb(color)
    except tk.TclError:
        return own
    return _MAC


def set_up(root: Any, title: str) -> None:
    """A window of a fixed size with its title, in plain colours where Tk has no native theme."""
    root.title(title)
    root.resizable(width=False, height=False)
    if has_our_colors(root):
        dress(root, ttk.Style(root))
    if root.colors is DARK and root.tk.call("tk", "windowingsystem") == "win32":
        # There is no frame before the window is drawn once.
        root.update_idletasks()
        windows_look.darken_frame(int(root.wm_frame(), 16))


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
    """Plain colors, light or dark: Tk's own look on X11 is thirty years old."""
    fine, colors = scale(root), root.colors
    paper, line, field, button = colors.paper, colors.line, colors.field, colors.button
    style.theme_use("clam")
    root.configure(background=paper)
    style.configure(".", background=paper, foreground=colors.text, bordercolor=line, lightcolor=paper, darkcolor=paper)
    style.configure(".", selectbackground=ACCENT, selectforeground=ON_ACCENT, insertcolor=colors.text)
    for name in ("TEntry", "TCombobox"):
        style.configure(name, fieldbackground=field, lightcolor=field, padding=round(4 * fine))
        style.map(name, bordercolor=[("focus", colors.focus)], lightcolor=[("focus", colors.focus)])
    style.configure("TCombobox", background=field, arrowcolor=colors.text, arrowsize=round(13 * fine))
    style.map("TCombobox", background=[("active", colors.hovered), ("pressed", colors.hovered)])
    # The style does not cover the list that a combobox opens.
    for option, color in (("background", field), ("foreground", colors.text), ("selectBackground", ACCENT)):
        root.option_add(f"*TCombobox*Listbox.{option}", color)
    root.option_add("*TCombobox*Listbox.selectForeground", ON_ACCENT)
    style.map("TCheckbutton", background=[("active", paper)])
    pressed = [("pressed", colors.hovered)]
    style.configure("TButton", background=button, lightcolor=button, darkcolor=button)
    style.configure("TButton", padding=(round(14 * fine), round(5 * fine)))
    style.map(
        "TButton",
        background=[("active", colors.hovered)],
        bordercolor=[("focus", colors.focus)],
        foreground=[("disabled", colors.disabled_text)],
        lightcolor=pressed,
        darkcolor=pressed,
    )
    style.configure("Main.TButton", background=ACCENT, foreground=ON_ACCENT, lightcolor=ACCENT, darkcolor=ACCENT)
    style.configure(
        "TScrollbar", background=line, troughcolor=paper, bordercolor=paper, lightcolor=line, darkcolor=line
    )
    style.configure("TScrollbar", arrowsize=round(13 * fine), gripcount=0, arrowcolor=colors.text)
    style.map("TScrollbar", background=[("disabled", paper)], lightcolor=[("disabled", paper)])
    faint = [("disabled", colors.disabled)]
    style.map(
        "Main.TButton",
        background=[*faint, ("active", "#155fb5")],
        foreground=[("disabled", colors.disabled_text)],
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
    # Only a screen that is finer than most needs Pillow.
    from traycreds.ui.icon import drawing

    return made(side, drawing.argb(drawing.image(look.Look.FRESH, side)))
