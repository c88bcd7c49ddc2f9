"""The terminal of a run: the live view with keys if they can be read, else sentences and a plain table."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, final

from traycreds.cli.display import streams
from traycreds.core.value_class import value_class

if TYPE_CHECKING:
    from traycreds.aws.mfa.question import Question
    from traycreds.cli.live.commands import Ports
    from traycreds.cli.live.keyed_view import KeyedView
    from traycreds.cli.live.plain_table import PlainTable
    from traycreds.core.snapshot import Snapshot

_END_SECONDS = 1.0
"""Seconds for the rest to be printed."""


@value_class
class _Asked:
    question: Question
    answer: queue.SimpleQueue[str | None]


class _Resized:
    """The window has another size."""


_Item: TypeAlias = "str | Snapshot | _Asked | _Resized | None"


@final
class Terminal:
    """Shows what it is given, from any thread.

    Draws on its own thread: an unread pipe, or Ctrl-S, must block nothing else.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self._waiting: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._amid_question: Callable[[], None] | None = None
        self._put_back: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._ports: Ports | None = None
        self._view: KeyedView | None = None
        self._drawing = False
        self._before: list[str] = []
        self._over = threading.Event()
        self._on_resize: Any = None

    def __enter__(self) -> Terminal:
        """Begin to show; on the main thread."""
        if sys.platform != "win32":
            self._on_resize = signal.signal(signal.SIGWINCH, lambda *_: self._put(_Resized()))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Print the rest, within a second, and leave the terminal as it was."""
        self._put(None)
        amid_question = self._amid_question
        if amid_question is None:
            self._thread.join(_END_SECONDS)
        else:
            amid_question()
            print()
        if self._thread.is_alive():
            self._put_back()
        if sys.platform != "win32" and self._on_resize is not None:
            signal.signal(signal.SIGWINCH, self._on_resize)

    @property
    def shows(self) -> bool:
        """Whether anything is shown still: not if the reader of a pipe is gone."""
        return self._thread.is_alive()

    def take_keys(self, ports: Ports) -> None:
        """Have keys do something, from the first snapshot on."""
        self._ports = ports

    def print(self, sentence: str) -> None:
        """Print a sentence; the view with keys shows it, and prints it at the end."""
        self._put(sentence)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._put(snapshot)

    def ask(self, question: Question) -> str | None:
        """Ask for an MFA code; blocks until then. In the view with keys, all else stays in view."""
        answer: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._put(_Asked(question, answer))
        if self._over.is_set():
            self._answer_none()
        return answer.get()

    def close(self) -> None:
        """End with the program."""

    @staticmethod
    def can_ask() -> bool:
        """Whether a person can be asked: there is a terminal, and this process is in its foreground."""
        from traycreds.aws.mfa import terminal

        return terminal.in_terminal() is not None

    def reads_keys(self) -> bool:
        """Whether keys can be read here, once `take_keys` says what they do."""
        return (
            streams.takes_sequences(sys.stdout)
            and sys.stdin is not None
            and sys.stdin.isatty()
            and importlib.util.find_spec("prompt_toolkit") is not None
            and self.can_ask()
        )

    def _put(self, item: _Item) -> None:
        self._waiting.put(item)
        self._wake()

    def _wake(self) -> None:
        if self._view is not None and self._drawing:
            self._view.wake()

    def _run(self) -> None:
        # If the reader of the output is gone, there is nobody to print for.
        with contextlib.suppress(OSError, ValueError):
            while (item := self._waiting.get()) is not None:
                if isinstance(item, str):
                    self._before.append(item)
                    self._table.print(item)
                elif isinstance(item, _Asked):
                    self._ask_below(item)
                elif isinstance(item, _Resized):
                    # A run in the tray has none, and needs none for this.
                    if "_table" in vars(self):
                        self._table.fit()
                elif self._ports is not None and self.reads_keys():
                    self._draw(item, self._ports)
                    break
                else:
                    self._table.show(item)
        self._end()

    @functools.cached_property
    def _table(self) -> PlainTable:
        # A run in the tray draws none.
        from traycreds.cli.live.plain_table import PlainTable

        return PlainTable()

    def _draw(self, snapshot: Snapshot, ports: Ports) -> None:
        from traycreds.aws.mfa import terminal
        from traycreds.cli.live.keyed_view import KeyedView

        self._put_back = terminal.terminal_as_it_is()
        self._view = KeyedView(ports, take=self._take, report=self.print, enter_code=self.ask)
        self._drawing = True
        self._view.run(snapshot, self._before)
        self._drawing = False

    def _take(self) -> None:
        assert self._view is not None
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._waiting.get_nowait()
                if item is None:
                    self._view.close()
                elif isinstance(item, str):
                    self._view.print(item)
                elif isinstance(item, _Asked):
                    self._view.ask(item.question, item.answer.put)
                elif not isinstance(item, _Resized):
                    self._view.show(item)

    def _ask_below(self, asked: _Asked) -> None:
        from traycreds.aws.mfa import terminal

        code = None
        # The program may be in the background by now, where it cannot ask.
        ask = terminal.in_terminal()
        if ask is not None:
            self._amid_question = terminal.terminal_as_it_is()
            with contextlib.suppress(OSError):
                code = ask(asked.question)
            self._amid_question = None
        asked.answer.put(code)
        self._table.leave()

    def _end(self) -> None:
        if self._view is not None:
            self._view.cancel()
        self._over.set()
        self._answer_none()

    def _answer_none(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._waiting.get_nowait()
                if isinstance(item, _Asked):
                    item.answer.put(None)
