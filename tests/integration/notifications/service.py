"""A recording org.freedesktop.Notifications service for a private bus."""

from __future__ import annotations

import contextlib
import html
import queue
import threading
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

NAME = "org.freedesktop.Notifications"
ADDRESS = DBusAddress("/org/freedesktop/Notifications", NAME, NAME)


@dataclass(frozen=True)
class Seen:
    """One Notify call as it came over the bus."""

    app: str
    replaces: int
    icon: str
    title: str
    body: str
    actions: list[str]
    hints: dict[str, tuple[str, Any]]
    timeout: int


class NotificationService:
    """Owns the name from `start` to `stop`; counts from `first` on.

    Attributes:
        calls: every Notify in order.
        visible: by id; replaced as a real service does.
        closed: ids that were taken back.
        hung: no call is answered.
        refuses: Notify is answered by an error.
        hasty: a click on the first button comes before the answer to Notify.
    """

    def __init__(
        self,
        address: str,
        *,
        markup: bool = True,
        actions: bool = True,
        hung: bool = False,
        refuses: bool = False,
        hasty: bool = False,
        first: int = 1,
    ):
        self.calls: list[Seen] = []
        self.closed: list[int] = []
        self.actions = actions
        self.visible: dict[int, Seen] = {}
        self.hung = hung
        self.refuses = refuses
        self.hasty = hasty
        self.markup = markup
        self._next = first
        self._signals: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._address = address
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(20), "the notification service did not come up"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def seen(self) -> list[tuple[str, str, bool]]:
        """Title, body as a person reads it, and urgency of all that is visible."""
        return [
            (seen.title, html.unescape(seen.body) if self.markup else seen.body, seen.hints["urgency"] == ("y", 2))
            for seen in self.visible.values()
        ]

    def click(self, number: int, action: str) -> None:
        """The user clicks a button; the notice goes, as it does on real desktops."""
        self._signal("ActionInvoked", "us", (number, action))
        self.dismiss(number)

    def dismiss(self, number: int) -> None:
        """The user closes a notice."""
        self.visible.pop(number, None)
        self._signal("NotificationClosed", "uu", (number, 2))

    def _signal(self, member: str, signature: str, body: tuple[Any, ...]) -> None:
        self._signals.put(new_signal(DBusAddress(ADDRESS.object_path, None, NAME), member, signature, body))

    def _serve(self) -> None:
        with open_dbus_connection(self._address) as connection:
            assert Proxy(message_bus, connection, timeout=5).RequestName(NAME) == (1,)
            self._ready.set()
            while not self._stop.is_set():
                self._flush(connection)
                with contextlib.suppress(TimeoutError):
                    call = connection.receive(timeout=0.02)
                    if call.header.message_type is MessageType.method_call and not self.hung:
                        connection.send(self._answer(call, connection))

    def _flush(self, connection: Any) -> None:
        while not self._signals.empty():
            connection.send(self._signals.get())

    def _answer(self, call: Any, connection: Any) -> Any:
        member = call.header.fields[HeaderFields.member]
        if member == "GetCapabilities":
            extras = [*(["body-markup"] if self.markup else []), *(["actions"] if self.actions else [])]
            return new_method_return(call, "as", (["body", *extras],))
        if member == "CloseNotification":
            self.closed.append(call.body[0])
            self.visible.pop(call.body[0], None)
            return new_method_return(call, None, ())
        if member != "Notify" or self.refuses:
            return new_error(call, "org.freedesktop.DBus.Error.Failed", "s", ("not today",))
        seen = Seen(*call.body)
        self.calls.append(seen)
        number = seen.replaces if seen.replaces in self.visible else self._next
        if number == self._next:
            self._next += 1
        self.visible[number] = seen
        if self.hasty:
            self.click(number, "0")
            self._flush(connection)
        return new_method_return(call, "u", (number,))
