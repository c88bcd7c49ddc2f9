"""Ctrl-C: the first one ends the program with INTERRUPTED; further ones neither kill it nor bring up a traceback."""

from __future__ import annotations

import atexit
import os
import signal
import time
from types import FrameType

INTERRUPTED = 130
PATIENCE = 2.0
"""Seconds for the program to finish; a Ctrl-C after that ends it at once."""


def install_handler() -> None:
    """Let the first Ctrl-C raise KeyboardInterrupt, unless Ctrl-C is ignored (`nohup`). For programs only."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
        # Registered first, so it runs last: what comes later meets an interpreter without handlers.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def ending() -> None:
    """The work is done: from now on, a Ctrl-C ends the program at once."""
    if signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, _leave)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    at = time.monotonic()

    def again(number: int, frame: FrameType | None) -> None:
        if time.monotonic() - at > PATIENCE:
            _leave(number, frame)

    signal.signal(signal.SIGINT, again)
    raise KeyboardInterrupt


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
