"""The command line: reads arguments, prints, and turns errors into a sentence, a hint and an exit code.

The only package that prints. Each command is imported when it runs, and brings the heavy parts only if it needs them,
so that commands which steer the running app are done in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from traycreds.cli.output import complain
from traycreds.cli.parser import parser, split
from traycreds.core.errors import ConfigError, TraycredsError

UNFORESEEN = 1
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code: 0 ok, 2 configuration or usage, 3 AWS, 4 credentials file, 5 no app."""
    try:
        own, program = split(arguments)
        parsed = parser().parse_args(own, argparse.Namespace(program=program))
    except SystemExit as error:  # argparse has printed usage (exit 2), help or version (exit 0)
        return int(error.code or 0)
    if "TRAYCREDS_CREDENTIALS_FILE" in os.environ:  # only below `exec --server`
        from traycreds.app import shells  # noqa: PLC0415

        shells.step_out(os.environ)
    try:
        code = _command(parsed.command)(parsed)
        sys.stdout.flush()
    except TraycredsError as error:
        _complain(error, by_notice=parsed.command == "running.run")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `traycreds status | head`: whoever reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if parsed.verbose:
            raise
        name = type(error).__name__
        complain(
            f"traycreds met an unforeseen error ({name}).", "Run it again with --verbose and report what it prints."
        )
        return UNFORESEEN
    return code


def _command(name: str) -> Callable[..., int]:
    """The function of a command; imports that look static, so that packagers find them."""
    module, _, function = name.partition(".")
    if module == "running":
        from traycreds.cli import running as found  # noqa: PLC0415
    elif module == "sessions":
        from traycreds.cli import sessions as found  # type: ignore[no-redef] # noqa: PLC0415
    elif module == "housekeeping":
        from traycreds.cli import housekeeping as found  # type: ignore[no-redef] # noqa: PLC0415
    elif module == "completion":
        from traycreds.cli import completion as found  # type: ignore[no-redef] # noqa: PLC0415
    elif module == "signing":
        from traycreds.cli import signing as found  # type: ignore[no-redef] # noqa: PLC0415
    else:
        from traycreds.cli import steering as found  # type: ignore[no-redef] # noqa: PLC0415
    command: Callable[..., int] = getattr(found, function)
    return command


def _complain(error: TraycredsError, *, by_notice: bool) -> None:
    """Print an error; started from a desktop, where nobody sees stderr, show it as a notification too."""
    if isinstance(error, ConfigError) and error.problems:
        lines = (f"  {problem.where}: {problem.what}. {problem.hint}" for problem in error.problems)
        complain(error.sentence, "\n".join(lines), error.hint)
    else:
        complain(error.sentence, error.hint)
    if by_notice and not (sys.stderr and sys.stderr.isatty()):
        from traycreds.app import desk  # noqa: PLC0415

        desk.announce(error)
