"""Hears from the system when the machine has woken, and when the user's screen is locked and unlocked.

Waking is never needed for being right: the engine's clocks notice sleep as well, but only at its next look, up to half
a minute later. Owns what logind says, on Linux; `powermac`, `powerwindows` and `lockwindows` hear the others.

What is believed of the lock is logind's `LockedHint`, which GNOME, KDE and others set when it is locked and take back
when it is not. The signals `Lock` and `Unlock` are but requests: a screen locker that heeds them without setting the
hint would be seen to lock and never to unlock.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traycreds.adapters import powermac, powerwindows

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

log = logging.getLogger(__name__)

_LOGIND = "org.freedesktop.login1"
_PATH = "/org/freedesktop/login1"
_MANAGER = f"{_LOGIND}.Manager"
_SESSION = f"{_LOGIND}.Session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_HINT = "LockedHint"
_OWN = "auto"
"""The caller's session, or that on the user's display where a service of the user's calls (systemd 243 and later)."""
_SECONDS = 5.0
"""For the bus to answer."""


def watch(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Call back from another thread, as long as the system tells; never raises.

    Args:
        woke: called each time the machine has woken.
        locked: called with whether the screen is locked, when that is known first and each time it is another.
    """
    if sys.platform == "linux":
        threading.Thread(target=_listen, args=(woke, locked), name="power", daemon=True).start()
        return
    if sys.platform == "darwin":
        _attempt(lambda: powermac.watch(woke, locked))
    if sys.platform == "win32":
        _attempt(lambda: powerwindows.watch(woke))
        _attempt(lambda: _hear_windows_lock(locked))


def _attempt(hear: Callable[[], None]) -> None:
    try:
        hear()
    except Exception as error:  # noqa: BLE001 - whatever a platform lacks, the clocks tell of sleep as well
        log.info("no word of sleep or a lock from %s (%s)", sys.platform, error)


def _hear_windows_lock(locked: Callable[[bool], None]) -> None:
    if sys.platform == "win32":
        from traycreds.adapters import lockwindows  # noqa: PLC0415 - exists on Windows only

        lockwindows.watch(locked)


def _listen(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Returns when there is no bus, or no more; a lock that can be heard of no more counts as open."""
    from jeepney import DBusErrorResponse, HeaderFields  # noqa: PLC0415 - the app shall show first
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

    signals: deque[Message] = deque()
    shut = False

    def tell(hint: bool | None) -> None:
        nonlocal shut
        if hint is not None and hint is not shut:
            shut = hint
            locked(shut)

    # What jeepney raises: nobody there, an odd address, an unknown transport, a refused authentication, a lost bus.
    try:
        with open_dbus_connection(bus="SYSTEM") as connection:
            _subscribe(connection, signals, interface=_MANAGER, member="PrepareForSleep")
            tell(_first_hint(connection, signals))
            while True:
                signal = connection.recv_until_filtered(signals)
                if signal.header.fields[HeaderFields.member] == "PropertiesChanged":
                    tell(_hint(signal.body[1]))
                elif not signal.body[0]:  # it is not going to sleep
                    woke()
    except (OSError, ValueError, RuntimeError, StopIteration, EOFError, DBusErrorResponse) as error:
        log.info("no word from logind about sleep (%s); the clocks tell as well", type(error).__name__)
    tell(hint=False)


def _subscribe(connection: DBusConnection, signals: deque[Message], **rule: str) -> None:
    """Have logind's signals of this kind, and nobody else's, put into the queue as long as the connection lasts."""
    from jeepney import MatchRule  # noqa: PLC0415
    from jeepney.bus_messages import message_bus  # noqa: PLC0415
    from jeepney.io.blocking import Proxy  # noqa: PLC0415

    connection.filter(MatchRule(type="signal", **rule), queue=signals)
    Proxy(message_bus, connection, timeout=_SECONDS).AddMatch(MatchRule(type="signal", sender=_LOGIND, **rule))


def _first_hint(connection: DBusConnection, signals: deque[Message]) -> bool | None:
    """Subscribe to the changes of our session, and say how it stands; None where logind does not know."""
    from jeepney import DBusAddress, Properties, new_method_call  # noqa: PLC0415
    from jeepney.wrappers import DBusErrorResponse, unwrap_msg  # noqa: PLC0415

    def ask(message: Message) -> Any:
        return unwrap_msg(connection.send_and_get_reply(message, timeout=_SECONDS))[0]

    try:
        manager = DBusAddress(_PATH, _LOGIND, _MANAGER)
        session: str = ask(new_method_call(manager, "GetSession", "s", (_OWN,)))
        _subscribe(connection, signals, interface=_PROPERTIES, member="PropertiesChanged", path=session)
        return _hint({_HINT: ask(Properties(DBusAddress(session, _LOGIND, _SESSION)).get(_HINT))})
    except (DBusErrorResponse, TimeoutError) as error:
        log.info("no word from logind about the screen's lock (%s)", type(error).__name__)
        return None


def _hint(properties: dict[str, tuple[str, Any]]) -> bool | None:
    """Whether the screen is locked, if these properties (each with its D-Bus type) tell."""
    return bool(properties[_HINT][1]) if _HINT in properties else None
