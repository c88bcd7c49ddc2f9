"""The command line, and the only package that prints; decides nothing that the app needs too."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code: 0 ok, 2 configuration or usage, 3 AWS, 4 credentials file, 5 no app."""
    from traycreds.cli import parser

    try:
        parsed = parser.parse(arguments)
    except SystemExit as error:
        # argparse has already printed the usage (exit code 2), or the help or version (0).
        return int(error.code or 0)
    from traycreds.cli import dispatch

    return dispatch.perform(parsed)
