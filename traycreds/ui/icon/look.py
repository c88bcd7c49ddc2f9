"""The icon's look for a snapshot: state, ring and panel. Reads only the color of Windows' taskbar. Draws nothing."""

from __future__ import annotations

import contextlib
import enum
import sys
from datetime import timedelta

from traycreds.core.snapshot import Snapshot, Status

if sys.platform == "win32":
    import winreg

SIZES = (16, 22, 24, 32, 48, 64)
"""Pixels; what panels ask for at the scales in use."""

TWELFTHS = 12
"""Steps of the ring: for a session of an hour the icon is drawn every five minutes, not every minute."""


_AN_HOUR = timedelta(hours=1)


class Look(enum.Enum):
    """How the icon looks."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    EXPIRING = "expiring"
    WAITING = "waiting"
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
TROUBLE = (Look.EXPIRING, Look.WAITING, Look.FAILED)
"""What no pause hides, and what desktops are asked to show among icons that they hide."""


def look(snapshot: Snapshot) -> Look:
    """The look for a snapshot; a pause shows unless something is worse.

    What needs the user wins over what is broken, even while its session is good, as in `labels.overall`; the file wins
    over both.
    """
    found = _LOOK_OF[snapshot.overall]
    if snapshot.trouble is None and any(view.waits_for_user for view in snapshot.roles):
        found = Look.WAITING
    return Look.PAUSED if snapshot.paused and found not in TROUBLE else found


def theme(snapshot: Snapshot) -> Theme:
    """The theme that the user wants; `AUTO` becomes that of the taskbar on Windows, the only system that tells."""
    wanted = Theme(snapshot.theme)
    return (_of_taskbar() or wanted) if wanted is Theme.AUTO else wanted


def left(snapshot: Snapshot) -> int | None:
    """The ring in twelfths, by what is left of the default role's session; None without a ring."""
    chosen = snapshot.default
    if look(snapshot) is not Look.FRESH or chosen is None or chosen.expires_at is None:
        return None
    twelfths = -(-(chosen.expires_at - snapshot.as_of) * TWELFTHS // (chosen.lifetime or _AN_HOUR))
    return min(twelfths, TWELFTHS) if twelfths > 0 else None


def _of_taskbar() -> Theme | None:
    """The tone of Windows' taskbar, or None if unknown; the value exists since version 1903."""
    if sys.platform == "win32":
        place = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        with contextlib.suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, place) as key:
            light, _ = winreg.QueryValueEx(key, "SystemUsesLightTheme")
            return Theme.LIGHT if light else Theme.DARK
    return None
