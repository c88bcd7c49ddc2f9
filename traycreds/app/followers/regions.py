"""Writes profile regions to ~/.aws/config off the engine's thread; a failure becomes a note at the role."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from traycreds.awsfiles.aws_file import read_sections
from traycreds.awsfiles.config_regions import not_written, region_file
from traycreds.core.errors import ConfigError
from traycreds.core.events import RegionsRefused
from traycreds.core.model import DesiredRegions, Refusal
from traycreds.process.latest_worker import LatestWorker
from traycreds.state.paths import Paths

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until a failed write is retried; a change of the file is noticed sooner."""


class RegionWriter:
    """Writes the newest regions on its own thread, and retries a failed write each minute."""

    def __init__(self, paths: Paths, note: Callable[[RegionsRefused], None]) -> None:
        """Touch nothing yet; `note` takes what could not be written."""
        self.region_file = region_file(paths)
        self._credentials_file = paths.credentials_file
        self._note = note
        self._newest: DesiredRegions = {}
        self._notes: tuple[Refusal, ...] = ()
        self._worker: LatestWorker[DesiredRegions] = LatestWorker(
            "regions", self._bring_about, failed="regions could not be written"
        )

    def write(self, regions: DesiredRegions) -> None:
        """Write these; returns at once."""
        self._newest = regions
        self._worker.put(regions)

    def check(self) -> None:
        """~/.aws/config has changed: restore what is missing there; returns at once."""
        if self._newest:
            self._worker.put(self._newest)

    def wait_until_written(self, seconds: float) -> bool:
        """Wait until the newest are written, or cannot be; whether that came in time."""
        return self._worker.wait_until_done(seconds)

    def finish(self, seconds: float) -> None:
        """Write the newest within some seconds, and nothing after it."""
        self._worker.wait_until_done(seconds)
        self._worker.close()

    def _bring_about(self, regions: DesiredRegions) -> float | None:
        """Write, and note failures; return the seconds until the next attempt, None if all is written."""
        again_in = None
        try:
            notes = self.region_file.bring_about(regions, written=_on_file(self._credentials_file))
        except ConfigError as error:
            log.info("regions were not written: %s", error.sentence)
            notes, again_in = not_written(regions, error), AGAIN
        if notes != self._notes:
            self._notes = notes
            self._note(RegionsRefused(notes))
        return again_in


def _on_file(credentials_file: Path) -> frozenset[str] | None:
    """The profiles of the credentials file; None if it cannot be read."""
    try:
        return frozenset(section.name for section in read_sections(credentials_file))
    except ConfigError:
        return None
