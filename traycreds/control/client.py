"""The side of a command: asks the running app one thing and takes its reply. Starts in milliseconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traycreds.control import transport
from traycreds.control.protocol import BEAT, REPLY_LIMIT, VERSION, Channel, Request, WireError
from traycreds.core.errors import NotRunningError, TraycredsError
from traycreds.core.text import os_reason, printable
from traycreds.core.value_class import replace

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
"""For a sign of life from the start of a command on, connecting included, and again after each one."""
ABSENT = "traycreds is not running."
"""The sentence without a running app; others are about an app that cannot be reached."""
EXIT_CODES = range(1, 6)
"""What an app may make a command exit with."""
_LONGEST = 4096
"""Characters of a sentence that are shown."""
END_SECONDS = 10.0
"""For the process to end after `quit`."""


class SilentError(NotRunningError):
    """Something listens in the app's place but says nothing: a stopped or stuck app, or not the app."""


silent_apps: list[NotRunningError] = []
"""How often the app did not respond to this command."""


class AppError(TraycredsError):
    """The running app refused; carries its own sentence, hint and exit code."""

    def __init__(self, sentence: str, hint: str, exit_code: int) -> None:
        """Keep the exit code that the app names."""
        super().__init__(sentence, hint)
        self.exit_code = exit_code


def ask(
    folder: Path,
    request: Request,
    *,
    seconds: float = ANSWER_SECONDS,
    still: Callable[[], None] | None = None,
) -> Mapping[str, Any]:
    """Ask the running app for a reply within `seconds`; one without a sign of life for ANSWER_SECONDS is given up.

    `still` is called whenever the app says that it is working.

    Raises NotRunningError: no app, or it ended. Raises SilentError: no answer. Raises AppError: refused.
    """
    begun = time.monotonic()
    try:
        connection = transport.connect(folder, seconds=min(CONNECT_SECONDS, seconds))
    except TimeoutError as error:
        raise _silent(request) from error
    except OSError as error:
        why = os_reason(error)
        raise NotRunningError(f"Could not reach the running app: {why}.", _UNREACHABLE) from error
    if connection is None:
        raise NotRunningError(ABSENT, "Start it with `traycreds`, then try again.")
    with contextlib.closing(connection):
        channel = Channel(
            connection, limit=REPLY_LIMIT, seconds=min(ANSWER_SECONDS, seconds) - (time.monotonic() - begun)
        )
        try:
            # The app may turn the request away before it is sent, and its reply says why.
            with contextlib.suppress(WireError):
                channel.send(replace(request, beats=seconds > ANSWER_SECONDS).as_message())
            reply = _reply(channel, begun + seconds, still)
        except WireError as error:
            if isinstance(error.__cause__, TimeoutError):
                raise _silent(request) from error
            raise NotRunningError(f"The running app did not respond to {request.do}: {error}.", _UNREACHABLE) from error
        _check(reply)
        if request.do == "quit" and request.wait:
            _await_end(channel)
    return reply


def _reply(channel: Channel, deadline: float, still: Callable[[], None] | None) -> Mapping[str, Any]:
    """The reply, after any number of lines that say that the app is working. Raises WireError: none came in time."""
    while (reply := channel.receive()).get(BEAT) is True:
        if still is not None:
            still()
        channel.allow(min(ANSWER_SECONDS, deadline - time.monotonic()))
    return reply


def _silent(request: Request) -> SilentError:
    return SilentError(f"The running app is not responding to {request.do}.", _UNREACHABLE)


def _check(reply: Mapping[str, Any]) -> None:
    """Clean up the words of a refusal. Raises AppError: refused. Raises NotRunningError: not a valid reply."""
    error = reply.get("error")
    if reply.get("ok") is True and reply.get("v") == VERSION:
        return
    if isinstance(error, dict) and isinstance(sentence := error.get("sentence"), str) and sentence:
        hint, code = error.get("hint"), error.get("exit")
        hint = hint if isinstance(hint, str) else ""
        raise AppError(_words(sentence), _words(hint), code if type(code) is int and code in EXIT_CODES else 1)
    raise NotRunningError("The running app is a different version.", "Quit it in its menu and start it again.")


def _words(text: str) -> str:
    return printable(text)[:_LONGEST]


def _await_end(channel: Channel) -> None:
    """The system closes the connection when the process is gone."""
    channel.allow(END_SECONDS)
    try:
        channel.receive()
    except WireError as error:
        if isinstance(error.__cause__, TimeoutError):
            hint = "If it does not quit, end its process."
            raise AppError(
                f"The app did not quit within {END_SECONDS:.0f} seconds.", hint, TraycredsError.exit_code
            ) from error


_UNREACHABLE = "Quit it in its menu, or end its process, and start it again."
