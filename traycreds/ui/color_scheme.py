"""Whether the user prefers dark windows, as a Linux desktop tells it: Tk reads no desktop's settings."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from traycreds.dbus import session
from traycreds.dbus.connection import BusConnection
from traycreds.dbus.objects import Address, DBusError

SECONDS = 1.0
"""How long the desktop may take, while the user waits for a window: the service may have to start first."""
PORTAL = "org.freedesktop.portal.Desktop"
XFCONF = "org.xfce.Xfconf"
_PORTAL_SETTINGS = Address("/org/freedesktop/portal/desktop", PORTAL, "org.freedesktop.portal.Settings")
_XFCONF_SETTINGS = Address("/org/xfce/Xfconf", XFCONF, XFCONF)
_SCHEME = ("org.freedesktop.appearance", "color-scheme")
_THEME = ("xsettings", "/Net/ThemeName")
_DARK, _LIGHT = 1, 2
"""What the portal says; 0 is no preference."""


def is_dark(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user prefers dark windows; False too where nobody says. Never raises."""
    named = environ.get("GTK_THEME", "")
    if named:
        return _is_dark_theme(named)
    deadline = time.monotonic() + SECONDS
    address = session.address(environ)
    if address is None:
        return False
    try:
        connection = BusConnection(address, seconds=SECONDS)
    except OSError:
        return False
    try:
        scheme = _ask(connection, _PORTAL_SETTINGS, "Read", _SCHEME, deadline)
        if scheme in (_DARK, _LIGHT):
            return bool(scheme == _DARK)
        if "XFCE" not in environ.get("XDG_CURRENT_DESKTOP", "").split(":"):
            return False
        # Xfce's settings have only a theme, and the portal does not read it.
        theme = _ask(connection, _XFCONF_SETTINGS, "GetProperty", _THEME, deadline)
        return isinstance(theme, str) and _is_dark_theme(theme)
    finally:
        connection.close()


def _ask(connection: BusConnection, address: Address, member: str, key: tuple[str, str], deadline: float) -> Any:
    """A setting without the D-Bus types around it; None if it is not known."""
    try:
        (value,) = connection.call(address, member, "ss", key, deadline=deadline).body
    except (DBusError, OSError, ValueError):
        return None
    while isinstance(value, tuple):
        _, value = value
    return value


def _is_dark_theme(name: str) -> bool:
    """Whether a GTK theme is dark by its name: "Adwaita-dark", "Adwaita:dark", "Greybird-dark-hdpi"."""
    return "dark" in name.lower().replace(":", "-").split("-")
