"""The live view with keys, on its screen: shows what the terminal takes, and carries out what keys ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from traycreds.aws.mfa.question import Question
from traycreds.cli.display import hints
from traycreds.cli.live.action import Wanted
from traycreds.cli.live.code_entry import CodeEntry
from traycreds.cli.live.commands import KeyCommands, Ports
from traycreds.cli.live.screen import Screen
from traycreds.cli.live.view import LiveView
from traycreds.core.snapshot import Snapshot


class KeyedView:
    """One view, from its first snapshot until the user leaves it."""

    def __init__(
        self,
        ports: Ports,
        *,
        take: Callable[[], None],
        report: Callable[[str], None],
        enter_code: Callable[[Question], str | None],
    ) -> None:
        """Show nothing yet; `take` is called on the drawing thread when there is something to take."""
        self._view = LiveView()
        self._commands = KeyCommands(ports, report=report, enter_code=enter_code)
        self._screen = Screen(self._view, take=take, do=self._do)
        self._sentences: list[str] = []

    def run(self, snapshot: Snapshot, sentences: Iterable[str]) -> None:
        """Draw until the view is closed; then print the sentences that came meanwhile."""
        for sentence in sentences:
            self._view.add_message(sentence)
        self._view.show(snapshot)
        self._screen.run()
        for sentence in self._sentences:
            print(hints.by_commands(sentence))
        sys.stdout.flush()

    def wake(self) -> None:
        """Have it take what waits; from any thread."""
        self._screen.wake()

    def print(self, sentence: str) -> None:
        """Show a sentence, and print it at the end."""
        self._sentences.append(sentence)
        self._view.add_message(sentence)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._view.show(snapshot)

    def ask(self, question: Question, answer: Callable[[str | None], None]) -> None:
        """Ask for an MFA code in a line of the view."""
        self._view.ask(CodeEntry(question, answer))

    def close(self) -> None:
        """Close the screen."""
        self._screen.close()

    def cancel(self) -> None:
        """Give up a question that is open."""
        self._view.cancel()

    def _do(self, wanted: Wanted) -> None:
        self._commands.start(wanted, self._view.question(wanted.role))
