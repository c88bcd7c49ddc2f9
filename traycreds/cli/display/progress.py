"""A command's progress in one line on stderr that is erased again; elsewhere silent, or rare lines if asked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from traycreds.cli.display import streams
from traycreds.core.errors import TraycredsError
from traycreds.core.text import end_cut

_BACK = "\r\x1b[K"
"""To the beginning of the line, and erase it (ECMA-48)."""
_COUNTED = 2


class Progress:
    """The line of one command; may be used from several threads."""

    def __init__(self, what: str, *, rarely: int = 0) -> None:
        """Show nothing yet; without a terminal, report after each `rarely` of them (0: never)."""
        self._what = what
        self._rarely = rarely
        self._live = streams.takes_sequences(sys.stderr)
        self._shown = False
        self._lock = threading.Lock()

    def show(self, done: int, total: int) -> None:
        """Show how many of how many are done; nothing for a single one."""
        if total < _COUNTED:
            return
        text = f"{done:,} of {total:,} {self._what}"
        with self._lock:
            if self._live:
                print(f"{_BACK}{text}", end="", file=sys.stderr, flush=True)
                self._shown = True
            elif self._rarely and (done == total or done % self._rarely == 0):
                print(text, file=sys.stderr)

    def say(self, sentence: str) -> None:
        """Show what is waited for, in one line of a terminal."""
        if self._live:
            width = streams.width_of(sys.stderr) or len(sentence) + 1
            with self._lock:
                print(f"{_BACK}{end_cut(sentence, width - 1)}", end="", file=sys.stderr, flush=True)
                self._shown = True

    def clear(self) -> None:
        """Take the line away, as before anything else is printed."""
        with self._lock:
            if self._shown:
                print(_BACK, end="", file=sys.stderr, flush=True)
                self._shown = False

    @property
    def live(self) -> bool:
        """Whether it is seen in a terminal."""
        return self._live

    def polled(self, count: Callable[[], tuple[int, int] | None]) -> Callable[[], None] | None:
        """Shows the progress at each call; None if nobody sees it."""

        def poll() -> None:
            try:
                counted = count()
            except TraycredsError:
                # The command itself reports this error.
                return
            if counted is not None:
                self.show(*counted)

        return poll if self._live else None
