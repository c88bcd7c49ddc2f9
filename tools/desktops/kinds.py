"""The desktops that are tried, and how each is started."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.desktop import gnome, plasma, wayland, x11
from tests.desktop.desktop import Desktop
from tests.desktop.gnome import Gnome
from tests.desktop.plasma import Plasma
from tests.desktop.wayland import Wayland
from tests.desktop.x11 import Screen


def _has_service(_desktop: Desktop) -> None:
    """The desktop brings a notification service itself."""


def _start_notifyd(desktop: Desktop) -> None:
    assert isinstance(desktop, Screen)
    desktop.notify_by_xfce4()


def _start_dunst(desktop: Desktop) -> None:
    assert isinstance(desktop, Screen)
    desktop.notify_by_dunst()


@dataclass(frozen=True)
class Kind:
    """One desktop.

    Attributes:
        title: its name.
        package: that of Debian which has its version.
        programs: what it takes, with the Debian package of each.
        start: starts it in a folder, light or dark, at one scale.
        left_opens: whether it lets a left click open menus.
        notify: starts its notification service, where that is not running; None where it has none.
    """

    title: str
    package: str
    programs: dict[str, str]
    start: Callable[[Path, bool, int], Desktop]
    left_opens: bool = True
    notify: Callable[[Desktop], None] | None = _has_service

    def missing(self) -> list[str]:
        """The Debian packages that are not here."""
        return sorted({package for program, package in self.programs.items() if not _is_here(program)})

    def named(self) -> str:
        """Title and version: "GNOME Shell 43.9"."""
        words = ("dpkg-query", "--show", "--showformat=${Version}", self.package)
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)
        version = done.stdout.rpartition(":")[2].partition("-")[0].partition("+")[0]
        return f"{self.title} {version}".strip()


def _is_here(program: str) -> bool:
    return Path(program).exists() if program.startswith("/") else shutil.which(program) is not None


KINDS = {
    "gnome": Kind(
        "GNOME Shell",
        "gnome-shell",
        gnome.PROGRAMS,
        lambda folder, dark, scale: Gnome(folder, dark=dark, scale=scale),
    ),
    "plasma": Kind(
        "KDE Plasma",
        "plasma-workspace",
        plasma.PROGRAMS,
        lambda folder, dark, scale: Plasma(folder, dark=dark, scale=scale),
    ),
    "xfce": Kind(
        "XFCE",
        "xfce4-panel",
        {**x11.PROGRAMS, str(x11.NOTIFYD or "xfce4-notifyd"): "xfce4-notifyd"},
        lambda folder, dark, scale: Screen(folder, dark=dark, scale=scale),
        notify=_start_notifyd,
    ),
    "lxqt": Kind(
        "LXQt",
        "lxqt-panel",
        {**x11.PROGRAMS, "lxqt-panel": "lxqt-panel", "dunst": "dunst"},
        lambda folder, dark, scale: Screen(folder, dark=dark, scale=scale, panel="lxqt-panel"),
        left_opens=False,
        notify=_start_dunst,
    ),
    "sway": Kind(
        "Sway with waybar",
        "waybar",
        wayland.PROGRAMS,
        lambda folder, dark, scale: Wayland(folder, dark=dark, scale=scale),
        notify=None,
    ),
}
