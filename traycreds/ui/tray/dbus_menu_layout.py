"""The menu as com.canonical.dbusmenu numbers it: gives every line an id and reports changes. Never talks to the bus.

An id belongs to one thing forever, so a late click never hits another line. A change of words alone is never a change
of layout, which would close an open menu on xfce4-panel. For the order of lines on GNOME see `_kept`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from traycreds.core.value_class import value_class

Properties: TypeAlias = "Mapping[str, str | bool | int]"
"""Properties of a line by dbusmenu's names; those that have their default value are left out."""

ROOT = 0
_SUBMENU: Properties = {"children-display": "submenu"}


@value_class
class MenuLine:
    """One line without an id yet; its key is unique among its siblings, its target is returned in its `Node`."""

    key: str
    properties: Properties
    children: tuple[MenuLine, ...] = ()
    target: Any = None


@value_class
class Node:
    """One line with its id, forever."""

    id: int
    properties: Properties
    children: tuple[Node, ...] = ()
    target: Any = None


@value_class
class Change:
    """What differs between two menus.

    Attributes:
        parent: below it, lines came, went or moved; None: none did.
        updated, removed: new properties of each line that looks different; those that are back to their default.
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
        self._free = itertools.count(1)
        self._nodes = {ROOT: self.root}
        self._known: dict[int, tuple[int, ...]] = {}

    def update(self, lines: Sequence[MenuLine]) -> Change:
        """Replace the whole menu; raises the revision if lines came, went or moved."""
        before = self._nodes
        self.root = Node(ROOT, _SUBMENU, self._number(lines, ROOT))
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

    def host_reads(self, node: Node, depth: int) -> None:
        """Note that the host is given the lines below a line, `depth` levels deep; -1 is all."""
        if depth != 0:
            self._known[node.id] = tuple(child.id for child in node.children)
            for child in node.children:
                self.host_reads(child, depth - 1)

    def _number(self, lines: Sequence[MenuLine], parent: int) -> tuple[Node, ...]:
        known = self._known.get(parent, ())
        ids = [self._ids.get((parent, line.key)) or next(self._free) for line in lines]
        kept = _kept(known, ids)
        nodes = []
        for id_, line in zip(ids, lines, strict=True):
            number = next(self._free) if id_ in known and id_ not in kept else id_
            if number != id_:
                self._forget(id_)
            self._ids[parent, line.key] = number
            children = self._number(line.children, number)
            properties = {**line.properties, **_SUBMENU} if children else line.properties
            nodes.append(Node(number, properties, children, line.target))
        return tuple(nodes)

    def _forget(self, parent: int) -> None:
        self._known.pop(parent, None)
        for below in [key for key in self._ids if key[0] == parent]:
            self._forget(self._ids.pop(below))


def _kept(known: Sequence[int], wanted: Sequence[int]) -> frozenset[int]:
    """Which lines can keep the ids that the host knows, from `known` to `wanted` below one parent.

    GNOME's AppIndicator extension moves no line (its handler mixes up its arguments), adds new lines first and removes
    others last. So a moved line must be new, and no new line may follow a removed one, or it lands too far up.
    """
    kept: set[int] = set()
    begin = 0
    for place, id_ in enumerate(wanted):
        if begin < len(known) and id_ == known[begin]:
            kept.add(id_)
            begin += 1
        elif id_ in known and _in_order(wanted[place:], known[begin:]):
            return frozenset(kept.union(wanted[place:]))
    return frozenset(kept)


def _in_order(some: Sequence[int], among: Sequence[int]) -> bool:
    others = iter(among)
    return all(each in others for each in some)


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
            # Its parent has other children now, so the host asks for it again.
            continue
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
