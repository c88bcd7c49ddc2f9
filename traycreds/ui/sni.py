"""pystray back end for Linux: a StatusNotifierItem with its menu, in pure Python over the session bus.

Owns the item on the bus and its registration with the desktop's watcher. Needs no display, no GTK, no files. Never
talks to anything but the bus; callbacks run on the loop's thread and must return at once.
Source of the rules: freedesktop's StatusNotifierItem specification, and what GNOME's AppIndicator extension,
xfce4-panel, lxqt-panel and waybar were seen to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from traycreds.core.commands import Command
from traycreds.core.markup import escaped
from traycreds.core.messages import Event
from traycreds.ui import dbusmenu
from traycreds.ui.bus import DAEMON, Address, BusLoop, Reply, Service
from traycreds.ui.item import Entry, Item
from traycreds.ui.menulayout import Line, Properties
from traycreds.ui.pystraymenu import BaseIcon

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACE = "org.kde.StatusNotifierItem"
PATH = "/StatusNotifierItem"

NO_HOST = (
    "This desktop shows no tray icons now, so traycreds works without one and its icon appears as soon as it can. "
    "On GNOME, install and turn on the extension AppIndicator and KStatusNotifierItem Support."
)

_WATCHER_OBJECT = Address("/StatusNotifierWatcher", WATCHER, WATCHER)
_WATCHER_PROPERTIES = Address("/StatusNotifierWatcher", WATCHER, "org.freedesktop.DBus.Properties")


class Icon(BaseIcon):  # type: ignore[misc]  # pystray is untyped
    """A pystray icon on the bus; `icon` is a list of (width, height, ARGB32 in network byte order), `menu` a `Menu`.

    Args:
        name: the item's id, the same in each session, since desktops remember it.
        loop: the bus; its `run` is this icon's loop.
        on_no_host: gets a sentence, once, if no tray host shows up within `patience` seconds.
    """

    def __init__(self, name: str, *, loop: BusLoop, on_no_host: Callable[[str], None], patience: float) -> None:
        super().__init__(name)
        self._loop = loop
        self._on_no_host = on_no_host
        self._patience = patience
        self._hosted = False
        self._told = False
        self._attention = False
        self._bus_name = f"{INTERFACE}-{os.getpid()}-1"
        self._menu_service = dbusmenu.MenuService(click=self._clicked, emit=self._emit_menu)

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

    def stop(self) -> None:
        """End `run`; from any thread and from signal handlers, never blocks (pystray's own would join a thread)."""
        self._loop.stop()

    # What pystray asks of a back end.

    def _run(self) -> None:
        try:
            self._serve()
            self._mark_ready()
            self._loop.run()
        finally:
            self._visible = False  # leaving the bus takes the icon away; `__del__` must not try it again
            self._running = False
            self._loop.close()

    def _show(self) -> None:
        """Called on the loop's thread, when an image is set."""
        loop = self._loop
        loop.call(DAEMON, "RequestName", "su", (self._bus_name, 4))  # 4: do not queue
        watched = f",arg0='{WATCHER}'"
        loop.listen("org.freedesktop.DBus", "NameOwnerChanged", watched, self._watcher_changed)
        loop.listen(WATCHER, "StatusNotifierHostRegistered", "", self._host_came)
        loop.call(DAEMON, "NameHasOwner", "s", (WATCHER,), self._watcher_known)
        loop.after(self._patience, self._tell_if_alone)

    def _hide(self) -> None:
        self._loop.call(DAEMON, "ReleaseName", "s", (self._bus_name,))

    def _update_icon(self) -> None:
        self._icon_valid = True
        self._emit("NewIcon", None, ())
        self._emit("NewAttentionIcon", None, ())

    def _update_title(self) -> None:
        self._emit("NewToolTip", None, ())

    def _update_menu(self) -> None:
        self._menu_service.show(_lines(self.menu.items))

    def _serve(self) -> None:
        item = Service(
            interface=INTERFACE,
            methods=self._methods(),
            properties=self._item_properties,
            introspection=_INTROSPECTION,
        )
        menu = Service(
            interface=dbusmenu.INTERFACE,
            methods=self._menu_service.methods,
            properties=self._menu_service.properties,
            introspection=dbusmenu.INTROSPECTION,
        )
        self._loop.serve(PATH, item)
        self._loop.serve(dbusmenu.PATH, menu)

    # The watcher.

    def _watcher_known(self, answer: tuple[Any, ...] | None) -> None:
        if answer == (True,):
            self._register()

    def _watcher_changed(self, _name: str, _old: str, new: str) -> None:
        self._hosted = False
        if new:
            self._register()

    def _register(self) -> None:
        self._loop.call(_WATCHER_OBJECT, "RegisterStatusNotifierItem", "s", (self._bus_name,), self._registered)

    def _registered(self, answer: tuple[Any, ...] | None) -> None:
        if answer is None:
            return
        asked = (WATCHER, "IsStatusNotifierHostRegistered")
        self._loop.call(_WATCHER_PROPERTIES, "Get", "ss", asked, self._host_known)

    def _host_known(self, answer: tuple[Any, ...] | None) -> None:
        # A watcher that cannot say is taken for a host; one without a host (kded without a panel) says False.
        self._hosted = answer != (("b", False),)

    def _host_came(self) -> None:
        self._hosted = True

    def _tell_if_alone(self) -> None:
        if not self._hosted and not self._told:
            self._told = True
            self._on_no_host(NO_HOST)

    # The item on the bus.

    def _methods(self) -> dict[str, Callable[..., Reply]]:
        def nothing(*_: object) -> Reply:
            return None, ()

        def activate(*_: object) -> Reply:
            self()
            return None, ()

        return {
            "Activate": activate,
            "SecondaryActivate": nothing,
            "ContextMenu": nothing,
            "Scroll": nothing,
            "ProvideXdgActivationToken": nothing,
        }

    def _item_properties(self) -> dict[str, tuple[str, Any]]:
        title, _, rest = self.title.partition("\n")
        pixmaps = list(self.icon or ())
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", self.name),
            "Title": ("s", self.name),
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
            "ItemIsMenu": ("b", True),
            "Menu": ("o", dbusmenu.PATH),
        }

    def _status(self) -> str:
        return "NeedsAttention" if self._attention else "Active"

    def _clicked(self, command: Event | Command | None) -> None:
        if command is not None:
            self.menu.dispatch(command)

    def _emit(self, member: str, signature: str | None, body: tuple[Any, ...]) -> None:
        if self._running:
            self._loop.emit(PATH, INTERFACE, member, signature, body)

    def _emit_menu(self, member: str, signature: str, body: tuple[Any, ...]) -> None:
        self._loop.emit(dbusmenu.PATH, dbusmenu.INTERFACE, member, signature, body)


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands for pystray's Menu here: the lines as they are, since pystray's items cost a wake-up thrice as much.

    Attributes:
        items: the lines.
        dispatch: takes the command of a line that was clicked.
    """

    items: tuple[Item, ...]
    dispatch: Callable[[Event | Command], None]

    def __call__(self, _icon: object) -> None:
        """A click on the icon itself."""
        default = next((item for item in self.items if isinstance(item, Entry) and item.default), None)
        if default is not None and default.command is not None:
            self.dispatch(default.command)


def _lines(items: tuple[Item, ...]) -> tuple[Line, ...]:
    return tuple(
        Line(item.key, _looks(item), _lines(item.children), item.command)
        if isinstance(item, Entry)
        else Line(f"separator {place}", {"type": "separator"})
        for place, item in enumerate(items)
    )


def _looks(entry: Entry) -> Properties:
    properties: dict[str, str | bool | int] = {"label": entry.label.replace("_", "__")}  # one marks a mnemonic
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
    ),
    "a(iiay)": ("IconPixmap", "OverlayIconPixmap", "AttentionIconPixmap"),
    "(sa(iiay)ss)": ("ToolTip",),
    "i": ("WindowId",),
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
        *(f'<method name="{name}">{_POINT}</method>' for name in ("Activate", "SecondaryActivate", "ContextMenu")),
        '<method name="Scroll"><arg type="i" name="delta" direction="in"/>',
        '<arg type="s" name="orientation" direction="in"/></method>',
        *(f'<signal name="{name}"/>' for name in ("NewIcon", "NewAttentionIcon", "NewToolTip", "NewTitle")),
        '<signal name="NewStatus"><arg type="s" name="status"/></signal></interface>',
    ]
)
