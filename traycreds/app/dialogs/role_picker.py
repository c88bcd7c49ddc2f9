"""Opens the window that finds a role, and passes on what is picked like a menu click. Decides nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply
from traycreds.core.errors import TraycredsError
from traycreds.core.events import Event, Notify, RoleChosen, RoleSwitched
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import IN_STATUS, notice_body, notice_title
from traycreds.core.ui_commands import Command, RoleCommand, UiCommand
from traycreds.lifecycle import notices
from traycreds.process import own_program
from traycreds.process.bounded_call import daemon
from traycreds.state.paths import Paths
from traycreds.ui.menu import labels
from traycreds.ui.picker import rows
from traycreds.ui.picker.dialog import PickerDialog
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

log = logging.getLogger(__name__)


class Asks(Protocol):
    """Asks the user for a role."""

    def ask(self, offered: Sequence[RoleRow]) -> Picked | None:
        """What was picked, or None; blocks until then. May raise TraycredsError."""
        ...

    def end(self) -> bool:
        """End an open window; whether there was one."""
        ...

    def close(self) -> None:
        """Stop asking."""
        ...


class RolePicker:
    """Asks which role is wanted, and for what."""

    def __init__(
        self,
        paths: Paths,
        *,
        snapshot: Callable[[], Snapshot],
        take: Callable[[Event | Command], None],
        request: Callable[[Request, Callable[[], bool]], CommandReply],
        notify: Callable[[Notify], None],
        dialog: Asks | None = None,
    ) -> None:
        """Open nothing yet.

        `request` does what a command asks, and blocks meanwhile; it may raise TraycredsError. Without a `dialog`, a
        window asks.
        """
        self._given = ("--config", str(paths.config_file)) if paths.config_named else ()
        self._snapshot, self._take, self._request, self._notify = snapshot, take, request, notify
        self._dialog = dialog
        self._lock = threading.Lock()
        self._asking = self._again = False
        self._over = threading.Event()

    def open(self) -> None:
        """Ask, in a new window if one is open, which may be hidden behind others. Returns at once."""
        with self._lock:
            if self._over.is_set():
                return
            if self._asking:
                self._again = self._dialog is not None and self._dialog.end()
                return
            self._asking = True
            self._dialog = self._dialog or self._window()
        daemon("role picker", self._run)

    def close(self) -> None:
        """Close an open window, and open no other."""
        self._over.set()
        with self._lock:
            if self._dialog is not None:
                self._dialog.close()

    def _window(self) -> Asks:
        in_console = own_program.pick_in_console(self._given)
        return PickerDialog(own_program.part(own_program.FIND_ROLE), in_console=in_console)

    def _run(self) -> None:
        try:
            picked = self._ask()
            if picked is not None:
                self._do(picked)
        except TraycredsError as error:
            log.info("%s %s", error.sentence, error.hint)
            body = notice_body(error.sentence, error.hint, notices.IN_LOG)
            self._notify(Notify(key="find-role", title="Find role: nothing was done", body=body))
        except Exception:
            log.exception("no role could be picked")

    def _ask(self) -> Picked | None:
        assert self._dialog is not None
        try:
            while True:
                picked = self._dialog.ask(rows.of(self._snapshot()))
                with self._lock:
                    self._asking = again = self._again and picked is None
                    self._again = False
                if not again:
                    return picked
        except Exception:
            self._asking = self._again = False
            raise

    def _do(self, picked: Picked) -> None:
        name = RoleName(picked.role)
        match picked.action:
            case PickerAction.USE:
                self._take(RoleChosen(name))
            case PickerAction.KEEP:
                self._take(RoleSwitched(name, on=True))
            case PickerAction.CONSOLE:  # pragma: no branch - there is no other
                self._open_console(name)

    def _open_console(self, name: RoleName) -> None:
        """Open it once the role has a session; roles that are not kept have none yet."""
        if not self._alive(name):
            self._request(Request(id="", do="refresh", roles=(name,)), self._over.is_set)
        view = next((view for view in self._snapshot().roles if view.name == name), None)
        if view is not None and view.error is not None and not self._alive(name):
            body = notice_body(view.error, view.hint or "", IN_STATUS)
            self._notify(Notify(key="find-role", title=notice_title("{}: console not opened", name), body=body))
        elif not self._over.is_set():
            self._take(RoleCommand(UiCommand.OPEN_CONSOLE, name))

    def _alive(self, name: RoleName) -> bool:
        snapshot = self._snapshot()
        return any(labels.alive(view, snapshot.as_of) for view in snapshot.roles if view.name == name)
