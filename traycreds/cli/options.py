"""The global options, in the app's form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traycreds.usecases.options import Options

if TYPE_CHECKING:
    import argparse


def options(parsed: argparse.Namespace) -> Options:
    """The options of a parsed command line."""
    return Options(config=None if parsed.config is None else Path(parsed.config), verbose=parsed.verbose)
