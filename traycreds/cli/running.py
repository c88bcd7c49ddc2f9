"""`run` and `demo`, and the terminal that they draw in."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING

from traycreds.cli.options import options

if TYPE_CHECKING:
    from traycreds.app.desk import Face
    from traycreds.core.messages import Notify
    from traycreds.core.model import Snapshot


def run(parsed: argparse.Namespace) -> int:
    """`traycreds run`."""
    from traycreds.adapters.clock import SystemClock  # noqa: PLC0415
    from traycreds.app import desk, setup  # noqa: PLC0415

    where = setup.find_places(options(parsed))
    face = _face(tray=not parsed.no_tray)
    return desk.Desk(where, SystemClock(), face, verbose=parsed.verbose).run()


def demo(parsed: argparse.Namespace) -> int:
    """`traycreds demo`."""
    from traycreds.app import demo as sandbox  # noqa: PLC0415

    speed = parsed.speed or sandbox.SPEED
    return sandbox.run(_face(tray=not parsed.no_tray), speed=speed, verbose=parsed.verbose)


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
        columns = max(1, shutil.get_terminal_size().columns)
        self._drawn = sum(max(1, -(-len(line) // columns)) for line in self._table)
