"""Asks for an MFA code in the terminal that belongs to this process."""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import sys
from collections.abc import Callable
from typing import Any

from traycreds.aws.mfa.code_program import NOT_A_CODE, clean
from traycreds.aws.mfa.question import Question

if sys.platform != "win32":
    import termios

TYPOS = 3


def in_terminal() -> Callable[[Question], str | None] | None:
    """The prompt in this process's terminal; None without one, or in the background."""
    if sys.platform == "win32":
        # getpass never returns without a console.
        from traycreds.process.windows import console

        return _ask_in_terminal if console.is_console(sys.stdin) else None
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    # The system stops a background process that reads from the terminal.
    try:
        return _ask_in_terminal if os.tcgetpgrp(terminal) == os.getpgrp() else None
    except OSError:
        return None
    finally:
        os.close(terminal)


def terminal_as_it_is() -> Callable[[], None]:
    """What puts the terminal back as it is now, should the program end during a question and leave it without echo."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError, termios.error):
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            try:
                return functools.partial(_put_back, termios.tcgetattr(terminal))
            finally:
                os.close(terminal)
    return lambda: None


def _put_back(attributes: list[Any]) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(OSError, termios.error):
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
            try:
                termios.tcsetattr(terminal, termios.TCSANOW, attributes)
            finally:
                os.close(terminal)


def _ask_in_terminal(question: Question) -> str | None:
    note = ""
    for _ in range(TYPOS):
        with contextlib.suppress(EOFError):
            answer = getpass.getpass(f"{question.text(note)} ")
            if not answer.strip():
                return None
            if (code := clean(answer)) is not None:
                return code
            note = NOT_A_CODE
            continue
        return None
    return None
