"""What stands before the command, as the app takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from traycreds.app.options import Options


def options(parsed: argparse.Namespace) -> Options:
    """The options of a parsed command line."""
    from pathlib import Path  # noqa: PLC0415

    from traycreds.app.options import Options  # noqa: PLC0415

    return Options(config=None if parsed.config is None else Path(parsed.config), verbose=parsed.verbose)
