"""Wine loses a process at its start now and then, in one of some thousand, and says "internal error": it is started again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

INTERNAL_ERROR = 1359
TIMES = 3


def starts_again(create: Callable[..., Any]) -> Callable[..., Any]:
    """A CreateProcess that begins again where Wine has lost the new process before any of its code ran."""

    def create_process(*arguments: Any, left: int = TIMES) -> Any:
        try:
            return create(*arguments)
        except OSError as error:
            if error.winerror != INTERNAL_ERROR or left == 1:
                raise
        return create_process(*arguments, left=left - 1)

    return create_process


def install() -> None:
    """Have every process of `subprocess` begin so."""
    if sys.platform == "win32":
        import _winapi

        _winapi.CreateProcess = starts_again(_winapi.CreateProcess)
