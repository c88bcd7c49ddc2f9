"""Tray hosts that behave as five desktops do, without any of them: what each asks, when, and what a left click does.

What they ask was recorded with `tests/desktop/bus_monitor.py` from GNOME Shell 43.9 with AppIndicator 46, Plasma 5.27.5,
xfce4-panel 4.18, lxqt-panel 1.2.1 and waybar 0.9.17; `nox -s desktops` tells when they are refused something.
"""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

from tests.desktop.session_bus import DAEMON, ITEM, MENU, PROPERTIES, WATCHER, Peer, PrivateBus, Watcher
from tests.support.gnome_menu import GnomeMenu
from tests.support.wait_until import PATIENCE, until

_ICON, _ATTENTION = ("IconName", "IconPixmap"), ("AttentionIconName", "AttentionIconPixmap")
_OVERLAY = ("OverlayIconName", "OverlayIconPixmap")
_INTROSPECTION = "org.freedesktop.DBus.Introspectable"
_ALL = ("GetAll",)
Asked = dict[str, tuple[str, ...]]


class LeftClick(enum.Enum):
    """What a host does on a left click on the icon."""

    MENU = "opens the menu"
    MENU_ON_ERROR = "calls Activate, and opens the menu if that fails"
    ACTIVATE = "only calls Activate"


@dataclass(frozen=True)
class HostModel:
    """How one desktop behaves.

    Attributes:
        name: of the desktop.
        left: see LeftClick.
        reads: what it asks of a new item: "GetAll", or properties one by one.
        reads_on: what it asks after each signal.
        introspects: whether it asks what the item offers.
        forgets_names: whether it loses what it knows of an item that registers by a well-known name, and drops it.
        late: whether the watcher is there before the host is, as with kded and plasmashell.
        properties_apart: whether it reads the layout with few properties, and all of them line by line.
        opening: the calls to the menu when it opens.
        keeps_lines: whether it changes the lines that it has, as the extension of GNOME does, and builds no new menu.
    """

    name: str
    left: LeftClick
    reads: tuple[str, ...] = _ALL
    reads_on: Asked = field(default_factory=dict)
    introspects: bool = False
    forgets_names: bool = False
    late: bool = False
    properties_apart: bool = False
    opening: tuple[str, ...] = ("AboutToShowGroup",)
    keeps_lines: bool = False


MODELS = (
    HostModel(
        "GNOME",
        LeftClick.MENU,
        reads_on={
            "NewIcon": (*_ICON, "IconAccessibleDesc"),
            "NewAttentionIcon": (*_ATTENTION, "AttentionAccessibleDesc"),
            "NewToolTip": ("ToolTip",),
        },
        forgets_names=True,
        properties_apart=True,
        opening=("Event", "AboutToShow"),
        keeps_lines=True,
    ),
    HostModel(
        "KDE Plasma",
        LeftClick.MENU_ON_ERROR,
        reads_on=dict.fromkeys(("NewIcon", "NewAttentionIcon", "NewToolTip", "NewStatus"), _ALL),
        late=True,
        opening=("AboutToShow", "Event"),
    ),
    HostModel(
        "LXQt",
        LeftClick.ACTIVATE,
        reads=("Title", "Menu", "Status", "IconThemePath", "ToolTip", *_ICON, *_ATTENTION, *_OVERLAY),
        reads_on={
            "NewIcon": ("IconThemePath", *_ICON),
            "NewAttentionIcon": ("IconThemePath", *_ATTENTION),
            "NewToolTip": ("ToolTip",),
        },
        introspects=True,
        opening=("AboutToShow", "Event"),
    ),
    HostModel(
        "XFCE",
        LeftClick.MENU,
        reads_on=dict.fromkeys(("NewIcon", "NewAttentionIcon", "NewToolTip", "NewStatus"), _ALL),
        properties_apart=True,
    ),
    HostModel(
        "Sway with waybar",
        LeftClick.MENU,
        reads_on=dict.fromkeys(("NewIcon", "NewAttentionIcon", "NewToolTip", "NewStatus"), _ALL),
        properties_apart=True,
    ),
)


