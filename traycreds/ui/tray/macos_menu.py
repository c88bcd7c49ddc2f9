"""A macOS menu made from pystray's: each line has its own number forever, so a click finds the line on screen.

An open menu keeps its lines: those that do the same change their words in place. For the main thread alone.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import Any, TypeAlias

import AppKit

from traycreds.ui.tray import pystray_menu

assert sys.platform == "darwin"

_Path: TypeAlias = "tuple[str, ...]"
"""The keys of a line and of its parents."""

ACTION = b"lineChosen:"
"""The selector of a click; its sender is the line."""
_numbers = itertools.count(1)


class MacMenu:
    """One menu (`native` is its NSMenu), which keeps its lines."""

    def __init__(self, lines: Any, *, target: Any) -> None:
        """Make it from pystray's Menu; `target` is the object with `ACTION`."""
        self._target = target
        self._items: dict[_Path, tuple[Any, pystray_menu.Item]] = {}
        self._lines: dict[int, pystray_menu.Item] = {}
        self.native = self._made(lines, ())

    def line(self, number: int) -> pystray_menu.Item | None:
        """The line with this number, or None: it belongs to another menu."""
        return self._lines.get(number)

    def change_in_place(self, lines: Any) -> None:
        """Give the lines that still do the same their new words; what else differs needs another menu."""
        for path, line in _walk(lines, ()):
            item, before = self._items.get(path, (None, None))
            if item is not None and before is not None and before.command == line.command:
                item.setTitle_(line.text)
                _set_state(item, line)

    def _made(self, lines: Any, above: _Path) -> Any:
        menu = AppKit.NSMenu.alloc().initWithTitle_("")
        # Otherwise AppKit asks the target which lines can be clicked.
        menu.setAutoenablesItems_(False)
        for line in lines:
            separator = line is pystray_menu.SEPARATOR
            menu.addItem_(AppKit.NSMenuItem.separatorItem() if separator else self._made_item(line, (*above, line.key)))
        return menu

    def _made_item(self, line: pystray_menu.Item, path: _Path) -> Any:
        number = next(_numbers)
        item = AppKit.NSMenuItem.alloc().initWithTitle_action_keyEquivalent_(line.text, ACTION, "")
        item.setTag_(number)
        item.setTarget_(self._target)
        _set_state(item, line)
        if line.submenu:
            item.setSubmenu_(self._made(line.submenu, path))
        else:
            self._lines[number] = line
        self._items[path] = (item, line)
        return item


def _set_state(item: Any, line: pystray_menu.Item) -> None:
    item.setEnabled_(line.enabled)
    item.setState_(AppKit.NSControlStateValueOn if line.checked else AppKit.NSControlStateValueOff)


def _walk(lines: Any, above: _Path) -> Iterator[tuple[_Path, pystray_menu.Item]]:
    for line in lines:
        if line is not pystray_menu.SEPARATOR:
            path = (*above, line.key)
            yield path, line
            if line.submenu:
                yield from _walk(line.submenu, path)
