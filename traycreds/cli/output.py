"""What commands print: errors and notes, and when a session ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from traycreds.state.paths import locate

if TYPE_CHECKING:
    from traycreds.core.snapshot import RoleView
    from traycreds.usecases.options import Options

_LARGEST = 1024 * 1024
"""Bytes of a configuration; a larger one is refused by the command itself."""


def complain(*lines: str) -> None:
    """Print sentences on stderr, if there are any."""
    if text := "\n".join(line for line in lines if line):
        print(text, file=sys.stderr)


def end(view: RoleView) -> str:
    """When the session of a role ends, by the machine's own time zone."""
    assert view.expires_at is not None
    return view.expires_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def print_default(view: RoleView) -> None:
    """Print that a role is the default profile now."""
    in_region = "" if view.region is None else f", region {view.region}"
    print(f"{view.name} is the default profile{in_region}, expires at {end(view)}")


def unreviewed(options: Options) -> str | None:
    """The line about included files that wait for review, or None."""
    paths = locate(os.environ, options.config)
    try:
        # A FIFO would block forever, and a device has no end.
        if not paths.config_file.is_file():
            return None
        with paths.config_file.open("rb") as file:
            if b"include" not in file.read(_LARGEST):
                return None
    except OSError:
        # The command itself reports this error.
        return None
    from traycreds.usecases import team_review

    return team_review.waiting(paths)
