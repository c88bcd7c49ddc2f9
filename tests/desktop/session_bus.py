"""A desktop for tests without a display: a private bus, a tray host, a notification service, a menu to read and click.

Importable by whole-process tests: start a process with `PrivateBus.environment()` and use the rest as it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

from tests.support.wait_until import PATIENCE, until

DAEMON = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
WATCHER = "org.kde.StatusNotifierWatcher"
NOTIFICATIONS = "org.freedesktop.Notifications"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"

NEEDS_BUS = "needs dbus-daemon: sudo apt-get install -y dbus-daemon"
needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason=NEEDS_BUS)

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>{activation}
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""


class PrivateBus:
    """A session bus of the test's own; with `activation` the desktop's services can be started on it."""

    def __init__(self, *, activation: bool = False) -> None:
        # A socket's path holds 107 bytes, and pytest's `tmp_path` may be longer.
        self.folder = Path(tempfile.mkdtemp(prefix="traycreds-bus-"))
        config = self.folder / "bus.conf"
        config.write_text(
            _CONFIG.format(
                socket=self.folder / "bus", activation="<standard_session_servicedirs/>" if activation else ""
            )
        )
        self.address = f"unix:path={self.folder / 'bus'}"
        with (self.folder / "daemon.log").open("wb") as log:
            self._daemon = subprocess.Popen(
                ["dbus-daemon", f"--config-file={config}", "--nofork", "--nosyslog"], env=self.environment(), stderr=log
            )
        try:
            until(self._listens, "dbus-daemon listens")
        except BaseException:
            self.close()
            raise

    def _listens(self) -> bool:
        """A socket is there a moment before anybody listens at it, and that moment is long on a busy machine."""
        with socket.socket(socket.AF_UNIX) as caller:
            return caller.connect_ex(str(self.folder / "bus")) == 0

    def environment(self) -> dict[str, str]:
        """The environment of a process that lives on this bus."""
        return {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address}

    def kill(self) -> None:
        """End the daemon as a logout does: all connections break."""
        self._daemon.kill()
        self._daemon.wait(PATIENCE)

    def close(self) -> None:
        self._daemon.terminate()
        self._daemon.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Peer:
    """Someone on the bus who answers calls and records signals, on a thread of its own."""

    def __init__(self, bus: PrivateBus, *, name: str | None = None, matches: tuple[str, ...] = ()) -> None:
        self.signals: list[tuple[str, tuple[Any, ...]]] = []
        self._connection = open_dbus_connection(bus.address)
        for rule in matches:
            self.ask(DAEMON, "AddMatch", "s", (rule,))
        if name is not None:
            assert self.ask(DAEMON, "RequestName", "su", (name, 4)) == (1,), f"{name} is taken"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def ask(self, address: DBusAddress, member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        """Before the thread runs only."""
        message = new_method_call(address, member, signature, body)
        return unwrap_msg(self._connection.send_and_get_reply(message, timeout=PATIENCE))

    def emit(self, path: str, interface: str, member: str, signature: str | None, body: tuple[Any, ...]) -> None:
        self._connection.send(new_signal(DBusAddress(path, None, interface), member, signature, body))

    def answer(
        self, sender: str, interface: str, member: str, body: tuple[Any, ...]
    ) -> tuple[str | None, tuple[Any, ...]]:
        raise LookupError(member)

    def named(self, member: str) -> list[tuple[Any, ...]]:
        """The bodies of all signals of a name so far."""
        return [body for name, body in list(self.signals) if name == member]

    def close(self) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join(PATIENCE)
        self._connection.close()

    def _serve(self) -> None:
        # The connection may close in the middle of an answer.
        with contextlib.suppress(OSError, ValueError):
            while True:
                self._handle(self._connection.receive())

    def _handle(self, message: Any) -> None:
        fields = message.header.fields
        if message.header.message_type is MessageType.signal:
            self.signals.append((fields[HeaderFields.member], message.body))
        elif message.header.message_type is MessageType.method_call:
            interface, member = fields.get(HeaderFields.interface, ""), fields[HeaderFields.member]
            try:
                reply = new_method_return(
                    message, *self.answer(fields[HeaderFields.sender], interface, member, message.body)
                )
            except LookupError as error:
                reply = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (str(error),))
            self._connection.send(reply)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Watcher(Peer):
    """A tray host's org.kde.StatusNotifierWatcher; `items` are the bus names that registered.

    Reads each item at once, as hosts do that draw it, unless `draws` is False.
    """

    def __init__(self, bus: PrivateBus, *, hosted: bool = True, draws: bool = True) -> None:
        self.items: list[str] = []
        self.hosted = hosted
        self.draws = draws
        self.asked = 0
        super().__init__(bus, name=WATCHER)

    def answer(self, sender, interface, member, body):
        if member == "RegisterStatusNotifierItem":
            path, name = (body[0], sender) if body[0].startswith("/") else ("/StatusNotifierItem", body[0])
            self.items.append(name)
            if self.draws:
                self._connection.send(new_method_call(DBusAddress(path, name, PROPERTIES), "GetAll", "s", (ITEM,)))
            return None, ()
        if interface == PROPERTIES and member == "Get":
            self.asked += 1
            return "v", (("b", self.hosted),)
        raise LookupError(member)

    def item(self) -> str:
        """Wait for the first item and give its bus name."""
        return until(lambda: self.items, "an item registers")[0]


def name_has_owner(bus: PrivateBus, name: str) -> bool:
    """Whether someone on the bus has a name."""
    with contextlib.closing(open_dbus_connection(bus.address)) as connection:
        return bool(connection.bus_proxy.NameHasOwner(name)[0])


def registered_items(bus: PrivateBus) -> list[str]:
    """The bus names of the items that a desktop's own watcher knows."""
    with contextlib.closing(open_dbus_connection(bus.address)) as connection:
        address = DBusAddress("/StatusNotifierWatcher", WATCHER, PROPERTIES)
        question = new_method_call(address, "Get", "ss", (WATCHER, "RegisteredStatusNotifierItems"))
        ((_, items),) = unwrap_msg(connection.send_and_get_reply(question, timeout=PATIENCE))
    # GNOME's watcher lists an item as ":1.5@/Path".
    return [item.partition("/")[0].rstrip("@") for item in items]


