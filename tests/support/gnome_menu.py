"""The menu as GNOME's AppIndicator extension 46 keeps it (dbusMenu.js), with its faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Tree: TypeAlias = "tuple[int, Sequence[Tree]]"
"""A line's id and what is below it."""


class GnomeMenu:
    """`shown` holds, for each line, what is seen below it, by id."""

    def __init__(self) -> None:
        self.shown: dict[int, list[int]] = {0: []}
        self._believed: dict[int, list[int]] = {0: []}

    def read(self, tree: Tree) -> None:
        """Take a whole layout in: what LayoutUpdated and each opening bring."""
        self._update(tree)
        alive = set(_ids(tree))
        for lines in (self.shown, self._believed):
            for gone in lines.keys() - alive:
                del lines[gone]

    def tree(self, id_: int = 0) -> Tree:
        """What is seen."""
        return id_, [self.tree(child) for child in self.shown[id_]]

    def _update(self, tree: Tree) -> None:
        id_, below = tree
        for child in below:
            self._update(child)
        wanted = [child for child, _ in below]
        if id_ not in self.shown:
            self.shown[id_], self._believed[id_] = list(wanted), list(wanted)
            return
        shown, believed = self.shown[id_], self._believed[id_]
        old = list(believed)
        for place, child in enumerate(wanted):
            if child in old:
                old.remove(child)
                # The shell believes that it moves the line, but shows it where it was.
                believed.remove(child)
                believed.insert(place, child)
            else:
                believed.insert(place, child)
                shown.insert(place, child)
        for child in old:
            believed.remove(child)
            shown.remove(child)


def _ids(tree: Tree) -> list[int]:
    id_, below = tree
    return [id_, *(each for child in below for each in _ids(child))]
