"""Hears from logind when the machine has woken.

Never needed for being right: the engine's clocks notice sleep as well, but only at its next look, up to half a minute
later. Linux alone: on Windows and macOS that look is what there is.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

_LOGIND = "org.freedesktop.login1"
_SECONDS = 5.0
"""For the bus to answer."""


def watch(woke: Callable[[], None]) -> None:
    """Call back each time the machine has woken, from a daemon thread, as long as there is a system bus."""
    if sys.platform == "linux":
        threading.Thread(target=_listen, args=(woke,), name="power", daemon=True).start()


def _listen(woke: Callable[[], None]) -> None:
    """Returns when there is no bus, or no more."""
    from jeepney import DBusErrorResponse, MatchRule  # noqa: PLC0415 - the app shall show first
    from jeepney.bus_messages import message_bus  # noqa: PLC0415
    from jeepney.io.blocking import Proxy, open_dbus_connection  # noqa: PLC0415

    sleep = {"type": "signal", "interface": f"{_LOGIND}.Manager", "member": "PrepareForSleep"}
    try:
        with open_dbus_connection(bus="SYSTEM") as connection, connection.filter(MatchRule(**sleep)) as signals:
            Proxy(message_bus, connection, timeout=_SECONDS).AddMatch(MatchRule(sender=_LOGIND, **sleep))
            while True:
                (going_to_sleep,) = connection.recv_until_filtered(signals).body
                if not going_to_sleep:
                    woke()
    # What jeepney raises: nobody there, an odd address, an unknown transport, a refused authentication, a lost bus.
    except (OSError, ValueError, RuntimeError, StopIteration, EOFError, DBusErrorResponse) as error:
        log.info("no word from logind about sleep (%s); the clocks tell as well", type(error).__name__)
