"""The side of a command: asks the running app one thing and takes its reply. Starts in milliseconds."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traycreds.adapters import controlplace
from traycreds.adapters.controlwire import REPLY_LIMIT, VERSION, Channel, Request, WireError
from traycreds.core.errors import NotRunningError, TraycredsError

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
"""For a reply to what the app does at once."""
ABSENT = "traycreds is not running."
"""What is wrong where no app runs at all; other sentences tell of one that cannot be talked to."""
END_SECONDS = 10.0
"""For the process to end after `quit`."""


class AppError(TraycredsError):
    """The running app refused; carries its own sentence, hint and exit code."""

    def __init__(self, sentence: str, hint: str, exit_code: int) -> None:
        """Keep the exit code that the app names."""
        super().__init__(sentence, hint)
        self.exit_code = exit_code


def ask(folder: Path, request: Request, *, seconds: float = ANSWER_SECONDS) -> Mapping[str, Any]:
    """Ask the running app; returns what is in its reply.

    Args:
        folder: the runtime folder.
        request: what to ask.
        seconds: for the reply to come.

    Raises:
        NotRunningError: no app runs, or it ended, or it does not answer.
        AppError: it refused.
    """
    try:
        connection = controlplace.connect(folder, seconds=CONNECT_SECONDS)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise NotRunningError(f"The running app cannot be reached: {why}.", _UNREACHABLE) from error
    if connection is None:
        raise NotRunningError(ABSENT, "Start it with `traycreds`, then try again.")
    with contextlib.closing(connection):
        channel = Channel(connection, limit=REPLY_LIMIT, seconds=seconds)
        try:
            with contextlib.suppress(WireError):  # told to come again, or turned away: the reply says so
                channel.send(request.as_message())
            reply = channel.receive()
        except WireError as error:
            raise NotRunningError(f"The running app gave no answer to {request.do}: {error}.", _UNREACHABLE) from error
        _check(reply)
        if request.do == "quit" and request.wait:
            _await_end(channel)
    return reply


def _check(reply: Mapping[str, Any]) -> None:
    error = reply.get("error")
    if reply.get("ok") is True and reply.get("v") == VERSION:
        return
    if isinstance(error, dict):
        code = error.get("exit")
        raise AppError(str(error.get("sentence", "")), str(error.get("hint", "")), code if type(code) is int else 1)
    raise NotRunningError("The running app is of another version.", "Quit it in its menu and start it anew.")


def _await_end(channel: Channel) -> None:
    """The system closes the connection when the process is gone."""
    channel.allow(END_SECONDS)
    try:
        channel.receive()
    except WireError as error:
        if isinstance(error.__cause__, TimeoutError):
            hint = "End its process if it does not go away."
            raise AppError(f"The app has not ended within {END_SECONDS:.0f} seconds.", hint, 1) from error


_UNREACHABLE = "Quit it in its menu, or end its process, and start it anew."