class ModelHost:
    """A tray host on a bus that behaves as a model says.

    Attributes:
        refused: what it asked and got an error for, in that order.
        known: the properties of the item that it asked for.
        item: its name on the bus, once it is found.
    """

    item: str

    def __init__(self, bus: PrivateBus, model: HostModel) -> None:
        self.refused: list[str] = []
        self.known: dict[str, Any] = {}
        self._bus = bus
        self._model = model
        self._watcher = Watcher(bus, hosted=not model.late, draws=False)
        self._connection = open_dbus_connection(bus.address)
        self._signals: Peer | None = None
        self._emitted: Counter[str] = Counter()
        self._gnome = GnomeMenu()

    def find_item(self) -> bool:
        """Take the item that registers; returns whether an icon of it is drawn."""
        self.item = self._watcher.item()
        if self._model.late:
            self._watcher.hosted = True
            self._watcher.emit("/StatusNotifierWatcher", WATCHER, "StatusNotifierHostRegistered", None, ())
        owner = self._ask(DAEMON, "GetNameOwner", "s", (self.item,))[0]
        self._signals = Peer(self._bus, matches=(f"type='signal',sender='{owner}',interface='{ITEM}'",))
        if self._model.introspects:
            self._of_item(_INTROSPECTION, "Introspect")
        self._read(self._model.reads)
        if self._model.forgets_names and not self.item.startswith(":"):
            self.known.clear()
        return bool(self.known.get("Menu") and self.known.get("IconPixmap") and self.known.get("Status"))

    def hears(self, signal: str) -> None:
        """Wait for a signal of the item, and ask what the desktop asks after it."""
        self.ignores(signal)
        self._read(self._model.reads_on.get(signal, ()))

    def ignores(self, signal: str) -> None:
        """Wait for a signal of the item, and do nothing, as GNOME while it converts another picture."""
        assert self._signals is not None, "an item is found first"
        signals = self._signals
        until(lambda: len(signals.named(signal)) > self._emitted[signal], f"the item emits {signal}")
        self._emitted[signal] += 1

    def emitted(self, signal: str) -> int:
        """How often the item has emitted a signal by now; what it emitted before an answer has come before that."""
        self.ask_for("Status")
        return len(self._signals.named(signal)) if self._signals is not None else 0

    def ask_for(self, name: str) -> None:
        """Ask for one property."""
        self._read((name,))

    def left_click(self) -> list[str] | None:
        """Click the icon; returns the labels of the menu that opens, or None where none does."""
        if self._model.left is LeftClick.MENU_ON_ERROR:
            self._of_item(ITEM, "ProvideXdgActivationToken", "s", ("token",))
        if self._model.left is not LeftClick.MENU:
            refused = self._of_item(ITEM, "Activate", "ii", (0, 0)) is None
            if not refused or self._model.left is LeftClick.ACTIVATE:
                return None
        return self.open_menu()

    def right_click(self) -> list[str]:
        """Click the icon with the other button, which opens the menu on all desktops."""
        return self.open_menu()

    def open_menu(self) -> list[str]:
        """Read the menu as the desktop does, and tell it that it opens; returns the labels, and --- for a separator."""
        for member in self._model.opening:
            arguments = {
                "Event": ("isvu", (0, "opened", ("i", 0), 0)),
                "AboutToShow": ("i", (0,)),
                "AboutToShowGroup": ("ai", ([0],)),
            }[member]
            self._of_menu(member, *arguments)
        names = ["type", "children-display"] if self._model.properties_apart else []
        _, layout = self._of_menu("GetLayout", "iias", (0, -1, names))
        tree = _tree(layout)
        if self._model.keeps_lines:
            self._gnome.read(tree)
            tree = self._gnome.tree()
        ids = [id_ for id_, _ in tree[1]]
        (answered,) = self._of_menu("GetGroupProperties", "aias", (ids, []))
        properties = dict(answered)
        return [properties[id_].get("label", ("s", "---"))[1].replace("__", "_") for id_ in ids]

    def middle_click(self) -> None:
        self._of_item(ITEM, "SecondaryActivate", "ii", (0, 0))

    def scroll(self) -> None:
        self._of_item(ITEM, "Scroll", "is", (120, "Vertical"))

    def close(self) -> None:
        """Leave the bus, as a panel that crashes."""
        for peer in (self._signals, self._watcher):
            if peer is not None:
                peer.close()
        self._connection.close()

    def _read(self, names: tuple[str, ...]) -> None:
        if names == _ALL:
            answer = self._of_item(PROPERTIES, "GetAll", "s", (ITEM,))
            self.known.update({name: value for name, (_, value) in (answer or ({},))[0].items()})
            return
        for name in names:
            answer = self._of_item(PROPERTIES, "Get", "ss", (ITEM, name))
            if answer is not None:
                self.known[name] = answer[0][1]

    def _of_item(self, interface: str, member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        return self._ask(DBusAddress("/StatusNotifierItem", self.item, interface), member, signature, body)

    def _of_menu(self, member: str, signature: str, body: tuple[Any, ...]) -> Any:
        return self._ask(DBusAddress(self.known["Menu"], self.item, MENU), member, signature, body)

    def _ask(self, address: DBusAddress, member: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
        """The answer; None for an error, which is kept."""
        message = new_method_call(address, member, signature, body)
        try:
            return unwrap_msg(self._connection.send_and_get_reply(message, timeout=PATIENCE))
        except DBusErrorResponse:
            self.refused.append(f"{member} {body[1]}" if member == "Get" else member)
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _tree(node: tuple[int, dict[str, Any], list[Any]]) -> tuple[int, list[Any]]:
    id_, _, children = node
    return id_, [_tree(child) for _, child in children]
