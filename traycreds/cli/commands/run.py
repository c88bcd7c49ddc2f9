"""`run` and `demo`, and the terminal that they draw in."""

from __future__ import annotations

import contextlib
import gc
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, final

from traycreds.app import heap
from traycreds.app.application import Application, Frontend
from traycreds.cli.display import streams
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError
from traycreds.core.text import os_reason
from traycreds.core.value_class import value_class
from traycreds.engine.clock import SystemClock
from traycreds.process import own_program, spawn
from traycreds.usecases import load

if TYPE_CHECKING:
    import argparse

    from traycreds.aws.mfa.question import Question
    from traycreds.core.events import Notify
    from traycreds.core.snapshot import Snapshot


def run(parsed: argparse.Namespace) -> int:
    """`traycreds run`."""
    paths = load.find_paths(options(parsed))
    if parsed.detach:
        load.read_config(paths)  # what is wrong with it is said here, not where nobody reads
        return _detach(parsed)
    _begin()
    with _Terminal() as terminal:
        frontend = terminal.frontend(tray=not parsed.no_tray)
        return Application(paths, SystemClock(), frontend, verbose=parsed.verbose).run()


def _begin() -> None:
    """Be a process that runs for days."""
    heap.stay_small()
    gc.set_threshold(_GARBAGE)


def _detach(parsed: argparse.Namespace) -> int:
    """Start the app apart from this terminal, and say where it is."""
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
    from traycreds.app import demo

    speed = parsed.speed or demo.SPEED
    _begin()
    with _Terminal() as terminal:
        return demo.run(terminal.frontend(tray=not parsed.no_tray), speed=speed, verbose=parsed.verbose)


_GARBAGE = 10_000
"""Garbage is collected only after this many more objects; with Python's 700, that takes 5 % of the start."""
_AT_ONCE = 1.0
"""Seconds after which a running app counts as started."""
_IN_TRAY = (
    "traycreds is in the tray. To stop it, press Ctrl-C, choose Quit in its menu or "
    "run `traycreds quit`. `traycreds run --detach` keeps running when this terminal closes."
)


@value_class
class _Asked:
    """A question and the place for its answer."""

    question: Question
    answer: queue.SimpleQueue[str | None]


@final
class _Terminal:
    """The terminal of a run: sentences and notices above, the redrawn table below; in a pipe, on changes only.

    Prints on its own thread: an unread pipe, or Ctrl-S, must block nothing else.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[str | Snapshot | _Asked | None] = queue.SimpleQueue()
        self._amid_question: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._drawn = 0
        self._table: list[str] = []
        self._last: object = None
        self._live = streams.takes_sequences(sys.stdout)

    def __enter__(self) -> _Terminal:
        """Begin to print."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Print the rest, within a second."""
        self._waiting.put(None)
        put_back = self._amid_question
        if put_back is None:
            self._thread.join(1)
        else:
            put_back()
            print()

    def frontend(self, *, tray: bool) -> Frontend:
        """The app's frontend."""
        asker = None if tray or not self._can_ask() else self
        return Frontend(
            tray=tray,
            in_tray=_IN_TRAY if sys.stdout is not None and sys.stdout.isatty() else None,
            print_line=self._waiting.put,
            show=self._waiting.put,
            notice=self._notice,
            asker=asker,
        )

    def ask(self, question: Question) -> str | None:
        """Ask for an MFA code; nothing else is shown until then."""
        answer: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waiting.put(_Asked(question, answer))
        return answer.get()

    def close(self) -> None:
        """End with the program."""

    @staticmethod
    def _can_ask() -> bool:
        from traycreds.aws.mfa import terminal

        return terminal.in_terminal() is not None

    def _ask(self, asked: _Asked) -> None:
        from traycreds.aws.mfa import terminal

        code = None
        ask = terminal.in_terminal()  # none, if the program has gone to the background meanwhile
        if ask is not None:
            self._amid_question = terminal.terminal_as_it_is()
            with contextlib.suppress(OSError):
                code = ask(asked.question)
            self._amid_question = None
        asked.answer.put(code)
        self._drawn = 0

    def _notice(self, notice: Notify) -> None:
        self._waiting.put(f"! {notice.title}. {notice.body}")

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the reader is gone: there is nobody to print for
            while (item := self._waiting.get()) is not None:
                if isinstance(item, str):
                    self._print([item])
                elif isinstance(item, _Asked):
                    self._ask(item)
                else:
                    self._show(item)

    def _show(self, snapshot: Snapshot) -> None:
        key = (
            [(view.name, view.status, view.is_default, view.error) for view in snapshot.roles],
            snapshot.default_switch,
        )
        if not self._live and key == self._last:
            return
        self._last = key
        from traycreds.cli import status_table

        self._table = status_table.lines(snapshot, None, streams.width_of(sys.stdout))
        self._print([])

    def _print(self, above: list[str]) -> None:
        if self._live and self._drawn:
            sys.stdout.write(f"\x1b[{self._drawn}A\x1b[J")
        print("\n".join([*above, *(self._table if self._live or not above else [])]), flush=True)
        columns = max(1, shutil.get_terminal_size().columns)
        self._drawn = sum(max(1, -(-len(line) // columns)) for line in self._table)
