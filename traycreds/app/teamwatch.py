"""Tells the user of the running app that included files wait for their word, and fetches what is not here yet.

Each thing is told once. Fetching is done by a thread of its own, again and again with pauses that grow, since at login
there may be no network yet. Accepts nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from traycreds.adapters import review
from traycreds.adapters.digest import sha256
from traycreds.adapters.includes import Source
from traycreds.adapters.places import Places
from traycreds.adapters.printable import printable
from traycreds.adapters.review import Review
from traycreds.adapters.shelf import Standing
from traycreds.app import team
from traycreds.core.commands import UiCommand
from traycreds.core.errors import ConfigError
from traycreds.core.messages import Button, Notify

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between two tries to fetch."""
_HOW = "They take effect once you accept them: choose Review team roles, or run traycreds import --team."
_MISSING = frozenset({Standing.UNFETCHED, Standing.UNREACHABLE, Standing.MISMATCH})


class TeamWatch:
    """Looks at included files whenever something changed."""

    def __init__(self, where: Places, tell: Callable[[Notify], None]) -> None:
        """Look at nothing yet.

        Args:
            where: all places.
            tell: shows a notice.
        """
        self._where = where
        self._tell = tell
        self._lock = threading.Lock()
        self._told: dict[Source, object] = {}
        self._missing: frozenset[Source] = frozenset()
        self._news = threading.Event()
        self._fetching = False

    def look(self) -> None:
        """Tell what is new, and begin to fetch what is missing; asks no network itself."""
        try:
            found = review.find(self._where)
        except ConfigError as error:  # told by whoever watches the configuration
            log.info("included files were not looked at: %s", error)
            return
        with self._lock:
            news = [each for each in found if self._is_news(each)]
            missing = frozenset(each.source for each in found if each.included.standing in _MISSING)
            begin = bool(missing) and not self._fetching
            if missing != self._missing:
                self._missing = missing
                self._news.set()
            self._fetching = self._fetching or begin
        for each in news:
            self._tell(_notice(each))
        if begin:
            threading.Thread(target=self._fetch, name="team", daemon=True).start()

    def _is_news(self, each: Review) -> bool:
        """Whether there is something to tell that was not told yet."""
        standing, found = each.included.standing, each.included.found
        mark = (standing, None if found is None else sha256(found), each.error and each.error.sentence)
        known = self._told.get(each.source)
        self._told[each.source] = mark
        return mark != known and standing is not Standing.UNFETCHED and (each.waiting or each.error is not None)

    def _fetch(self) -> None:
        pause = FIRST_PAUSE
        while self._goes_on():
            self._news.clear()
            try:
                team.fetch(self._where)
                self.look()
            except Exception:
                log.exception("included files could not be fetched")
            if self._missing:
                pause = FIRST_PAUSE if self._news.wait(pause) else min(2 * pause, LONGEST_PAUSE)

    def _goes_on(self) -> bool:
        with self._lock:
            self._fetching = bool(self._missing)
            return self._fetching


def _notice(each: Review) -> Notify:
    button = Button("Review\u2026", UiCommand.REVIEW_TEAM)
    key = f"{team.KEY}:{each.source.key}"
    if each.error is None:
        return Notify(key=key, title=team.sentence(each), body=_HOW, buttons=(button,))
    name = printable(each.source.name)
    kept = "the accepted roles stay" if each.included.accepted is not None else "it adds no roles"
    body = printable(f"{each.error.sentence} {each.error.hint}")
    return Notify(key=key, title=f"{name} cannot be used, {kept}", body=body, buttons=(button,))
