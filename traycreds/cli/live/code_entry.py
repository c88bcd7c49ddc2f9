"""An MFA code as it is typed: hidden, six digits. Pure, and the code is in no text or repr."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.aws.mfa.code_program import NOT_A_CODE, clean
from traycreds.aws.mfa.question import Question

_LONGEST = 16


class CodeEntry:
    """One question; `answer` gets the code once it is typed, or None."""

    def __init__(self, question: Question, answer: Callable[[str | None], None]) -> None:
        """Nothing is typed yet."""
        self.question = question
        self.note = ""
        self._answer = answer
        self._typed = ""

    @property
    def hidden(self) -> str:
        """A star for each character."""
        return "*" * len(self._typed)

    def takes(self, text: str) -> bool:
        """Whether it is part of a code, which some devices show with a space; other keys keep their meaning."""
        return bool(text) and all(each in "0123456789 " for each in text)

    def type(self, text: str) -> None:
        """Append what is typed."""
        self._typed = (self._typed + text)[:_LONGEST]

    def erase(self) -> None:
        """Remove the last character."""
        self._typed = self._typed[:-1]

    def send(self) -> bool:
        """Give the code; whether it is one."""
        code = clean(self._typed)
        self._typed = ""
        if code is None:
            self.note = NOT_A_CODE
            return False
        self._answer(code)
        return True

    def cancel(self) -> None:
        """Give none."""
        self._typed = ""
        self._answer(None)
