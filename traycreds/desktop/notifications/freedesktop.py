"""Shows notices with buttons over org.freedesktop.Notifications (specification 1.2), and replaces or removes them.

Keeps one connection, because desktops remove a program's notices when it leaves the bus, and clicks are signals.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from traycreds.core.events import Event, Notify
from traycreds.core.text import escaped
from traycreds.core.ui_commands import Command
from traycreds.dbus.objects import Address

if TYPE_CHECKING:
    from traycreds.dbus.connection import BusConnection, Signal

Click: TypeAlias = Callable[["Event | Command"], None]
"""Gets what a clicked button asks; must return at once."""

Picture: TypeAlias = Callable[["Notify"], "tuple[int, bytes] | None"]
"""Gives the picture of a notice: its side in pixels, and RGBA; None leaves it to the desktop."""

BUS_LIMIT = 2.0
"""Seconds for the whole exchange about one notice."""

_REMEMBERED = 50
"""Notices whose buttons still work: desktops keep old ones in a list."""
_EARLY = 10
"""Signals to keep that arrive before the reply with their notice's number: programs click that fast."""
_APP = "traycreds"
_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_SERVICE = Address(_PATH, _NAME, _NAME)


class FreedesktopService:
    """Shows notices on the session bus, handles clicks, and remembers each key's notice, to replace it."""

    def __init__(
        self,
        environ: Mapping[str, str],
        limit: float = BUS_LIMIT,
        click: Click = lambda _: None,
        picture: Picture = lambda _: None,
    ) -> None:
        """Connect to nothing yet."""
        self._environ = environ
        self._limit = limit
        self._click = click
        self._picture = picture
        self._connection: BusConnection | None = None
        self._server = ""
        self._shown: dict[str, int] = {}
        self._notices: dict[int, Notify] = {}
        self._early: list[Signal] = []
        # The thread that shows and the one that listens share this lock, and never hold it while they wait for the bus.
        self._numbering = threading.Lock()

    @property
    def shown_keys(self) -> frozenset[str]:
        """The keys of all notices on screen, as the service reported."""
        return frozenset(self._shown)

    def __call__(self, notice: Notify) -> None:
        """Show it. Raises OSError: no bus. Raises TimeoutError: the service hangs. Raises DBusError: refused."""
        deadline = time.monotonic() + self._limit
        connection = self._connected()
        (capabilities,), server = connection.call(_SERVICE, "GetCapabilities", deadline=deadline)
        # A restarted service numbers its notices from 1 again, so the old numbers may belong to others.
        if server != self._server:
            self._server = server
            self._forget()
        body = escaped(notice.body) if "body-markup" in capabilities else notice.body
        hints = {"urgency": ("y", 2 if notice.urgent else 1), "desktop-entry": ("s", _APP), **self._drawn(notice)}
        # This icon appears where no picture is shown.
        icon = "dialog-warning" if notice.urgent else "dialog-information"
        buttons = notice.buttons if "actions" in capabilities else ()
        actions = [part for number, button in enumerate(buttons) for part in (str(number), button.label)]
        before = self._shown.get(notice.key, 0)
        arguments: tuple[Any, ...] = (_APP, before, icon, notice.title, body, actions, hints, -1)
        (number,), _ = connection.call(_SERVICE, "Notify", "susssasa{sv}i", arguments, deadline=deadline)
        with self._numbering:
            self._notices[number] = notice
            self._shown[notice.key] = number
            for old in list(self._notices)[:-_REMEMBERED]:
                self._notices.pop(old)
            early = [signal for signal in self._early if signal.body[0] == number]
            self._early = [signal for signal in self._early if signal not in early]
        for signal in early:
            self._on_signal(signal)

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys, if they are still seen. Raises OSError: the bus is gone."""
        for key in keys:
            number = self._shown.pop(key, None)
            if number is not None and self._connection is not None:
                self._connection.send_call(_SERVICE, "CloseNotification", "u", (number,))

    def close(self) -> None:
        """Leave the bus."""
        if self._connection is not None:
            self._connection.close()

    def _drawn(self, notice: Notify) -> dict[str, tuple[str, Any]]:
        """The picture as a hint; the numbers say: bytes in a row, transparency, bits in a value, values in a pixel."""
        picture = self._picture(notice)
        if picture is None:
            return {}
        side, rgba = picture
        return {"image-data": ("(iiibiiay)", (side, side, 4 * side, True, 8, 4, rgba))}

    def _connected(self) -> BusConnection:
        from traycreds.dbus import session
        from traycreds.dbus.connection import BusConnection

        connection = self._connection
        if connection is None or connection.lost:
            address = session.address(self._environ)
            if address is None:
                raise ConnectionError("there is no session bus")
            connection = self._connection = BusConnection(address, seconds=self._limit / 2)
            self._server = ""
            connection.read_in_background("notifications")
            # Some services send their signals to everybody, some only to us.
            connection.subscribe(self._on_signal, interface=_NAME, path=_PATH)
        return connection

    def _forget(self) -> None:
        self._shown.clear()
        self._notices.clear()
        self._early.clear()

    def _on_signal(self, signal: Signal) -> None:
        sender, member, body = signal
        # Only signals of the service that answered are about our notices.
        if sender != self._server:
            return
        with self._numbering:
            notice = self._notices.get(body[0])
            if notice is None:
                self._early = [*self._early[1 - _EARLY :], signal]
                return
        # Some services send the click after this, so keep the notice until then.
        if member == "NotificationClosed":
            if self._shown.get(notice.key) == body[0]:
                self._shown.pop(notice.key, None)
        elif member == "ActionInvoked":
            buttons = {str(number): button for number, button in enumerate(notice.buttons)}
            if body[1] in buttons:
                self._click(buttons[body[1]].command)
