"""Where the user's session bus is, and whether it is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from traycreds.dbus.connection import BusConnection


def address(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where the session bus is, or None if there is none; systemd's socket is the fallback, as in libdbus."""
    named = environ.get("DBUS_SESSION_BUS_ADDRESS")
    if named:
        return named
    runtime = environ.get("XDG_RUNTIME_DIR")
    return f"unix:path={runtime}/bus" if runtime and (Path(runtime) / "bus").is_socket() else None


def answers() -> bool:
    """Whether someone listens where the session bus should be."""
    where = address()
    if where is None:
        return False
    try:
        BusConnection(where).close()
    except OSError:
        return False
    return True
