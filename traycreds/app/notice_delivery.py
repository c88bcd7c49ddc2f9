"""Brings notices to where the user sees them: the desktop, a terminal, and the menu if neither shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from traycreds.core.events import Button, Notify
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.desktop.notifications.notifier import DesktopNotifier


class NoticeDelivery:
    """Fits `core.ports.Notifier`."""

    def __init__(
        self,
        desktop: DesktopNotifier,
        *,
        can: frozenset[UiCommand],
        in_terminal: Callable[[Notify], None],
        in_menu: Callable[[Notify], None],
        ask_for_code: Callable[[str], None] | None,
    ) -> None:
        """Send nothing yet.

        `can` are the commands that work here; buttons of others are left out. `in_menu` takes answers to clicks that
        the desktop does not show. `ask_for_code` asks for the code of an MFA device, after what is being shown; None
        where a notice leaves it to the user.
        """
        self._desktop = desktop
        self._can = can
        self._in_terminal = in_terminal
        self._in_menu = in_menu
        self._ask_for_code = ask_for_code

    def send(self, notice: Notify) -> None:
        """The notifier port: the desktop, and anything else that shows notices."""
        self._shown(self._with_buttons_that_work(notice))

    def answer(self, notice: Notify) -> None:
        """Tell what became of a click; where the desktop shows no notices, the menu does, until the next click."""
        notice = self._with_buttons_that_work(notice)
        if not self._shown(notice):
            self._in_menu(notice)

    def take_back(self, keys: Iterable[str]) -> None:
        """The notifier port: take away notices that hold no longer."""
        self._desktop.take_back(keys)

    def _shown(self, notice: Notify) -> bool:
        """Whether the desktop shows it."""
        self._in_terminal(notice)
        if self._ask_for_code is not None and notice.device is not None:
            self._ask_for_code(notice.device)
        return self._desktop.send(notice)

    def _with_buttons_that_work(self, notice: Notify) -> Notify:
        return replace(notice, buttons=tuple(filter(self._works, notice.buttons)))

    def _works(self, button: Button) -> bool:
        command = button.command.command if isinstance(button.command, RoleCommand) else button.command
        return not isinstance(command, UiCommand) or command in self._can
