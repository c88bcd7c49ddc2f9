"""What stands before a command; apart from `setup`, so that quick commands need nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What stands before the command.

    Attributes:
        config: our configuration file; None is the platform's place, or TRAYCREDS_CONFIG.
        verbose: log more.
    """

    config: Path | None = None
    verbose: bool = False
