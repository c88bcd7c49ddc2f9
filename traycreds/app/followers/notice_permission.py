"""Chooses the moment at which the system asks the user whether notices are allowed, as macOS does once."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.snapshot import Snapshot


class NoticePermission:
    """Asks when the first session of a role that is renewed is there.

    The user has just seen what the program is for, and is there to answer. The first notice may come when nobody is.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        """Ask nothing yet.

        Args:
            ask: has the system ask, unless it has; returns at once.
        """
        self._ask = ask
        self._asked = False

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Ask if it is time; returns at once."""
        if not self._asked and any(view.renewed and view.expires_at is not None for view in snapshot.roles):
            self._asked = True
            self._ask()
