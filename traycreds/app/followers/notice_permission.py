"""Chooses the moment at which the system asks the user whether notices are allowed, as macOS does once."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.snapshot import Snapshot


class NoticePermission:
    """Asks once a kept role has its first session: the user sees what the program is for, and is there to answer."""

    def __init__(self, ask: Callable[[], None]) -> None:
        """Ask nothing yet; `ask` returns at once."""
        self._ask = ask
        self._asked = False

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Ask if it is time; returns at once."""
        if not self._asked and any(view.renewed and view.expires_at is not None for view in snapshot.roles):
            self._asked = True
            self._ask()
