"""`run` and `demo`, and the terminal that they draw in."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from traycreds.cli.options import options

if TYPE_CHECKING:
    import argparse

    from traycreds.adapters.prompt import Question
    from traycreds.app.desk import Face
    from traycreds.core.messages import Notify
    from traycreds.core.shown import Snapshot


def run(parsed: argparse.Namespace) -> int:
    """`traycreds run`."""
    from traycreds.adapters.clock import SystemClock  # noqa: PLC0415
    from traycreds.app import desk, setup  # noqa: PLC0415

    where = setup.find_places(options(parsed))
    with _Terminal() as terminal:
        face = terminal.face(tray=not parsed.no_tray)
        return desk.Desk(where, SystemClock(), face, verbose=parsed.verbose).run()


def demo(parsed: argparse.Namespace) -> int:
    """`traycreds demo`."""
    from traycreds.app import demo as sandbox  # noqa: PLC0415

    speed = parsed.speed or sandbox.SPEED
    with _Terminal() as terminal:
        return sandbox.run(terminal.face(tray=not parsed.no_tray), speed=speed, verbose=parsed.verbose)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and the place for its answer."""

    question: Question
    answer: queue.SimpleQueue[str | None]


def _can_redraw() -> bool:
    if sys.platform == "win32":
        from traycreds.adapters import windowsconsole  # noqa: PLC0415 - only there

        return windowsconsole.takes_sequences(sys.stdout)
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


@final
class _Terminal:
    """The terminal of a run: sentences and notices above, the table redrawn below them.

    Prints on a thread of its own: a pipe that nobody reads, or a terminal held by Ctrl-S, must hold up nothing else.
    Where the output is no terminal, the table is printed anew only when a role's state changes.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[str | Snapshot | _Asked | None] = queue.SimpleQueue()
        self._amid_question: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._drawn = 0
        self._table: list[str] = []
        self._last: object = None
        self._live = _can_redraw()

    def __enter__(self) -> _Terminal:
        """Begin to print."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Print what is left, within a second."""
        self._waiting.put(None)
        put_back = self._amid_question
        if put_back is None:
            self._thread.join(1)
        else:
            put_back()
            print()

    def face(self, *, tray: bool) -> Face:
        """What the app shows itself by."""
        from traycreds.app.desk import Face  # noqa: PLC0415

        asker = None if tray or not self._can_ask() else self
        return Face(tray=tray, say=self._waiting.put, show=self._waiting.put, notice=self._notice, asker=asker)

    def ask(self, question: Question) -> str | None:
        """Ask for an MFA code; nothing else is shown meanwhile."""
        answer: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waiting.put(_Asked(question, answer))
        return answer.get()

    def close(self) -> None:
        """End with the program."""

    @staticmethod
    def _can_ask() -> bool:
        from traycreds.adapters import prompt  # noqa: PLC0415

        return prompt.in_terminal() is not None

    def _ask(self, asked: _Asked) -> None:
        from traycreds.adapters import prompt  # noqa: PLC0415

        code = None
        ask = prompt.in_terminal()  # none, if the program has gone to the background meanwhile
        if ask is not None:
            self._amid_question = prompt.terminal_as_it_is()
            with contextlib.suppress(OSError):
                code = ask(asked.question)
            self._amid_question = None
        asked.answer.put(code)
        self._drawn = 0

    def _notice(self, notice: Notify) -> None:
        self._waiting.put(f"! {notice.title}. {notice.body}")

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # whoever read it is gone: there is nobody to print for
            while (item := self._waiting.get()) is not None:
                if isinstance(item, str):
                    self._print([item])
                elif isinstance(item, _Asked):
                    self._ask(item)
                else:
                    self._show(item)

    def _show(self, snapshot: Snapshot) -> None:
        from traycreds.ui import table  # noqa: PLC0415

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
        columns = max(1, shutil.get_terminal_size().columns)
        self._drawn = sum(max(1, -(-len(line) // columns)) for line in self._table)
