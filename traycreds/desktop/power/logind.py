"""Hears from logind when the machine has woken, and when the screen is locked.

Waking is only a hint: the engine's clocks notice sleep within half a minute. The lock is `LockedHint`, which GNOME, KDE
and others set; `Lock` and `Unlock` are only requests, so a locker that follows them may never seem to unlock.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traycreds.dbus.objects import Address, DBusError

if TYPE_CHECKING:
    from traycreds.dbus.connection import BusConnection, OnSignal, Signal

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


def listen(woke: Callable[[], None], locked: Callable[[bool], None]) -> None:
    """Returns when the bus is gone; then a lock counts as open."""
    from traycreds.dbus.connection import SYSTEM, BusConnection

    is_locked = False

    def on_hint(hint: bool | None) -> None:
        nonlocal is_locked
        if hint is not None and hint is not is_locked:
            is_locked = hint
            locked(is_locked)

    def on_sleep(signal: Signal) -> None:
        (going,) = signal.body
        if not going:
            woke()

    try:
        with contextlib.closing(BusConnection(SYSTEM, seconds=_SECONDS)) as connection:
            connection.subscribe(on_sleep, sender=_LOGIND, interface=_MANAGER, member="PrepareForSleep")
            on_hint(_first_hint(connection, lambda signal: on_hint(_hint(signal.body[1]))))
            while True:
                connection.read()
    except OSError as error:
        log.info("logind does not report sleep (%s); the clocks show it too", type(error).__name__)
    on_hint(hint=False)


def _first_hint(connection: BusConnection, on_change: OnSignal) -> bool | None:
    """Subscribe to changes of our session, and return its state; None if logind does not know."""

    def ask(address: Address, member: str, signature: str, *arguments: str) -> Any:
        deadline = time.monotonic() + _SECONDS
        return connection.call(address, member, signature, arguments, deadline=deadline).body[0]

    try:
        session: str = ask(Address(_PATH, _LOGIND, _MANAGER), "GetSession", "s", _OWN)
        connection.subscribe(on_change, sender=_LOGIND, interface=_PROPERTIES, member="PropertiesChanged", path=session)
        return _hint({_HINT: ask(Address(session, _LOGIND, _PROPERTIES), "Get", "ss", _SESSION, _HINT)})
    except (DBusError, TimeoutError) as error:
        log.info("logind does not report the screen's lock (%s)", type(error).__name__)
        return None


def _hint(properties: dict[str, tuple[str, Any]]) -> bool | None:
    return bool(properties[_HINT][1]) if _HINT in properties else None
