"""Serves a menu as com.canonical.dbusmenu, version 3 (com.canonical.dbusmenu.xml of libdbusmenu 16.04).

Knows no bus library: a method returns signature and body; signals go out through a callable. Never blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from traycreds.dbus.objects import Body, BuiltBody, Reply
from traycreds.ui.tray.dbus_menu_layout import Layout, MenuLine, Node, Properties

INTERFACE = "com.canonical.dbusmenu"
PATH = "/MenuBar"
Wire: TypeAlias = "dict[str, tuple[str, Any]]"
"""Properties as variants."""

_ANSWERS = 64
"""Answers that are kept for hosts that ask again; a host asks for the whole menu and for each submenu."""
_LONGEST_QUESTION = 4096
"""Ids and names in a question whose answer is kept."""
_SIGNATURE_OF = {bool: "b", int: "i", str: "s"}
_NODE = "(ia{sv}av)"


class UnknownLineError(LookupError):
    """The host asks about a line that the menu has no longer."""


class MenuService:
    """The menu on the bus; `click` gets a line's `target`, `emit` sends a signal: member, signature, body."""

    def __init__(self, *, click: Callable[[Any], None], emit: Callable[[str, str, Body], None]) -> None:
        self._layout = Layout()
        self._click = click
        self._emit = emit
        self._built: dict[tuple[object, ...], BuiltBody] = {}
        self.methods: Mapping[str, Callable[..., Reply]] = {
            "GetLayout": self._get_layout,
            "GetGroupProperties": self._get_group_properties,
            "GetProperty": self._get_property,
            "Event": self._event,
            "EventGroup": self._event_group,
            "AboutToShow": self._about_to_show,
            "AboutToShowGroup": self._about_to_show_group,
        }

    def properties(self) -> Wire:
        """The interface's own properties."""
        return {
            "Version": ("u", 3),
            "TextDirection": ("s", "ltr"),
            "Status": ("s", "normal"),
            "IconThemePath": ("as", []),
        }

    def show(self, lines: Sequence[MenuLine]) -> None:
        """Replace the menu and tell the host what changed, and nothing more than that."""
        change = self._layout.update(lines)
        if change:
            self._built.clear()
        if change.updated or change.removed:
            updated = [(id_, _wire(properties)) for id_, properties in change.updated]
            removed = [(id_, list(names)) for id_, names in change.removed]
            self._emit("ItemsPropertiesUpdated", "a(ia{sv})a(ias)", (updated, removed))
        if change.parent is not None:
            self._emit("LayoutUpdated", "ui", (self._layout.revision, change.parent))

    def _get_layout(self, parent: int, depth: int, names: list[str]) -> Reply:
        node = self._node(parent)
        self._layout.host_reads(node, depth)
        return f"u{_NODE}", self._once(
            ("layout", parent, depth, *names),
            lambda: (self._layout.revision, _tree(node, depth, frozenset(names))),
        )

    def _get_group_properties(self, ids: list[int], names: list[str]) -> Reply:
        def make() -> Body:
            nodes = [self._layout.node(id_) for id_ in ids] if ids else list(self._layout.nodes())
            wanted = frozenset(names)
            return ([(node.id, _wire(node.properties, wanted)) for node in nodes if node is not None],)

        return "a(ia{sv})", self._once(("properties", len(ids), *ids, *names), make)

    def _get_property(self, id_: int, name: str) -> Reply:
        wire = _wire(self._node(id_).properties)
        if name not in wire:
            raise UnknownLineError(f"Line {id_} has no property {name}.")
        return "v", (wire[name],)

    def _event(self, id_: int, kind: str, _data: Any, _timestamp: int) -> Reply:
        node = self._node(id_)
        if kind == "clicked" and node.properties.get("enabled", True) and not node.children:
            self._click(node.target)
        return None, ()

    def _event_group(self, events: list[tuple[int, str, Any, int]]) -> Reply:
        missing = [id_ for id_, *_ in events if self._layout.node(id_) is None]
        for event in events:
            if event[0] not in missing:
                self._event(*event)
        if events and len(missing) == len(events):
            raise UnknownLineError("None of these lines exists.")
        return "ai", (missing,)

    def _about_to_show(self, id_: int) -> Reply:
        self._node(id_)
        # The menu is always up to date, as changes are sent when they happen.
        return "b", (False,)

    def _about_to_show_group(self, ids: list[int]) -> Reply:
        return "aiai", ([], [id_ for id_ in ids if self._layout.node(id_) is None])

    def _once(self, question: tuple[object, ...], make: Callable[[], Body]) -> Body:
        if question in self._built:
            return self._built[question]
        if len(question) > _LONGEST_QUESTION:
            return make()
        if len(self._built) >= _ANSWERS:
            self._built.clear()
        built = self._built[question] = BuiltBody(make())
        return built

    def _node(self, id_: int) -> Node:
        node = self._layout.node(id_)
        if node is None:
            raise UnknownLineError(f"The menu has no line {id_}.")
        return node


def _wire(properties: Properties, names: frozenset[str] = frozenset()) -> Wire:
    """As variants; no names means all."""
    return {
        name: (_SIGNATURE_OF[type(value)], value) for name, value in properties.items() if not names or name in names
    }


def _tree(node: Node, depth: int, names: frozenset[str]) -> tuple[int, Wire, list[tuple[str, Any]]]:
    """A line and its children, `depth` levels deep; -1 is all."""
    below = [] if depth == 0 else [(_NODE, _tree(child, depth - 1, names)) for child in node.children]
    return node.id, _wire(node.properties, names), below


INTROSPECTION = """<interface name="com.canonical.dbusmenu">
<property name="Version" type="u" access="read"/><property name="TextDirection" type="s" access="read"/>
<property name="Status" type="s" access="read"/><property name="IconThemePath" type="as" access="read"/>
<method name="GetLayout"><arg type="i" name="parentId" direction="in"/>
<arg type="i" name="recursionDepth" direction="in"/><arg type="as" name="propertyNames" direction="in"/>
<arg type="u" name="revision" direction="out"/><arg type="(ia{sv}av)" name="layout" direction="out"/></method>
<method name="GetGroupProperties"><arg type="ai" name="ids" direction="in"/>
<arg type="as" name="propertyNames" direction="in"/><arg type="a(ia{sv})" name="properties" direction="out"/></method>
<method name="GetProperty"><arg type="i" name="id" direction="in"/><arg type="s" name="name" direction="in"/>
<arg type="v" name="value" direction="out"/></method>
<method name="Event"><arg type="i" name="id" direction="in"/><arg type="s" name="eventId" direction="in"/>
<arg type="v" name="data" direction="in"/><arg type="u" name="timestamp" direction="in"/></method>
<method name="EventGroup"><arg type="a(isvu)" name="events" direction="in"/>
<arg type="ai" name="idErrors" direction="out"/></method>
<method name="AboutToShow"><arg type="i" name="id" direction="in"/>
<arg type="b" name="needUpdate" direction="out"/></method>
<method name="AboutToShowGroup"><arg type="ai" name="ids" direction="in"/>
<arg type="ai" name="updatesNeeded" direction="out"/><arg type="ai" name="idErrors" direction="out"/></method>
<signal name="ItemsPropertiesUpdated"><arg type="a(ia{sv})" name="updatedProps"/>
<arg type="a(ias)" name="removedProps"/></signal>
<signal name="LayoutUpdated"><arg type="u" name="revision"/><arg type="i" name="parent"/></signal>
<signal name="ItemActivationRequested"><arg type="i" name="id"/><arg type="u" name="timestamp"/></signal>
</interface>"""