def item_of(bus: PrivateBus, pid: int) -> str | None:
    """The bus name of a process's item, once a desktop's own watcher knows it."""
    names = registered_items(bus) if name_has_owner(bus, WATCHER) else []
    with contextlib.closing(open_dbus_connection(bus.address)) as connection:
        for name in names:
            # The owner of the name may have left meanwhile.
            with contextlib.suppress(DBusErrorResponse):
                (owner,) = unwrap_msg(connection.send_and_get_reply(message_bus.GetConnectionUnixProcessID(name)))
                if owner == pid:
                    return name
    return None


@dataclass(frozen=True)
class Notice:
    """One notification as it arrived."""

    id: int
    app: str
    replaces: int
    title: str
    body: str
    actions: tuple[str, ...]
    hints: dict[str, Any]


class Notifications(Peer):
    """A notification service that records."""

    def __init__(self, bus: PrivateBus, capabilities: tuple[str, ...] = ("actions", "body", "body-markup")) -> None:
        self.notices: list[Notice] = []
        self.closed: list[int] = []
        self._capabilities = list(capabilities)
        super().__init__(bus, name=NOTIFICATIONS)

    def answer(self, sender, interface, member, body):
        if member == "Notify":
            app, replaces, _icon, title, text, actions, hints, _timeout = body
            id_ = replaces or len(self.notices) + 1
            self.notices.append(Notice(id_, app, replaces, title, text, tuple(actions), hints))
            return "u", (id_,)
        if member == "GetCapabilities":
            return "as", (self._capabilities,)
        if member == "GetServerInformation":
            return "ssss", ("recorder", "traycreds tests", "1", "1.2")
        if member == "CloseNotification":
            self.closed.append(body[0])
            return None, ()
        raise LookupError(member)

    def invoke(self, id_: int, action: str) -> None:
        """The user clicks a button."""
        self.emit("/org/freedesktop/Notifications", NOTIFICATIONS, "ActionInvoked", "us", (id_, action))

    def wait_for(self, text: str) -> Notice:
        """Wait for a notice whose title or body holds a text."""
        return until(
            lambda: next((n for n in list(self.notices) if text in f"{n.title}\n{n.body}"), None),
            f"a notice of {text!r}",
        )


