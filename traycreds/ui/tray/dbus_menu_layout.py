"""The menu as com.canonical.dbusmenu numbers it: gives every line an id and tells what changed.

Pure bookkeeping. Never talks to the bus. Two promises make an open menu safe and calm: an id belongs to one thing for
ever (a late click never hits another line), and a change of words alone is never reported as a change of layout (which
would close an open menu on xfce4-panel).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from traycreds.core.value_class import value_class

Properties: TypeAlias = "Mapping[str, str | bool | int]"
"""Properties of a line by dbusmenu's names; those that have their default value are left out."""

ROOT = 0
_SUBMENU: Properties = {"children-display": "submenu"}


@value_class
class Line:
    """One line before it has an id.

    Attributes:
        key: what it is about, unique among its siblings.
        properties: how it looks.
        children: its submenu.
        target: what a click is for; handed back in its `Node`.
    """

    key: str
    properties: Properties
    children: tuple[Line, ...] = ()
    target: Any = None


@value_class
class Node:
    """One line with its id, for ever."""

    id: int
    properties: Properties
    children: tuple[Node, ...] = ()
    target: Any = None


@value_class
class Change:
    """What differs between two menus.

    Attributes:
        parent: the line below which lines came, went or moved; None when none did.
        updated: for each line that looks different, its new properties.
        removed: for each line, the names of properties that went back to their default.
    """

    parent: int | None = None
    updated: tuple[tuple[int, Properties], ...] = ()
    removed: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        return self.parent is not None or bool(self.updated) or bool(self.removed)


class Layout:
    """The menu as the tray host knows it; owned by one thread."""

    def __init__(self) -> None:
        self.revision = 1
        self.root = Node(ROOT, _SUBMENU)
        self._ids: dict[tuple[int, str], int] = {}
        self._nodes = {ROOT: self.root}

    def update(self, lines: Sequence[Line]) -> Change:
        """Replace the whole menu; raises the revision if lines came, went or moved."""
        before = self._nodes
        self.root = Node(ROOT, _SUBMENU, tuple(self._number(line, ROOT) for line in lines))
        self._nodes = {node.id: node for node in _walk(self.root)}
        change = _compare(before, self._nodes)
        if change.parent is not None:
            self.revision += 1
        return change

    def node(self, id_: int) -> Node | None:
        """The line with this id, or None if there is none now."""
        return self._nodes.get(id_)

    def nodes(self) -> Iterator[Node]:
        """All lines, the root first."""
        return iter(self._nodes.values())

    def _number(self, line: Line, parent: int) -> Node:
        id_ = self._ids.setdefault((parent, line.key), len(self._ids) + 1)
        children = tuple(self._number(child, id_) for child in line.children)
        properties = {**line.properties, **_SUBMENU} if children else line.properties
        return Node(id_, properties, children, line.target)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _compare(before: Mapping[int, Node], after: Mapping[int, Node]) -> Change:
    moved: list[int] = []
    updated: list[tuple[int, Properties]] = []
    removed: list[tuple[int, tuple[str, ...]]] = []
    for id_, new in after.items():
        old = before.get(id_)
        if old is None:
            continue  # its parent has moved lines, so the host asks for it again
        if [child.id for child in old.children] != [child.id for child in new.children]:
            moved.append(id_)
        changed = {name: value for name, value in new.properties.items() if old.properties.get(name) != value}
        gone = tuple(name for name in old.properties if name not in new.properties)
        if changed:
            updated.append((id_, changed))
        if gone:
            removed.append((id_, gone))
    parent = None if not moved else moved[0] if len(moved) == 1 else ROOT
    return Change(parent, tuple(updated), tuple(removed))
