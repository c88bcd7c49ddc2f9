"""What we use of pystray: base classes without a display, its back ends, and MenuModel as its Menu.

pystray picks a back end at import, which fails on Linux without X; `tray` picks ours, so it is imported with its dummy.
Never touches a running icon. Imported only where pystray's icon is shown.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from traycreds.core.events import Event
from traycreds.core.ui_commands import Command
from traycreds.ui.menu.item import Entry, Separator
from traycreds.ui.menu.model import MenuModel
from traycreds.ui.tray.choice import BACK_END


@contextlib.contextmanager
def _dummy_back_end() -> Iterator[None]:
    """Only for the import: programs that we start must not inherit the variable."""
    before = os.environ.get(BACK_END)
    os.environ[BACK_END] = "dummy"
    try:
        yield
    finally:
        if before is None:
            del os.environ[BACK_END]
        else:
            os.environ[BACK_END] = before


if sys.platform in ("win32", "darwin"):
    import pystray as _pystray
else:
    with _dummy_back_end():
        import pystray as _pystray

NativeIcon: Any = _pystray.Icon
"""That of the back end which pystray chose; on Linux its dummy."""
BaseIcon: Any = importlib.import_module("pystray._base").Icon
Menu: Any = _pystray.Menu
SEPARATOR: Any = Menu.SEPARATOR


class Item(_pystray.MenuItem):  # type: ignore[misc]  # pystray is untyped
    """A pystray item with its key and click command, so that a back end can identify it."""

    def __init__(self, entry: Entry, action: Any) -> None:
        checked = entry.checked
        super().__init__(
            _label(entry.label),
            action,
            checked=None if checked is None else lambda _: checked,
            radio=entry.radio,
            enabled=entry.enabled,
        )
        self.key = entry.key
        self.command = entry.command


def to_menu(model: MenuModel, dispatch: Callable[[Event | Command], None]) -> Any:
    """The model as pystray's Menu; a click gives the entry's command to `dispatch`."""
    return _menu(model.items, dispatch)


def icon_of(back_end: str) -> Any:
    """The icon class of one of pystray's back ends, such as "gtk". Raises ImportError, or an error of X or GTK."""
    return importlib.import_module(f"pystray._{back_end}").Icon


def windows_calls() -> Any:
    """The calls of Windows as pystray makes them."""
    return importlib.import_module("pystray._util.win32")


def _menu(items: tuple[Separator | Entry, ...], dispatch: Callable[[Event | Command], None]) -> Any:
    return Menu(*(SEPARATOR if isinstance(item, Separator) else _item(item, dispatch) for item in items))


def _item(entry: Entry, dispatch: Callable[[Event | Command], None]) -> Item:
    if entry.children:
        return Item(entry, _menu(entry.children, dispatch))
    command = entry.command
    return Item(entry, None if command is None else lambda: dispatch(command))


def _label(text: str) -> str:
    """Windows takes one ampersand for a mnemonic; our Linux back end escapes for itself, macOS has none."""
    return text.replace("&", "&&") if sys.platform == "win32" else text