@dataclass(frozen=True)
class Shown:
    """One line of a menu as a tray host sees it; `label` without the doubled underscores."""

    id: int
    label: str
    enabled: bool
    separator: bool
    mark: str | None
    checked: bool
    children: tuple[Shown, ...]
    properties: dict[str, Any]


class MenuClient:
    """A tray host's side of one item: reads its properties, reads its menu, clicks, and records its signals."""

    def __init__(self, bus: PrivateBus, item: str) -> None:
        self._item = item
        self._connection = open_dbus_connection(bus.address)
        owner = self._ask(DAEMON, "GetNameOwner", "s", (item,))[0]
        self._listener = Peer(bus, matches=(f"type='signal',sender='{owner}'",))

    def property(self, name: str) -> Any:
        return self._ask(DBusAddress("/StatusNotifierItem", self._item, PROPERTIES), "Get", "ss", (ITEM, name))[0][1]

    def properties(self) -> dict[str, Any]:
        body = self._ask(DBusAddress("/StatusNotifierItem", self._item, PROPERTIES), "GetAll", "s", (ITEM,))
        return {name: value for name, (_, value) in body[0].items()}

    def activate(self) -> None:
        """A left click on the icon."""
        self._ask(DBusAddress("/StatusNotifierItem", self._item, ITEM), "Activate", "ii", (0, 0))

    def menu(self, member: str, signature: str, body: tuple[Any, ...]) -> Any:
        """Any call of com.canonical.dbusmenu."""
        return self._ask(DBusAddress(self.property("Menu"), self._item, MENU), member, signature, body)

    def revision(self) -> int:
        return self.menu("GetLayout", "iias", (0, 0, []))[0]

    def get_layout(self) -> Shown:
        return _shown(self.menu("GetLayout", "iias", (0, -1, []))[1])

    def labels(self) -> list[str]:
        """The labels of the first level."""
        return [line.label for line in self.get_layout().children if not line.separator]

    def find(self, *path: str) -> Shown:
        """The line whose label starts with the last word, below those before it."""
        line = self.get_layout()
        for word in path:
            found = [child for child in line.children if child.label.startswith(word)]
            assert found, f"no {word!r} in {[child.label for child in line.children]}"
            line = found[0]
        return line

    def wait_for(self, *path: str) -> Shown:
        """Wait until there is such a line."""

        def find_line() -> Shown | None:
            try:
                return self.find(*path)
            except AssertionError:
                return None

        return until(find_line, f"a menu line {path}")

    def click(self, *path: str) -> None:
        """Click the line whose label starts with the last word, below those before it.

        A line that another one pushes down has a new id from then on; who sees the menu sees it at its new place.
        """

        def clicked() -> bool:
            line = self.find(*path)
            assert line.enabled, f"{line.label!r} cannot be clicked"
            try:
                self.menu("Event", "isvu", (line.id, "clicked", ("i", 0), 0))
            except DBusErrorResponse as error:
                if "has no line" not in str(error):
                    raise
                return False
            return True

        until(clicked, f"a click on {path}")

    def signals(self, member: str) -> list[tuple[Any, ...]]:
        """The bodies of all signals of a name so far."""
        return self._listener.named(member)

    def close(self) -> None:
        self._listener.close()
        self._connection.close()

    def _ask(self, address: DBusAddress, member: str, signature: str | None, body: tuple[Any, ...]) -> Any:
        message = new_method_call(address, member, signature, body)
        return unwrap_msg(self._connection.send_and_get_reply(message, timeout=PATIENCE))

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _shown(node: tuple[int, dict[str, Any], list[Any]]) -> Shown:
    id_, wire, children = node
    properties = {name: value for name, (_, value) in wire.items()}
    return Shown(
        id=id_,
        label=properties.get("label", "").replace("__", "_"),
        enabled=properties.get("enabled", True),
        separator=properties.get("type") == "separator",
        mark=properties.get("toggle-type"),
        checked=properties.get("toggle-state") == 1,
        children=tuple(_shown(child) for _, child in children),
        properties=properties,
    )
