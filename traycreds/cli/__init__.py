"""The command line: reads arguments, prints, and turns errors into a sentence, a hint and an exit code.

The only package that prints. Each command is imported when it runs, and brings the heavy parts only if it needs them,
so that commands which steer the running app are done in milliseconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from traycreds.cli.parser import parser, split


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code: 0 ok, 2 configuration or usage, 3 AWS, 4 credentials file, 5 no app."""
    try:
        own, program = split(arguments)
        parsed = parser().parse_args(own, argparse.Namespace(program=program))
    except SystemExit as error:  # argparse has printed usage (exit 2), help or version (exit 0)
        return int(error.code or 0)
    from traycreds.cli.performing import perform  # noqa: PLC0415 - what only prints a text needs the parser alone

    return perform(parsed)
