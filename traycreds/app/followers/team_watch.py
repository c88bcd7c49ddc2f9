"""Tells the user, once each, that included files wait for review, and fetches missing ones. Accepts nothing.

Fetching retries on its own thread with growing pauses, because at login there may be no network.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from traycreds.config import review
from traycreds.config.review import Review
from traycreds.config.team_files.accepted_files import FileStatus
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError
from traycreds.core.events import Button, Notify
from traycreds.core.text import notice_body, notice_title, printable
from traycreds.core.ui_commands import UiCommand
from traycreds.process.bounded_call import daemon
from traycreds.state.paths import Paths
from traycreds.usecases import team_review

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between two tries to fetch."""
_HOW = "Choose Review team roles, or run traycreds import team."
_MISSING = frozenset({FileStatus.UNFETCHED, FileStatus.UNREACHABLE, FileStatus.MISMATCH})


class TeamWatch:
    """Checks included files whenever something changed."""

    def __init__(self, paths: Paths, notify: Callable[[Notify], None]) -> None:
        """Check nothing yet."""
        self._paths = paths
        self._notify = notify
        self._lock = threading.Lock()
        self._announced: dict[IncludedFile, object] = {}
        self._missing: frozenset[IncludedFile] = frozenset()
        self._news = threading.Event()
        self._fetching = False

    def check(self) -> None:
        """Announce what is new, and start to fetch what is missing; asks no network itself."""
        try:
            found = review.find(self._paths)
        except ConfigError as error:
            # The configuration watch reports this error to the user.
            log.info("included files were not checked: %s", error)
            return
        with self._lock:
            news = [each for each in found if self._is_news(each)]
            missing = frozenset(each.source for each in found if each.included.file_status in _MISSING)
            begin = bool(missing) and not self._fetching
            if missing != self._missing:
                self._missing = missing
                self._news.set()
            self._fetching = self._fetching or begin
        for each in news:
            self._notify(_notice(each))
        if begin:
            daemon("team", self._fetch)

    def _is_news(self, each: Review) -> bool:
        file_status, found = each.included.file_status, each.included.found
        mark = (file_status, None if found is None else hash(found), each.error and each.error.sentence)
        known = self._announced.get(each.source)
        self._announced[each.source] = mark
        return mark != known and file_status is not FileStatus.UNFETCHED and (each.waiting or each.error is not None)

    def _fetch(self) -> None:
        pause = FIRST_PAUSE
        while self._goes_on():
            self._news.clear()
            try:
                team_review.fetch(self._paths)
                self.check()
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
    key = f"{team_review.KEY}:{each.source.key}"
    if each.error is None:
        body = notice_body(team_review.news(each), _HOW)
        return Notify(key=key, title=team_review.review_title(each), body=body, buttons=(button,))
    name = printable(each.source.name)
    kept = "The roles you accepted stay." if each.included.accepted is not None else "It adds no roles."
    problems = each.error.problems if isinstance(each.error, ConfigError) else ()
    what = f"{problems[0].location}: {problems[0].what}." if problems else each.error.sentence
    body = printable(notice_body(f"{kept} {what}", each.error.hint))
    return Notify(key=key, title=notice_title("{} cannot be used", name), body=body, buttons=(button,))
