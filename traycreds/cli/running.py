"""`run` and `demo`, and the terminal that they draw in."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import sys
import threading
from typing import TYPE_CHECKING, final

from traycreds.cli.options import options

if TYPE_CHECKING:
    import argparse

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


@final
class _Terminal:
    """The terminal of a run: sentences and notices above, the table redrawn below them.

    Prints on a thread of its own: a pipe that nobody reads, or a terminal held by Ctrl-S, must hold up nothing else.
    Where the output is no terminal, the table is printed anew only when a role's state changes.
    """

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[str | Snapshot | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._drawn = 0
        self._table: list[str] = []
        self._last: object = None
        self._live = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> _Terminal:
        """Begin to print."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Print what is left, within a second."""
        self._waiting.put(None)
        self._thread.join(1)

    def face(self, *, tray: bool) -> Face:
        """What the app shows itself by."""
        from traycreds.app.desk import Face  # noqa: PLC0415

        return Face(tray=tray, say=self._waiting.put, show=self._waiting.put, notice=self._notice)

    def _notice(self, notice: Notify) -> None:
        self._waiting.put(f"! {notice.title}. {notice.body}")

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # whoever read it is gone: there is nobody to print for
            while (item := self._waiting.get()) is not None:
                if isinstance(item, str):
                    self._print([item])
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
