"""traycreds in a terminal that can be drawn in: what its window shows, and what stays in its scrollback."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

from tests.support.terminal import Pty
from tests.support.wait_until import PATIENCE

_ALTERNATE = re.compile(r"\x1b\[\?1049h.*?\x1b\[\?1049l", re.DOTALL)
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Window:
    """A terminal with a person before it, who waits for what is shown. POSIX only."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *arguments: str,
        lines: int = 24,
        columns: int = 80,
        words: Sequence[str] = (sys.executable, "-m", "traycreds"),
    ) -> None:
        environment = {"LANG": "C.UTF-8", "TERM": "xterm-256color", **environment}
        self.terminal = Pty([*words, *arguments], environment, size=(lines, columns))
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self.output = ""

    @property
    def lines(self) -> list[str]:
        """What is seen, line by line."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def scrollback(self) -> str:
        """What was written outside of the view."""
        return _SEQUENCE.sub("", _ALTERNATE.sub("", self.output))

    def color(self, text: str) -> str:
        """The color in which a text begins."""
        line = next(number for number, line in enumerate(self._screen.display) if text in line)
        return self._screen.buffer[line][self._screen.display[line].index(text)].fg

    def wait_for(self, *texts: str) -> None:
        """Wait until all these are seen at once."""
        self.wait_until(lambda: all(any(text in line for line in self.lines) for text in texts), " and ".join(texts))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds of what is seen."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"not seen: {what}\n" + "\n".join(self.lines)
            piece = self.terminal.read(0.05)
            assert piece is not None, f"it ended without {what}\n{self.output}"
            self._take(piece)

    def type(self, keys: str) -> None:
        """Press keys."""
        self.terminal.write(keys)

    def resize(self, lines: int, columns: int) -> None:
        """Give the window another size; only what is drawn from now on is seen."""
        self._screen.resize(lines, columns)
        self._screen.reset()
        self.terminal.resize(lines, columns)

    def end(self) -> int:
        """Read the rest; returns the exit code."""
        end = time.monotonic() + PATIENCE
        while (piece := self.terminal.read(0.05)) is not None:
            assert time.monotonic() < end, "\n".join(self.lines)
            self._take(piece)
        code = self.terminal.wait(PATIENCE)
        self.terminal.close()
        return code

    def _take(self, piece: str) -> None:
        self.output += piece
        self._stream.feed(piece)
