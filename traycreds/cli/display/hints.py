"""Words the hints of a running app for its terminal, where no menu can be opened: by keys, or by commands. Pure."""

from __future__ import annotations

import functools
import re

from traycreds.aws.error_table import NOT_SIGNED_IN
from traycreds.aws.mfa.code_program import TOUCH_HINT
from traycreds.aws.mfa.question import HOW
from traycreds.lifecycle.notices import IN_LOG, KEEP_ALWAYS_HINT, KEEP_IT_HINT
from traycreds.lifecycle.request_result import RESUME_HINT

_IN_REPORT = "Run traycreds doctor --report: it says what to do."
HINTS: tuple[tuple[str, str, str | None], ...] = (
    (HOW, "Press m to enter it.", None),
    (NOT_SIGNED_IN.hint, "Press s to sign in.", None),
    (RESUME_HINT, "Press r to refresh it.", None),
    (KEEP_IT_HINT, "Select it and press k if you still need it.", "Run traycreds keep if you still need it."),
    (
        KEEP_ALWAYS_HINT,
        "Select it and press k to refresh it always.",
        "Run traycreds keep to refresh it always.",
    ),
    (
        TOUCH_HINT,
        "If your security key waits for a touch, press r and touch it.",
        "If your security key waits for a touch, run traycreds refresh and touch it.",
    ),
    (IN_LOG, _IN_REPORT, _IN_REPORT),
)
"""A hint, with a place for its role or sign-in; the same by keys; and by a command, if it names none yet."""


def by_keys(text: str) -> str:
    """A text with its hints in the keys of the live view."""
    for hint, keys, _ in HINTS:
        text = _pattern(hint).sub(keys, text)
    return text


def by_commands(text: str) -> str:
    """A text with its hints in commands, where nothing can be pressed."""
    for hint, _, command in HINTS:
        if command is not None:
            text = _pattern(hint).sub(command, text)
    return text


# A live view words each sentence again whenever it draws.
@functools.cache
def _pattern(hint: str) -> re.Pattern[str]:
    """The hint with any word at its place, quoted or not."""
    return re.compile(re.sub(r"\\{\w+\\}", lambda _: r"""(?:"[^"]*"|'[^']*'|\S+)""", re.escape(hint)))
