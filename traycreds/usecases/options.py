"""The global options; apart from `load`, so that quick commands load little."""

from __future__ import annotations

from pathlib import Path

from traycreds.core.value_class import value_class


@value_class
class Options:
    """The global options; `config` None is the platform's place, or TRAYCREDS_CONFIG."""

    config: Path | None = None
    verbose: bool = False
