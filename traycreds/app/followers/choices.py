"""Saves the user's choices as they change, without ever making the engine wait for the disk."""

from __future__ import annotations

import functools
from pathlib import Path

from traycreds.core.engine_state import Choices
from traycreds.process.latest_worker import LatestWorker
from traycreds.state import choices


class ChoicesSaver:
    """Saves the newest choices on its own thread."""

    def __init__(self, state_dir: Path) -> None:
        """Take the folder that they are kept in."""
        self._worker: LatestWorker[Choices] = LatestWorker(
            "choices", functools.partial(_save, state_dir), failed="choices could not be saved"
        )

    def save(self, newest: Choices) -> None:
        """Save them; returns at once."""
        self._worker.put(newest)

    def wait_until_saved(self, seconds: float) -> bool:
        """Wait until the newest are saved; whether that came in time."""
        return self._worker.wait_until_done(seconds)


def _save(state_dir: Path, newest: Choices) -> None:
    choices.save(state_dir, newest)
