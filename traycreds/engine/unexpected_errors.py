"""Unexpected errors: each is logged with its traceback, and each kind is reported once; never raises."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.lifecycle import notices

log = logging.getLogger(__name__)

_ANNOUNCED = 10
"""Kinds to report in one run; the log has them all."""


def in_words(error: Exception, sentence: str) -> tuple[str, str]:
    """The two sentences for the user: the error's own, or this one if it was unexpected."""
    if isinstance(error, TraycredsError):
        return error.sentence, error.hint
    log.error("unexpected error", exc_info=error)
    return sentence, "traycreds retries; see the log for details."


class UnexpectedErrors:
    """Those of one run."""

    def __init__(self, notify: Callable[[Notify], None]) -> None:
        """Take what shows a notice; it must not block."""
        self._notify = notify
        self._announced: set[tuple[str, type[Exception]]] = set()

    def note(self, sentence: str, error: Exception) -> None:
        """Log what went wrong, and report it unless that was done before."""
        log.error("%s", sentence, exc_info=error)
        kind = sentence, type(error)
        if kind in self._announced or len(self._announced) >= _ANNOUNCED:
            return
        self._announced.add(kind)
        with contextlib.suppress(Exception):
            self._notify(notices.unexpected())
