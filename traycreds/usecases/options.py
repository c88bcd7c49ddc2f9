"""What stands before a command; apart from `load`, so that quick commands need nothing else of it."""

from __future__ import annotations

from pathlib import Path

from traycreds.core.value_class import value_class


@value_class
class Options:
    """What stands before the command.

    Attributes:
        config: our configuration file; None is the platform's place, or TRAYCREDS_CONFIG.
        verbose: log more.
    """

    config: Path | None = None
    verbose: bool = False
