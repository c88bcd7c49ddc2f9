"""Looks whether the configuration, or what it includes, was saved, and tells; a broken edit keeps the last good one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from traycreds.adapters import config
from traycreds.adapters.places import Places
from traycreds.app import setup
from traycreds.core.errors import ConfigError
from traycreds.core.messages import ConfigChanged, Event, Notify

log = logging.getLogger(__name__)

CALM = 30.0
"""Seconds between two looks: two wake-ups a minute."""
LIVELY = 1.0
"""Seconds between two looks while the user has the configuration open."""
EDITING = 600.0
"""Seconds for which it is taken to be open."""

Stamps: TypeAlias = "tuple[tuple[int, int, int] | None, ...]"
"""What `stat` says of each file, so that a change shows without reading."""


class ConfigWatch:
    """A daemon thread that compares time stamps of our configuration, what it includes, and ~/.aws/config."""

    def __init__(
        self,
        where: Places,
        post: Callable[[Event], None],
        tell: Callable[[Notify], None],
        *,
        besides: Callable[[], None] = lambda: None,
        included: Callable[[], None] = lambda: None,
        seen: Stamps | None = None,
    ) -> None:
        """Remember what the files are like.

        Args:
            where: all places.
            post: takes a configuration that was read.
            tell: shows a notice.
            besides: is called at each look of the thread.
            included: looks at the included files; is called at the start, and when a file changed.
            seen: the stamps of the files before the configuration was read; None is those of now.
        """
        self._where = where
        self._post = post
        self._tell = tell
        self._besides = besides
        self._included = included
        self._files = config.files_of(where)
        self._seen = self._stamps() if seen is None else seen
        self._edits_until = 0.0
        self._nudge = threading.Event()

    def start(self) -> None:
        """Begin to watch, for the life of the process."""
        threading.Thread(target=self._run, name="config-watch", daemon=True).start()

    def expect_edits(self) -> None:
        """The user opens the configuration: look often for a while."""
        self._edits_until = time.monotonic() + EDITING
        self._nudge.set()

    def look(self) -> None:
        """Read anew if a file changed."""
        if self._stamps() == self._seen:
            return
        self._files = config.files_of(self._where)
        self._seen = self._stamps()
        self._read()
        self._included()

    def _read(self) -> None:
        try:
            configured: ConfigChanged = setup.read_config(self._where)
        except ConfigError as error:
            log.info("configuration not taken: %s", error)
            first = error.problems[0] if error.problems else None
            what = f"{first.place}: {first.what}. {first.hint}" if first else f"{error.sentence} {error.hint}"
            self._tell(Notify(key="config", title="Configuration has an error, the last good one stays", body=what))
            return
        log.info("configuration read: %d roles", len(configured.roles))
        self._post(configured)

    def _run(self) -> None:
        self._carefully(self._included)
        while True:
            self._nudge.wait(LIVELY if time.monotonic() < self._edits_until else CALM)
            self._nudge.clear()
            self._carefully(self.look, self._besides)

    @staticmethod
    def _carefully(*works: Callable[[], None]) -> None:
        """Do it; what nobody foresaw ends no watch."""
        try:
            for work in works:
                work()
        except Exception:
            log.exception("the files could not be looked at")

    def _stamps(self) -> Stamps:
        return tuple(_stamp(path) for path in self._files)


def stamps(where: Places) -> Stamps:
    """What all the files are like now."""
    return tuple(_stamp(path) for path in config.files_of(where))


def _stamp(path: os.PathLike[str]) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - one system call, also for a link
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
