"""The icon on Linux: a StatusNotifierItem with its menu, in pure Python over the session bus, without display or GTK.

Has the attributes of pystray's Icon that `tray` uses, but does not load pystray and its `inspect`. Callbacks run on the
loop's thread and must return at once. Rules: freedesktop's specification, and what GNOME's AppIndicator extension,
xfce4-panel, lxqt-panel and waybar do.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from traycreds.core.events import Event
from traycreds.core.text import escaped
from traycreds.core.ui_commands import Command
from traycreds.core.value_class import value_class
from traycreds.dbus.connection import DAEMON, DAEMON_NAME, Signal
from traycreds.dbus.objects import Address, Body, ExportedObject, Reply
from traycreds.ui.menu.item import Entry, Item
from traycreds.ui.tray import dbus_menu
from traycreds.ui.tray.dbus_loop import DBusLoop
from traycreds.ui.tray.dbus_menu_layout import MenuLine, Properties

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACE = "org.kde.StatusNotifierItem"
PATH = "/StatusNotifierItem"

NO_HOST = (
    "This desktop does not show tray icons now, so traycreds works without one and its icon appears as soon as it can. "
    "On GNOME, install and turn on the extension AppIndicator and KStatusNotifierItem Support."
)
NOT_DRAWN = (
    "The desktop accepted the icon but does not show it; traycreds works without one. "
    "Restart the panel, or log out and in; on GNOME, turn the AppIndicator extension off and on."
)

_AGAIN = (2.0, 20.0)
"""Seconds after which a picture is announced to GNOME again: it ignores one that comes while it converts another."""

Pixmap: TypeAlias = "tuple[int, int, bytes]"
"""Width, height, ARGB32 in network byte order."""

_WATCHER_OBJECT = Address("/StatusNotifierWatcher", WATCHER, WATCHER)
_WATCHER_PROPERTIES = Address("/StatusNotifierWatcher", WATCHER, "org.freedesktop.DBus.Properties")


class StatusNotifierIcon:
    """An icon on the bus, for the loop's thread, except `post` and `stop`.

    The name is stable, because desktops remember it. `on_no_host` gets a sentence, once, if no tray host shows the icon
    within `patience` seconds.
    """

    def __init__(self, name: str, *, loop: DBusLoop, on_no_host: Callable[[str], None], patience: float) -> None:
        self._name = name
        self._loop = loop
        self._on_no_host = on_no_host
        self._patience = patience
        self._pixmaps: Sequence[Pixmap] = ()
        self._title = ""
        self._menu = Menu((), lambda _: None)
        self._running = False
        self._visible = False
        self._hosted = False
        self._read_by_host = False
        self._registering = self._registered_by_name = False
        self._reported_no_host = False
        self._attention = False
        self._menu_service = dbus_menu.MenuService(click=self._clicked, emit=self._emit_menu)

    @property
    def icon(self) -> Sequence[Pixmap]:
        """The picture in several sizes."""
        return self._pixmaps

    @icon.setter
    def icon(self, value: Sequence[Pixmap]) -> None:
        self._pixmaps = value
        if self._visible:
            self._announce(value)
            if "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
                for seconds in _AGAIN:
                    self._loop.after(seconds, lambda: self._announce(value))

    @property
    def title(self) -> str:
        """The tooltip."""
        return self._title

    @title.setter
    def title(self, value: str) -> None:
        if value != self._title:
            self._title = value
            if self._visible:
                self._emit("NewToolTip", None, ())

    @property
    def menu(self) -> Menu:
        """The menu."""
        return self._menu

    @menu.setter
    def menu(self, value: Menu) -> None:
        self._menu = value
        self._menu_service.show(_lines(value.items))

    @property
    def visible(self) -> bool:
        """Whether desktops are to show it; once they do, only leaving the bus takes it away."""
        return self._visible

    @visible.setter
    def visible(self, value: bool) -> None:
        if value and not self._visible:
            self._visible = True
            self._show()

    @property
    def attention(self) -> bool:
        """Whether the user is needed: desktops that hide quiet icons show this one."""
        return self._attention

    @attention.setter
    def attention(self, value: bool) -> None:
        if value != self._attention:
            self._attention = value
            self._emit("NewStatus", "s", (self._status(),))

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the icon's thread."""
        self._loop.post(call)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Run `call` on the icon's thread once, after some seconds; call it there."""
        self._loop.after(seconds, call)

    def stop(self) -> None:
        """End `run`; from any thread and from signal handlers, never blocks."""
        self._loop.stop()

    def run(self, set_up: Callable[[StatusNotifierIcon], None]) -> None:
        """Serve until `stop`; `set_up` runs on its own thread once calls are answered. Raises BusLostError."""
        try:
            self._serve()
            self._running = True
            threading.Thread(target=set_up, args=(self,), name="tray-setup").start()
            self._loop.run()
        finally:
            # Leaving the bus removes the icon.
            self._visible = self._running = False
            self._loop.close()

    def _announce(self, picture: Sequence[Pixmap]) -> None:
        """Have hosts read the picture, unless there is another one by now, which is announced by itself."""
        if picture is self._pixmaps:
            self._emit("NewIcon", None, ())
            self._emit("NewAttentionIcon", None, ())

    def _show(self) -> None:
        bus = self._loop.connection
        bus.subscribe(self._watcher_changed, interface=DAEMON_NAME, member="NameOwnerChanged", arg0=WATCHER)
        bus.subscribe(self._host_came, interface=WATCHER, member="StatusNotifierHostRegistered")
        bus.send_call(DAEMON, "NameHasOwner", "s", (WATCHER,), self._watcher_known)
        self._loop.after(self._patience, self._report_if_alone)

    def _serve(self) -> None:
        item = ExportedObject(
            interface=INTERFACE,
            methods=self._methods(),
            properties=self._item_properties,
            introspection=_INTROSPECTION,
        )
        menu = ExportedObject(
            interface=dbus_menu.INTERFACE,
            methods=self._menu_service.methods,
            properties=self._menu_service.properties,
            introspection=dbus_menu.INTROSPECTION,
        )
        self._loop.serve(PATH, item)
        self._loop.serve(dbus_menu.PATH, menu)

    # The watcher.

    def _watcher_known(self, reply: Body | None) -> None:
        if reply == (True,):
            self._register()

    def _watcher_changed(self, signal: Signal) -> None:
        _name, _old, new = signal.body
        self._hosted = self._registered_by_name = False
        if new:
            self._register()

    def _register(self, word: str = PATH) -> None:
        # By path, so that hosts know the item by its unique name. Given a well-known name, GNOME's AppIndicator
        # extension reads the item twice at once and drops it in 1 of 10 starts (docs/desktop-behaviour.md).
        self._read_by_host = False
        self._registering = True
        bus = self._loop.connection
        bus.send_call(_WATCHER_OBJECT, "RegisterStatusNotifierItem", "s", (word,), self._registered)

    def _registered(self, reply: Body | None) -> None:
        if reply is None:
            self._registering = False
            return
        asked = (WATCHER, "IsStatusNotifierHostRegistered")
        self._loop.connection.send_call(_WATCHER_PROPERTIES, "Get", "ss", asked, self._host_known)

    def _host_known(self, reply: Body | None) -> None:
        # A watcher that cannot say counts as a host; one without a host (kded without a panel) says False.
        self._hosted = reply != (("b", False),)
        self._registering = False
        self._loop.after(self._patience, self._report_if_alone)

    def _host_came(self, _signal: Signal) -> None:
        self._hosted = True

    def _report_if_alone(self) -> None:
        if self._reported_no_host or self._registering or (self._hosted and self._read_by_host):
            return
        if self._hosted and not self._registered_by_name and "LXQt" in os.environ.get("XDG_CURRENT_DESKTOP", ""):
            # Its panel loses what registers while it starts, and takes a second try under another name only.
            self._registered_by_name, name = True, f"{INTERFACE}-{os.getpid()}-1"
            self._loop.connection.send_call(DAEMON, "RequestName", "su", (name, 4), lambda _reply: None)
            self._register(name)
            return
        self._reported_no_host = True
        self._on_no_host(NOT_DRAWN if self._hosted else NO_HOST)

    # The item on the bus.

    def _methods(self) -> dict[str, Callable[..., Reply]]:
        def nothing(*_: object) -> Reply:
            return None, ()

        # No Activate: Plasma opens the menu by a left click only when that call fails.
        return {
            "SecondaryActivate": nothing,
            "ContextMenu": nothing,
            "Scroll": nothing,
            "ProvideXdgActivationToken": nothing,
        }

    def _item_properties(self) -> dict[str, tuple[str, Any]]:
        self._read_by_host = True
        title, _, rest = self._title.partition("\n")
        spoken = ", ".join(line for line in self._title.split("\n") if line)
        pixmaps = list(self._pixmaps)
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", self._name),
            "Title": ("s", self._name),
            "Status": ("s", self._status()),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconThemePath": ("s", ""),
            "IconPixmap": ("a(iiay)", pixmaps),
            "OverlayIconName": ("s", ""),
            "OverlayIconPixmap": ("a(iiay)", []),
            "AttentionIconName": ("s", ""),
            "AttentionIconPixmap": ("a(iiay)", pixmaps),
            "AttentionMovieName": ("s", ""),
            "ToolTip": ("(sa(iiay)ss)", ("", [], title, escaped(rest))),
            # What GNOME's extension asks for beside the specification; a screen reader says the first two.
            "IconAccessibleDesc": ("s", spoken),
            "AttentionAccessibleDesc": ("s", spoken),
            "XAyatanaLabel": ("s", ""),
            "XAyatanaLabelGuide": ("s", ""),
            "XAyatanaOrderingIndex": ("u", 0),
            "ItemIsMenu": ("b", True),
            "Menu": ("o", dbus_menu.PATH),
        }

    def _status(self) -> str:
        return "NeedsAttention" if self._attention else "Active"

    def _clicked(self, command: Event | Command | None) -> None:
        if command is not None:
            self._menu.dispatch(command)

    def _emit(self, member: str, signature: str | None, body: Body) -> None:
        if self._running:
            self._loop.connection.emit(PATH, INTERFACE, member, signature, body)

    def _emit_menu(self, member: str, signature: str, body: Body) -> None:
        self._loop.connection.emit(dbus_menu.PATH, dbus_menu.INTERFACE, member, signature, body)


