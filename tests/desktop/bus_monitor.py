"""Listens to all that goes over a bus, and keeps what tray hosts ask of an item and its menu, and what is refused."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

from tests.desktop.session_bus import DAEMON, ITEM, MENU, PROPERTIES, PrivateBus
from tests.support.wait_until import PATIENCE
from traycreds.ui.tray import dbus_menu, status_notifier

_MONITORING = DBusAddress(DAEMON.object_path, DAEMON.bus_name, "org.freedesktop.DBus.Monitoring")
_SHORT = {ITEM: "", MENU: "menu.", PROPERTIES: "", "": ""}


class BusMonitor:
    """Listens on a thread of its own until it is closed.

    Attributes:
        asked: what hosts called, and how often: "GetAll", "Get IconPixmap", "menu.GetLayout".
        refused: those that were answered by an error, in the order in which they were.
    """

    def __init__(self, bus: PrivateBus) -> None:
        self.asked: Counter[str] = Counter()
        self.refused: list[str] = []
        self._open: dict[tuple[str, int], str] = {}
        self._connection = open_dbus_connection(bus.address)
        message = new_method_call(_MONITORING, "BecomeMonitor", "asu", ([], 0))
        unwrap_msg(self._connection.send_and_get_reply(message, timeout=PATIENCE))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join(PATIENCE)
        self._connection.close()

    def _listen(self) -> None:
        # The connection may close in the middle of a message.
        with contextlib.suppress(OSError, ValueError):
            while True:
                self._note(self._connection.receive())

    def _note(self, message: Message) -> None:
        fields, kind = message.header.fields, message.header.message_type
        if kind is MessageType.method_call and fields.get(HeaderFields.path) in (status_notifier.PATH, dbus_menu.PATH):
            name = _name_of(message)
            self.asked[name] += 1
            self._open[fields[HeaderFields.sender], message.header.serial] = name
        elif kind in (MessageType.method_return, MessageType.error):
            key = (fields.get(HeaderFields.destination, ""), fields[HeaderFields.reply_serial])
            question = self._open.pop(key, None)
            # The daemon answers for clients that have left.
            by_item = fields.get(HeaderFields.sender) != DAEMON.bus_name
            if question is not None and kind is MessageType.error and by_item:
                self.refused.append(question)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _name_of(message: Message) -> str:
    fields = message.header.fields
    interface, member = fields.get(HeaderFields.interface, ""), fields[HeaderFields.member]
    word = f" {message.body[1]}" if interface == PROPERTIES and member == "Get" else ""
    about_menu = interface == PROPERTIES and fields[HeaderFields.path] == dbus_menu.PATH
    return f"{'menu.' if about_menu else _SHORT.get(interface, f'{interface}.')}{member}{word}"
