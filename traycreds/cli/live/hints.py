"""Words the hints of a running app for its terminal, where no menu can be opened: by keys, or by commands. Pure."""

from __future__ import annotations

import re

from traycreds.aws.error_table import NOT_SIGNED_IN
from traycreds.aws.mfa.code_program import TOUCH_HINT
from traycreds.aws.mfa.question import HOW
from traycreds.cli.live.action import Action
from traycreds.lifecycle.notices import IN_LOG, KEEP_ALWAYS_HINT, KEEP_IT_HINT
from traycreds.lifecycle.request_result import RESUME_HINT

_CODE, _SIGN_IN, _KEEP, _REFRESH = (
    action.value for action in (Action.ENTER_CODE, Action.SIGN_IN, Action.KEEP, Action.REFRESH)
)
_IN_REPORT = "Run traycreds doctor --report: it says what to do."
HINTS: tuple[tuple[str, str, str | None], ...] = (
    (HOW, f"Press {_CODE} to enter it.", None),
    (NOT_SIGNED_IN.hint, f"Press {_SIGN_IN} to sign in.", None),
    (RESUME_HINT, f"Press {_REFRESH} to refresh it.", None),
    (KEEP_IT_HINT, f"Select it and press {_KEEP} if you still need it.", "Run traycreds keep if you still need it."),
    (
        KEEP_ALWAYS_HINT,
        f"Select it and press {_KEEP} to refresh it always.",
        "Run traycreds keep to refresh it always.",
    ),
    (
        TOUCH_HINT,
        f"If your security key waits for a touch, press {_REFRESH} and touch it.",
        "If your security key waits for a touch, run traycreds refresh and touch it.",
    ),
    (IN_LOG, _IN_REPORT, _IN_REPORT),
)
"""A hint, with a place for its role or sign-in; the same by keys; and by a command, if it names none yet."""


def by_keys(text: str) -> str:
    """A text with its hints in the keys of the live view."""
    for hint, keys, _ in HINTS:
        text = re.sub(_pattern(hint), keys, text)
    return text


def by_commands(text: str) -> str:
    """A text with its hints in commands, where nothing can be pressed."""
    for hint, _, command in HINTS:
        if command is not None:
            text = re.sub(_pattern(hint), command, text)
    return text


def _pattern(hint: str) -> str:
    """The hint with any word at its place, quoted or not."""
    return re.sub(r"\\{\w+\\}", lambda _: r"""(?:"[^"]*"|'[^']*'|\S+)""", re.escape(hint))
