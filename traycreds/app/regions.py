"""Keeps the regions that ~/.aws/config says in step with what is shown, without ever making the engine wait for it.

Owns the thread that writes there, and when it tries again. Never stands in the way of a session: what cannot be written
becomes a note at the role.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from traycreds.adapters.awsfile import read_sections
from traycreds.adapters.places import Places
from traycreds.adapters.regionfile import RegionFile
from traycreds.core import regions
from traycreds.core.errors import ConfigError
from traycreds.core.messages import RegionsNoted
from traycreds.core.model import Refusal
from traycreds.core.regions import Wish
from traycreds.core.shown import Snapshot

log = logging.getLogger(__name__)

_AGAIN = 60.0
"""Seconds after which what failed is tried again; a change of the file is heard of sooner."""


def write(where: Places, wish: Wish) -> tuple[Refusal, ...]:
    """Have ~/.aws/config say the regions, for a command that is not the app; blocks for the disk and other writers.

    Returns:
        What could not be, and why.
    """
    try:
        return _file(where).bring_about(wish)
    except ConfigError as error:
        return _all(wish, error)


def _file(where: Places) -> RegionFile:
    return RegionFile(where.aws_config_file, where.state_dir / "locks")


def _all(wish: Wish, error: ConfigError) -> tuple[Refusal, ...]:
    """What could not be written when that is nothing at all."""
    return tuple(
        Refusal(profile=profile, sentence=error.sentence, hint=error.hint)
        for profile, region in wish.items()
        if region is not None
    )


class Regions:
    """Follows snapshots."""

    def __init__(self, where: Places, note: Callable[[RegionsNoted], None]) -> None:
        """Touch nothing yet; `note` takes what could not be written."""
        self._file = _file(where)
        self._credentials_file = where.credentials_file
        self._note = note
        self._wish: Wish = {}
        self._due = self._busy = False
        self._notes: tuple[Refusal, ...] = ()
        self._news = threading.Condition()

    def start(self) -> None:
        """Begin, for the life of the process."""
        threading.Thread(target=self._run, name="regions", daemon=True).start()

    def see(self, snapshot: Snapshot) -> None:
        """Take what a snapshot shows; returns at once."""
        with self._news:
            wish = regions.wish(snapshot, self._wish)
            if wish != self._wish:
                self._wish, self._due = wish, True
                self._news.notify_all()

    def look(self) -> None:
        """~/.aws/config has changed: see to it that it still says so; returns at once."""
        with self._news:
            self._due = bool(self._wish)
            self._news.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until what was seen is written, or cannot be; whether that came in time."""
        with self._news:
            return self._news.wait_for(lambda: not (self._due or self._busy), seconds)

    def _run(self) -> None:
        pause = None
        while True:
            with self._news:
                self._news.wait_for(lambda: self._due, pause)
                wish, self._due, self._busy = self._wish, False, True
            try:
                pause = None if self._bring_about(wish) else _AGAIN
            except Exception:
                log.exception("regions could not be written")
            with self._news:
                self._busy = False
                self._news.notify_all()

    def _bring_about(self, wish: Wish) -> bool:
        """Write, and note what could not be; whether there is nothing to try again."""
        well = True
        try:
            notes = self._file.bring_about(wish, written=_on_file(self._credentials_file))
        except ConfigError as error:
            log.info("regions were not written: %s", error.sentence)
            notes, well = _all(wish, error), False
        if notes != self._notes:
            self._notes = notes
            self._note(RegionsNoted(notes))
        return well


def _on_file(credentials_file: Path) -> frozenset[str] | None:
    """The profiles of the credentials file; None where it cannot be read."""
    try:
        return frozenset(section.name for section in read_sections(credentials_file))
    except ConfigError:
        return None
