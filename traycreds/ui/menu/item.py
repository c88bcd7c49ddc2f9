"""What a menu is made of: lines, entries and separators, as values. Pure."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from traycreds.core.events import Event
from traycreds.core.ui_commands import Command
from traycreds.core.value_class import value_class


@value_class
class Separator:
    """A line between entries."""


class Entry(NamedTuple):
    """One line of the menu; a tuple, because a thousand roles need thousands each minute.

    Attributes:
        key: what a click does and to what, unique among siblings and stable when the label changes, so that a click on
            an open menu never hits another line.
        command: what a click posts; None only informs or opens `children`.
        checked, radio: None for a line without a mark; the mark is a radio button.
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
