"""The live view without keys: sentences above, the redrawn table below; in a pipe, the table whenever it changes."""

from __future__ import annotations

import shutil
import sys

from traycreds.cli import status_table
from traycreds.cli.display import colors, hints, streams
from traycreds.cli.live import frame, span
from traycreds.core.snapshot import Snapshot


class PlainTable:
    """The table on standard output. One thread at a time may use it."""

    def __init__(self) -> None:
        """Print nothing yet."""
        self._live = streams.takes_sequences(sys.stdout)
        self._paint = colors.painted if streams.takes_colors(sys.stdout) else colors.plain
        self._snapshot: Snapshot | None = None
        self._last: object = None
        self._drawn: list[str] = []

    def print(self, sentence: str) -> None:
        """Print a sentence above the table."""
        self._erase()
        print(hints.by_commands(sentence), flush=not self._live or self._snapshot is None)
        if self._live:
            self._draw()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot, if it shows anything new."""
        self._snapshot = snapshot
        if self._live:
            self._draw()
            return
        shown = [(view.name, view.status, view.is_default, view.error) for view in snapshot.roles]
        if (shown, snapshot.default_switch) != self._last:
            self._last = (shown, snapshot.default_switch)
            lines = status_table.lines(snapshot, None, streams.width_of(sys.stdout))
            print("\n".join(map(hints.by_commands, lines)), flush=True)

    def fit(self) -> None:
        """Draw the table again, for a window of another size."""
        if self._live:
            self._draw()

    def leave(self) -> None:
        """Let the table stay as it is, because something else is printed below it."""
        self._drawn = []

    def _draw(self) -> None:
        if self._snapshot is None:
            return
        size = shutil.get_terminal_size()
        lines = frame.without_keys(self._snapshot, max(1, size.columns), max(1, size.lines - 1))
        plain = [span.plain(line) for line in lines]
        if plain == self._drawn:
            return
        self._erase()
        painted = (
            "".join(self._paint(text, style) if style in colors.STYLES else text for style, text in line)
            for line in lines
        )
        print("\n".join(painted), flush=True)
        self._drawn = plain

    def _erase(self) -> None:
        """Erase the table as it is now: a narrower window has wrapped its lines."""
        if self._drawn:
            columns = max(1, shutil.get_terminal_size().columns)
            height = sum(max(1, -(-len(line) // columns)) for line in self._drawn)
            sys.stdout.write(f"\x1b[{height}A\x1b[J")
            self._drawn = []
