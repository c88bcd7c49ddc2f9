"""The door to pystray: its base classes without a display, its own back ends, and MenuModel as pystray's Menu.

pystray chooses a back end when it is imported, and on Linux that import fails without an X display; ours is chosen by
`tray`, so pystray is imported with its dummy one. Never touches an icon that runs.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from traycreds.core.commands import Command
from traycreds.core.messages import Event
from traycreds.ui.item import Entry, Separator
from traycreds.ui.menu import MenuModel

_BACK_END = "PYSTRAY_BACKEND"
_WITH_MENU = ("appindicator", "gtk")
"""pystray's back ends for Linux that can show a menu; `xorg` cannot."""


@contextlib.contextmanager
def _dummy_back_end() -> Iterator[None]:
    """Only for the import: programs that we start must not inherit the variable."""
    before = os.environ.get(_BACK_END)
    os.environ[_BACK_END] = "dummy"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_BACK_END]
        else:
            os.environ[_BACK_END] = before


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
    """A pystray item that knows what it is about, so that a back end can give it the same id again."""

    def __init__(self, entry: Entry, action: Any) -> None:
        checked = entry.checked
        super().__init__(
            _label(entry.label),
            action,
            checked=None if checked is None else lambda _: checked,
            radio=entry.radio,
            default=entry.default,
            enabled=entry.enabled,
        )
        self.key = entry.key


def to_menu(model: MenuModel, dispatch: Callable[[Event | Command], None]) -> Any:
    """The model as pystray's Menu; a click gives the entry's command to `dispatch`."""
    return _menu(model.items, dispatch)


def forced_back_end() -> str | None:
    """The back end of pystray's that the user asks for by PYSTRAY_BACKEND, or None."""
    return os.environ.get(_BACK_END) or None


def native_icon(name: str) -> Any | None:
    """An icon of pystray's own back end for this platform, or None where none has a menu."""
    if sys.platform == "win32":
        from traycreds.ui import windowsicon  # noqa: PLC0415 - needs this module

        return _hasty(windowsicon.Icon(name))
    if sys.platform == "darwin":
        return _hasty(NativeIcon(name))
    forced = forced_back_end()
    for back_end in (forced,) if forced else _WITH_MENU:
        try:
            icon = importlib.import_module(f"pystray._{back_end}").Icon
        except Exception:  # noqa: BLE001, S112 - ImportError, but ValueError for a missing typelib and X errors too
            continue
        if icon.HAS_MENU:
            return _hasty(icon(name))
    return None


def windows_calls() -> Any:
    """The calls of Windows as pystray makes them."""
    return importlib.import_module("pystray._util.win32")


def _hasty(icon: Any) -> Any:
    """Quitting waits at most a second for the set-up thread: a program that is told to end has two in all."""
    icon.SETUP_THREAD_TIMEOUT = 1.0
    return icon


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
