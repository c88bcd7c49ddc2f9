"""`run` and `demo`, in the tray or in the terminal, and `watch`, the live view of an app that runs elsewhere."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traycreds.app import heap
from traycreds.app.application import Application, Frontend
from traycreds.cli.live.terminal import Terminal
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError
from traycreds.core.text import os_reason
from traycreds.engine.clock import SystemClock
from traycreds.process import own_program, spawn
from traycreds.usecases import load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from traycreds.cli.live.commands import SignIn
    from traycreds.control.protocol import Request
    from traycreds.control.server import Handler
    from traycreds.core.events import Notify
    from traycreds.state.paths import Paths


def run(parsed: argparse.Namespace) -> int:
    """`traycreds run`."""
    paths = load.find_paths(options(parsed))
    if parsed.detach:
        # Report a broken configuration here, as nobody reads what the detached process prints.
        load.read_config(paths)
        return _detach(parsed)
    heap.stay_small()
    with Terminal() as terminal:
        frontend = _frontend(terminal, tray=not parsed.no_tray)
        return Application(paths, SystemClock(), frontend, verbose=parsed.verbose).run()


def _detach(parsed: argparse.Namespace) -> int:
    given = [] if parsed.config is None else ["--config", str(parsed.config.absolute())]
    words = [*own_program.program("traycredsw"), *given, "run", *(["--no-tray"] if parsed.no_tray else [])]
    try:
        code = spawn.detached(words).wait(_AT_ONCE)
    except subprocess.TimeoutExpired:
        print(
            "traycreds keeps running without this terminal. "
            "To stop it, choose Quit in its menu or run `traycreds quit`."
        )
        return 0
    except OSError as error:
        raise TraycredsError(
            f"traycreds could not be started: {os_reason(error)}.", "Start it without --detach."
        ) from None
    if code:
        complain(f"traycreds exited right away, with exit code {code}.", "Start it without --detach to see why.")
    else:
        print("traycreds is already running.")
    return code


def demo(parsed: argparse.Namespace) -> int:
    """`traycreds demo`."""
    from traycreds.app.demo import guided_run

    speed = parsed.speed or guided_run.SPEED
    heap.stay_small()
    with Terminal() as terminal:
        frontend = _frontend(terminal, tray=not parsed.no_tray)
        return guided_run.run(frontend, speed=speed, verbose=parsed.verbose)


def _frontend(terminal: Terminal, *, tray: bool) -> Frontend:
    def notice(notice: Notify) -> None:
        terminal.print(f"! {notice.title}. {notice.body}")

    def take_keys(handle: Handler, paths: Paths) -> None:
        from traycreds.cli.live.commands import Ports

        def ask(request: Request) -> Mapping[str, Any]:
            return handle(request, lambda: False).content

        sign_in = _signing_in(lambda: paths)
        terminal.take_keys(Ports(ask=ask, sign_in=sign_in, quit=lambda: signal.raise_signal(signal.SIGINT)))

    return Frontend(
        tray=tray,
        in_tray=_IN_TRAY if sys.stdout is not None and sys.stdout.isatty() else None,
        print_line=terminal.print,
        show=terminal.show,
        notice=notice,
        take_keys=take_keys,
        reads_keys=terminal.reads_keys,
        asker=lambda: terminal if terminal.can_ask() else None,
    )


_AT_ONCE = 1.0
"""Seconds after which a running app counts as started."""
_IN_TRAY = (
    "traycreds is in the tray. To stop it, press Ctrl-C, choose Quit in its menu or "
    "run `traycreds quit`. `traycreds run --detach` keeps running when this terminal closes."
)


def watch(parsed: argparse.Namespace) -> int:
    """`traycreds watch`."""
    from traycreds.cli.live import watch

    return watch.watch(_signing_in(lambda: load.find_paths(options(parsed))))


def _signing_in(find_paths: Callable[[], Paths]) -> SignIn:
    def sign_in(role: str, report: Callable[[str], None]) -> str:
        from traycreds.usecases import sign_in

        paths = find_paths()
        session = sign_in.find(paths, role)
        return sign_in.outcome(session, sign_in.sign_in(paths, session, report))

    return sign_in