@value_class
class Menu:
    """The icon's menu; `dispatch` takes the command of a clicked line."""

    items: tuple[Item, ...]
    dispatch: Callable[[Event | Command], None]


def _lines(items: tuple[Item, ...]) -> tuple[MenuLine, ...]:
    return tuple(
        MenuLine(item.key, _properties_of(item), _lines(item.children), item.command)
        if isinstance(item, Entry)
        else MenuLine(f"separator {place}", {"type": "separator"})
        for place, item in enumerate(items)
    )


def _properties_of(entry: Entry) -> Properties:
    # A single underscore marks a mnemonic.
    properties: dict[str, str | bool | int] = {"label": entry.label.replace("_", "__")}
    if not entry.enabled:
        properties["enabled"] = False
    if entry.checked is not None:
        properties["toggle-type"] = "radio" if entry.radio else "checkmark"
        properties["toggle-state"] = int(entry.checked)
    return properties


_READABLE = {
    "s": (
        *("Category", "Id", "Title", "Status", "IconName", "IconThemePath"),
        *("OverlayIconName", "AttentionIconName", "AttentionMovieName"),
        *("IconAccessibleDesc", "AttentionAccessibleDesc", "XAyatanaLabel", "XAyatanaLabelGuide"),
    ),
    "a(iiay)": ("IconPixmap", "OverlayIconPixmap", "AttentionIconPixmap"),
    "(sa(iiay)ss)": ("ToolTip",),
    "i": ("WindowId",),
    "u": ("XAyatanaOrderingIndex",),
    "b": ("ItemIsMenu",),
    "o": ("Menu",),
}
_POINT = '<arg type="i" name="x" direction="in"/><arg type="i" name="y" direction="in"/>'
_INTROSPECTION = "".join(
    [
        f'<interface name="{INTERFACE}">',
        *(
            f'<property name="{name}" type="{signature}" access="read"/>'
            for signature, names in _READABLE.items()
            for name in names
        ),
        *(f'<method name="{name}">{_POINT}</method>' for name in ("SecondaryActivate", "ContextMenu")),
        '<method name="Scroll"><arg type="i" name="delta" direction="in"/>',
        '<arg type="s" name="orientation" direction="in"/></method>',
        *(f'<signal name="{name}"/>' for name in ("NewIcon", "NewAttentionIcon", "NewToolTip", "NewTitle")),
        '<signal name="NewStatus"><arg type="s" name="status"/></signal></interface>',
    ]
)
