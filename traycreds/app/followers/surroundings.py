"""Finds what the menu shows beside the roles, and passes it on when it changes. Changes nothing itself."""

from __future__ import annotations

import sys
from collections.abc import Callable

from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Surroundings
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop.login_item import LoginItem
from traycreds.desktop.notifications.advice import Advice
from traycreds.process.latest_worker import LatestWorker
from traycreds.usecases import login_item
from traycreds.usecases.options import Options


class SurroundingsWatch:
    """Reads on request, on its own thread."""

    def __init__(
        self,
        show: Callable[[Surroundings], None],
        *,
        sign_ins: Callable[[], tuple[tuple[str, RoleName], ...]],
        notices: Callable[[], Advice | None] = lambda: None,
        in_terminal: Callable[[], frozenset[UiCommand]] = frozenset,
    ) -> None:
        """Look at nothing yet.

        `sign_ins` finds the sign-ins that are over or end soon, `notices` why notices are not seen, `in_terminal` what
        is done by a command, because its window cannot be shown.
        """
        self._show = show
        self._sign_ins = sign_ins
        self._notices = notices
        self._in_terminal = in_terminal
        self._import_offer: str | None = None
        self._answer: Notify | None = None
        self._last: Surroundings | None = None
        self._item: LoginItem | None = None
        self._seen: object = None
        self._worker: LatestWorker[None] = LatestWorker(
            "surroundings", lambda _: self._read(), failed="could not read what else the menu shows"
        )

    def check(self) -> None:
        """Read it all; returns at once."""
        self._worker.put(None)

    def offer_import(self, line: str) -> None:
        """What a click imports from now on, which the user has asked for; returns at once."""
        self._import_offer = line
        self.check()

    def answer(self, notice: Notify | None) -> None:
        """What became of the last click, which no notice could tell; None at the next click. Returns at once."""
        if notice != self._answer:
            self._answer = notice
            self.check()

    def poll(self) -> None:
        """Read everything if something may have changed; starts a thread only then."""
        # macOS and Windows tell nobody that the user switched notices off.
        if sys.platform in ("darwin", "win32") or self._seen != (
            login_item.stamp(),
            self._can_start(),
            self._sign_ins(),
        ):
            self.check()

    def stop(self) -> None:
        """Read nothing more; returns at once."""
        self._worker.close()

    def _read(self) -> None:
        # Take the stamp first, so that a change while the entry is read shows up as one.
        stamp = login_item.stamp()
        advice = self._notices()
        found = Surroundings(
            at_login=self._at_login(),
            sign_ins=self._sign_ins(),
            import_offer=self._import_offer,
            notices=None if advice is None else advice.short,
            notices_off=advice is not None and advice.off,
            in_terminal=self._in_terminal(),
            answer=self._answer,
        )
        self._seen = stamp, self._can_start(), found.sign_ins
        if found != self._last:
            self._last = found
            self._show(found)

    def _can_start(self) -> bool:
        return self._item is not None and self._item.can_start

    def _at_login(self) -> bool | None:
        try:
            self._item = login_item.read(Options())
        except TraycredsError:
            # The `autostart` command reports what is wrong with the entry.
            self._item = None
            return None
        return self._item is not None and self._item.enabled and self._item.can_start
