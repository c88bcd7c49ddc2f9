"""The command line: reads arguments, prints, and turns errors into a sentence, a hint and an exit code.

The only package that prints. Each command is imported when it runs, and brings the heavy parts only if it needs them,
so that commands which steer the running app are done in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import argparse

PLAIN_RUN = SimpleNamespace(command="running.run", config=None, verbose=False, no_tray=False, program=[])
"""What the parser makes of nothing and of `run`, which is how desktops start the app: the icon need not wait for it."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code: 0 ok, 2 configuration or usage, 3 AWS, 4 credentials file, 5 no app."""
    if list(arguments) in ([], ["run"]):
        parsed = cast("argparse.Namespace", PLAIN_RUN)
    else:
        from traycreds.cli.parser import parse  # noqa: PLC0415 - see PLAIN_RUN

        try:
            parsed = parse(arguments)
        except SystemExit as error:  # argparse has printed usage (exit 2), help or version (exit 0)
            return int(error.code or 0)
    from traycreds.cli.performing import perform  # noqa: PLC0415 - what only prints a text needs the parser alone

    return perform(parsed)
