"""Carries out what the keys of the live view ask, like commands of the command line, each on its own thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.question import Question
from traycreds.cli.live.action import Action, Wanted
from traycreds.control.protocol import Request
from traycreds.core.errors import TraycredsError
from traycreds.core.value_class import replace, value_class
from traycreds.process.bounded_call import daemon

SignIn: TypeAlias = Callable[[str, Callable[[str], None]], str]
"""Signs in for a role; its second argument gets texts for the user. Returns the result in a sentence."""
_REQUESTS = {Action.REFRESH: "refresh", Action.USE: "use", Action.KEEP: "keep"}
_TRIES = 2
"""Codes that AWS may refuse before the user presses the key again."""


@value_class(kw_only=True)
class Ports:
    """What the keys reach.

    Attributes:
        ask: asks the running app, and blocks; returns its reply. Raises TraycredsError: it refused, or failed.
        sign_in: signs in for a role. May raise TraycredsError.
    """

    ask: Callable[[Request], Mapping[str, Any]]
    sign_in: SignIn
    quit: Callable[[], None]
    done: Callable[[], None] = lambda: None


class KeyCommands:
    """The commands of one view."""

    def __init__(
        self, ports: Ports, *, report: Callable[[str], None], enter_code: Callable[[Question], str | None]
    ) -> None:
        """Start nothing; `report` shows a sentence, `enter_code` asks the user and blocks. Both from any thread."""
        self._ports, self._report, self._enter_code = ports, report, enter_code
        self._over = False

    def start(self, wanted: Wanted, question: Question | None = None) -> None:
        """Begin one, and return at once; `question` asks for the code that the role waits for."""
        if wanted.action is Action.QUIT:
            self._over = True
            self._ports.quit()
        elif wanted.role is not None:
            daemon("live command", lambda: self._run(wanted, question))

    def _run(self, wanted: Wanted, question: Question | None) -> None:
        assert wanted.role is not None
        try:
            if wanted.action in _REQUESTS:
                self._ask(_REQUESTS[wanted.action], wanted.role)
            elif wanted.action is Action.SIGN_IN:
                self._report(self._ports.sign_in(wanted.role, self._report))
            elif question is not None:
                self._give_code(wanted.role, question)
        except TraycredsError as error:
            # The user left, and knows that this was cut short.
            if not self._over:
                self._report(f"{error.sentence} {error.hint}".rstrip())
        except Exception as error:  # noqa: BLE001 - the view stays, whatever a command meets
            self._report(f"traycreds hit an unexpected error ({type(error).__name__}).")
        self._ports.done()

    def _ask(self, do: str, role: str, code: str | None = None) -> Mapping[str, Any]:
        return self._ports.ask(Request(id=str(os.getpid()), do=do, roles=(role,), code=code))

    def _give_code(self, role: str, question: Question) -> None:
        for _ in range(_TRIES):
            code = self._enter_code(question)
            if code is None:
                return
            given = self._ask("code", role, code).get("verdict")
            if given is None or Verdict(given) in {Verdict.ACCEPTED, Verdict.LOST}:
                return
            question = replace(question, again=Verdict(given).why_again)
