"""The command line: reads arguments, prints, and turns errors into a sentence, a hint and an exit code.

The only module that prints. Heavy parts are imported by the command that needs them, so that `--version` and `status`
stay quick.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from traycreds import __version__
from traycreds.core.errors import ConfigError, TraycredsError

if TYPE_CHECKING:
    from traycreds.app.desk import Face
    from traycreds.app.setup import Options
    from traycreds.core.messages import Notify
    from traycreds.core.model import Snapshot

UNFORESEEN = 1
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code: 0 ok, 2 configuration or usage, 3 AWS, 4 credentials file, 5 no app."""
    parser = _parser()
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as error:  # argparse has printed usage (exit 2), help or version (exit 0)
        return int(error.code or 0)
    try:
        command: Callable[[argparse.Namespace], int] = parsed.command
        code = command(parsed)
        sys.stdout.flush()
    except TraycredsError as error:
        _complain(error, by_notice=parsed.command is _run)
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
        _print_error(
            f"traycreds met an unforeseen error ({name}).", "Run it again with --verbose and report what it prints."
        )
        return UNFORESEEN
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="traycreds",
        description="Keeps your AWS role sessions alive in the tray and your credentials file whole.",
        epilog="Without a command, the app is started.",
    )
    parser.add_argument("--version", action="version", version=f"traycreds {__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration file (also TRAYCREDS_CONFIG)")
    parser.add_argument("--verbose", action="store_true", help="log more, and show the details of unforeseen errors")
    parser.set_defaults(command=_run, no_tray=False)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    run = commands.add_parser("run", help="start the app (the default)")
    run.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")
    run.set_defaults(command=_run)

    demo = commands.add_parser("demo", help="the app in a sandbox against a simulated AWS; touches nothing of yours")
    demo.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")
    demo.add_argument("--speed", type=_speed, default=None, metavar="N", help="how fast its clock runs (default 60)")
    demo.set_defaults(command=_demo)

    once = commands.add_parser("once", help="refresh now, write, exit; needs no running app")
    once.add_argument("roles", nargs="*", metavar="ROLE", help="which roles (default: those that are kept)")
    once.set_defaults(command=_once)

    status = commands.add_parser("status", help="how the roles stand")
    status.add_argument("--json", action="store_true", help="for programs")
    status.set_defaults(command=_status)
    return parser


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 1000:  # noqa: PLR2004 - beyond, a session lasts less than a call
        raise argparse.ArgumentTypeError("it must be a number from 1 to 1000")
    return speed


def _options(parsed: argparse.Namespace) -> Options:
    from traycreds.app.setup import Options  # noqa: PLC0415

    return Options(config=parsed.config, verbose=parsed.verbose)


def _run(parsed: argparse.Namespace) -> int:
    from traycreds.adapters.clock import SystemClock  # noqa: PLC0415
    from traycreds.app import desk, setup  # noqa: PLC0415

    where = setup.find_places(_options(parsed))
    face = _face(tray=not parsed.no_tray)
    return desk.Desk(where, SystemClock(), face, verbose=parsed.verbose).run()


def _demo(parsed: argparse.Namespace) -> int:
    from traycreds.app import demo  # noqa: PLC0415

    return demo.run(_face(tray=not parsed.no_tray), speed=parsed.speed or demo.SPEED, verbose=parsed.verbose)


def _once(parsed: argparse.Namespace) -> int:
    from traycreds.app import once  # noqa: PLC0415

    result = once.refresh(_options(parsed), tuple(parsed.roles))
    for view in result.views:
        if view.error is None and view.expires_at is not None:
            until = view.expires_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
            print(f"{view.name}: written to profile {view.profile}, expires at {until}")
        elif view.error is not None:
            print(f"{view.name}: {view.error} {view.hint}", file=sys.stderr)
        elif result.trouble is None:
            print(f"{view.name}: not refreshed in time; try again.", file=sys.stderr)
    if result.trouble is not None:
        _print_error(*result.trouble)
    return result.exit_code


def _status(parsed: argparse.Namespace) -> int:
    from traycreds.app import status  # noqa: PLC0415

    snapshot = status.from_files(_options(parsed))
    if parsed.json:
        print(json.dumps(status.as_json(snapshot), indent=2))
    else:
        _print_table(snapshot)
    return 0


def _print_table(snapshot: Snapshot) -> None:
    from traycreds.ui import table  # noqa: PLC0415

    print("\n".join(table.lines(snapshot, None, shutil.get_terminal_size().columns)))


def _complain(error: TraycredsError, *, by_notice: bool) -> None:
    """Print an error; started from a desktop, where nobody sees stderr, show it as a notification too."""
    if isinstance(error, ConfigError) and error.problems:
        lines = (f"  {problem.where}: {problem.what}. {problem.hint}" for problem in error.problems)
        _print_error(error.sentence, "\n".join(lines), error.hint)
    else:
        _print_error(error.sentence, error.hint)
    if by_notice and not (sys.stderr and sys.stderr.isatty()):
        from traycreds.app import desk  # noqa: PLC0415

        desk.announce(error)


def _print_error(*lines: str) -> None:
    print("\n".join(line for line in lines if line), file=sys.stderr)


def _face(*, tray: bool) -> Face:
    from traycreds.app.desk import Face  # noqa: PLC0415

    terminal = _Terminal()
    return Face(tray=tray, say=terminal.say, show=terminal.show, notice=terminal.notice)


class _Terminal:
    """The terminal of a run: sentences and notices above, the table redrawn below them; safe from any thread.

    Where the output is no terminal, the table is printed anew only when a role's state changes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn = 0
        self._table: list[str] = []
        self._last: object = None
        self._live = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def say(self, sentence: str) -> None:
        """Print a sentence above the table."""
        with self._lock:
            self._print([sentence])

    def notice(self, notice: Notify) -> None:
        """Print a notice above the table."""
        self.say(f"! {notice.title}. {notice.body}")

    def show(self, snapshot: Snapshot) -> None:
        """Redraw the table."""
        from traycreds.ui import table  # noqa: PLC0415

        with self._lock:
            key = [(view.name, view.status, view.is_default, view.error) for view in snapshot.roles]
            if not self._live and key == self._last:
                return
            self._last = key
            self._table = table.lines(snapshot, None, shutil.get_terminal_size().columns)
            self._print([])

    def _print(self, above: list[str]) -> None:
        if self._live and self._drawn:
            sys.stdout.write(f"\x1b[{self._drawn}A\x1b[J")
        print("\n".join([*above, *(self._table if self._live or not above else [])]), flush=True)
        self._drawn = sum(1 + len(line) // max(1, shutil.get_terminal_size().columns) for line in self._table)
