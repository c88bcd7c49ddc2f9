"""What a menu is made of: lines, entries and separators, as values.

Pure; knows no snapshot and no tray.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from traycreds.core.events import Event
from traycreds.core.ui_commands import Command
from traycreds.core.value_class import value_class


@value_class
class Separator:
    """A line between entries."""


class Entry(NamedTuple):
    """One line of the menu; a tuple, since a menu of a thousand roles is made of thousands of them each minute.

    Attributes:
        key: what a click does and to what, unique among its siblings; it stays when the label changes, and no other
            command has it, so that a click on an open menu never hits another line.
        label: plain text; back ends escape it.
        command: what a click posts; None for a line that only informs or that opens `children`.
        enabled: whether it can be clicked.
        checked: None for a line without a mark.
        radio: the mark is a radio button.
        children: a submenu.
    """

    key: str
    label: str
    command: Event | Command | None = None
    enabled: bool = True
    checked: bool | None = None
    radio: bool = False
    children: tuple[Item, ...] = ()


Item: TypeAlias = "Separator | Entry"


def info(key: str, label: str) -> Entry:
    """A line that only informs."""
    return Entry(key, label, enabled=False)
