"""Opens the window that adds a role, and reports the result; the window itself writes the configuration."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence

from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.text import notice_body, notice_title
from traycreds.process import own_program
from traycreds.state.paths import Paths
from traycreds.ui.dialog_program import CANNOT_SHOW, REFUSED, DialogProgram

SECONDS = 3600.0
"""How long it stays open, since users look up what they type."""
PATIENCE = 2.0
"""Seconds that a closed window may take to end, before a click gets the message that it is open."""


class NewRoles:
    """One window at a time."""

    def __init__(
        self,
        paths: Paths,
        *,
        notify: Callable[[Notify], None],
        added: Callable[[], None],
        own: Sequence[str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Open nothing yet.

        `added` is called once the configuration has the new role. `own` are the words that start the window; None for
        those of this program. `patience`: seconds for a window that was closed to be gone.
        """
        self._paths, self._notify, self._added = paths, notify, added
        self._own = own or own_program.part(own_program.ADD_ROLE)
        self._program = DialogProgram(seconds=SECONDS)
        self._patience = patience
        self._open = threading.Lock()

    def ask(self) -> None:
        """Show the window until it is closed; blocks. Raises TraycredsError: it cannot be shown, or is open already."""
        if not self._open.acquire(timeout=self._patience):
            raise TraycredsError("The Add role window is already open.", "It may be behind your other windows.")
        try:
            given = json.dumps({"config": str(self._paths.config_file)}).encode()
            status, answer = self._program.run(self._own, given)
        finally:
            self._open.release()
        if status == CANNOT_SHOW:
            hint = "Run traycreds add in a terminal, or install Python's tkinter."
            raise TraycredsError("traycreds cannot show the Add role window here.", hint)
        if status == REFUSED:
            wrong = json.loads(answer)
            raise TraycredsError(wrong["sentence"], wrong["hint"])
        if status == 0:
            self._added()
            body = notice_body("It is now in your configuration.", "Click it in the menu to make it the default.")
            self._notify(Notify(key="new-role", title=notice_title("{} was added", answer), body=body))

    def close(self) -> None:
        """End an open window and open no other."""
        self._program.close()
