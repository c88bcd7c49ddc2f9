"""Runs the function of a command, and turns errors into a sentence, a hint and an exit code."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from traycreds.cli.options import options
from traycreds.cli.output import complain, unreviewed
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.state import paths

if TYPE_CHECKING:
    import argparse

UNFORESEEN = 1
_WITH_NOTE = frozenset({"control.refresh", "once.once"})
_HANDING_ON = frozenset(
    {"control.use", "control.keep", "roles.pick.pick", "creds.creds", "session.env", "session.run", "console.console"}
)


def perform(parsed: argparse.Namespace) -> int:
    """Run a parsed command; returns the exit code."""
    # Only a program below `exec --server` has this variable.
    if paths.KEPT in os.environ:
        own = paths.own_environment(os.environ)
        for name in os.environ.keys() - own.keys():
            del os.environ[name]
        os.environ.update(own)
    try:
        _mention_what_waits(parsed)
        code = _command(parsed.command)(parsed)
        # `pythonw` and `traycredsw` have no stdout.
        if sys.stdout is not None:
            sys.stdout.flush()
    except TraycredsError as error:
        _complain(error, by_notice=parsed.command == "run.run" or getattr(parsed, "window", False))
        return error.exit_code
    except Exception as error:
        # With `traycreds status | head`, the reader has enough and is gone.
        if _nobody_reads(error):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        if parsed.verbose:
            raise
        name = type(error).__name__
        complain(
            f"traycreds hit an unexpected error ({name}).", "Run it again with --verbose and report what it prints."
        )
        return UNFORESEEN
    return code


def _nobody_reads(error: Exception) -> bool:
    """Whether our output pipe is closed; Windows' C runtime calls that an invalid argument, without a code."""
    if isinstance(error, BrokenPipeError):
        return True
    if sys.platform != "win32" or not isinstance(error, OSError):
        return False
    return error.errno == errno.EINVAL and error.winerror is None and error.filename is None


def _mention_what_waits(parsed: argparse.Namespace) -> None:
    """Say on stderr that included files wait for review, unless an SDK or a shell reads the output."""
    shown = parsed.command in _WITH_NOTE and not parsed.json
    read = shown or (parsed.command in _WITH_NOTE | _HANDING_ON and sys.stderr and sys.stderr.isatty())
    if read and (line := unreviewed(options(parsed))):
        complain(line)


def _command(name: str) -> Callable[..., int]:
    module, _, function = name.rpartition(".")
    command: Callable[..., int] = getattr(importlib.import_module(f"traycreds.cli.commands.{module}"), function)
    return command


def _complain(error: TraycredsError, *, by_notice: bool) -> None:
    """Print an error; if started from a desktop, without a terminal, show it as a notice too."""
    if isinstance(error, ConfigError) and len(error.problems) > 1:
        complain(
            error.sentence,
            *(f"  {problem.full_location}: {problem.what}. {problem.hint}" for problem in error.problems),
        )
    else:
        complain(error.sentence, error.hint)
    if by_notice and not (sys.stderr and sys.stderr.isatty()):
        from traycreds.app import start_failure

        start_failure.announce(error)
