"""Which look the icon has for a snapshot: its state, what its ring shows, and the panel it must be seen on.

Pure, but for what Windows tells of its taskbar. Draws nothing: `icon` does, and `pixmaps` has it drawn.
"""

from __future__ import annotations

import enum
import sys
from datetime import timedelta

from traycreds.core.shown import Snapshot, Status

SIZES = (16, 22, 24, 32, 48, 64)
"""Pixels; what panels ask for at the scales in use."""

TWELFTHS = 12
_TWELFTH = timedelta(hours=1) / TWELFTHS
"""One step of the ring: the icon is drawn anew every five minutes, not every minute."""


class Look(enum.Enum):
    """How the icon looks."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    EXPIRING = "expiring"
    FAILED = "failed"
    OFF = "off"
    PAUSED = "paused"


class Theme(enum.Enum):
    """The panel that the icon must be seen on."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


_LOOK_OF = {
    Status.FRESH: Look.FRESH,
    Status.REFRESHING: Look.REFRESHING,
    Status.EXPIRING: Look.EXPIRING,
    Status.EXPIRED: Look.FAILED,
    Status.FAILED: Look.FAILED,
    Status.OFF: Look.OFF,
}


def look(snapshot: Snapshot) -> Look:
    """The look for a snapshot; a pause shows unless something is worse."""
    found = _LOOK_OF[snapshot.overall]
    return Look.PAUSED if snapshot.paused and found not in (Look.EXPIRING, Look.FAILED) else found


def theme(snapshot: Snapshot) -> Theme:
    """The theme that the user wants; `AUTO` becomes that of the taskbar on Windows, which tells it.

    Elsewhere nobody does: GNOME's bar is dark, macOS's takes the tone of the wallpaper, whatever programs look like.
    """
    wanted = Theme(snapshot.theme)
    return (_of_taskbar() or wanted) if wanted is Theme.AUTO else wanted


def left(snapshot: Snapshot) -> int | None:
    """How much of the ring is drawn, in twelfths; None for an icon without a ring.

    The ring is a dial of one hour: what the default role's session has left, full for an hour and more.
    """
    chosen = next((view for view in snapshot.roles if view.is_default), None)
    if look(snapshot) is not Look.FRESH or chosen is None or chosen.expires_at is None:
        return None
    twelfths = -(-(chosen.expires_at - snapshot.as_of) // _TWELFTH)
    return min(twelfths, TWELFTHS) if twelfths > 0 else None


def _of_taskbar() -> Theme | None:
    """What the taskbar of Windows is like, or None where nothing tells; the value exists since version 1903."""
    if sys.platform != "win32":
        return None
    import winreg  # noqa: PLC0415 - exists on Windows only

    place = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, place) as key:
            light, _ = winreg.QueryValueEx(key, "SystemUsesLightTheme")
    except OSError:
        return None
    return Theme.LIGHT if light else Theme.DARK
