"""Runs the function of a command, and turns errors into a sentence, a hint and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from traycreds.cli.output import complain
from traycreds.core.errors import ConfigError, TraycredsError

if TYPE_CHECKING:
    import argparse

UNFORESEEN = 1
INTERRUPTED = 130
_TOLD = frozenset({"steering.status", "steering.refresh", "steering.once"})
_HANDING_ON = frozenset(
    {"steering.use", "steering.keep", "sessions.creds", "sessions.env", "sessions.run", "sessions.console"}
)


def perform(parsed: argparse.Namespace) -> int:
    """Run a parsed command; returns the exit code."""
    if "TRAYCREDS_CREDENTIALS_FILE" in os.environ:  # only below `exec --server`
        from traycreds.app import shells  # noqa: PLC0415

        shells.step_out(os.environ)
    try:
        _tell_what_waits(parsed)
        code = _command(parsed.command)(parsed)
        if sys.stdout is not None:  # pythonw and traycredsw have none
            sys.stdout.flush()
    except TraycredsError as error:
        _complain(error, by_notice=parsed.command == "running.run")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if _nobody_reads(error):  # `traycreds status | head`: whoever reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        if parsed.verbose:
            raise
        name = type(error).__name__
        complain(
            f"traycreds met an unforeseen error ({name}).", "Run it again with --verbose and report what it prints."
        )
        return UNFORESEEN
    return code


def _nobody_reads(error: Exception) -> bool:
    """Whether the pipe that we print to is closed.

    Windows' C runtime calls that an invalid argument, without the code of Windows that errors of files have.
    """
    if isinstance(error, BrokenPipeError):
        return True
    if sys.platform != "win32" or not isinstance(error, OSError):
        return False
    return error.errno == errno.EINVAL and error.winerror is None and error.filename is None


def _tell_what_waits(parsed: argparse.Namespace) -> None:
    """Say on stderr that included files wait for a review; where an SDK or a shell reads, not."""
    told = parsed.command in _TOLD and not parsed.json
    if told or (parsed.command in _TOLD | _HANDING_ON and sys.stderr and sys.stderr.isatty()):
        from traycreds.app import waiting  # noqa: PLC0415
        from traycreds.cli.options import options  # noqa: PLC0415

        if line := waiting.line(options(parsed)):
            complain(line)


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
    if isinstance(error, ConfigError) and len(error.problems) > 1:
        complain(error.sentence, *(f"  {problem.place}: {problem.what}. {problem.hint}" for problem in error.problems))
    else:
        complain(error.sentence, error.hint)
    if by_notice and not (sys.stderr and sys.stderr.isatty()):
        from traycreds.app import backroom  # noqa: PLC0415

        backroom.announce(error)
