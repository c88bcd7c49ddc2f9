"""Questions that an import asks in a terminal before it changes anything."""

from __future__ import annotations

import argparse
import sys

from traycreds.core.errors import UsageError


def asks(parsed: argparse.Namespace, hint: str) -> bool:
    """Whether the command asks before it changes anything.

    Args:
        parsed: has `yes`, `dry_run` and `json`, each of which spares the questions.
        hint: what to do where there is no terminal.

    Raises:
        UsageError: it should ask, and there is no terminal.
    """
    if parsed.yes or parsed.dry_run or parsed.json:
        return False
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("There is no terminal to ask in.", hint)
    return True


def agreed(question: str) -> bool:
    """Whether the user says yes; the end of the input is a no."""
    return (answered(question) or "").strip().lower() in {"y", "yes"}


def answered(question: str) -> str | None:
    """What the user types, or None at the end of the input."""
    try:
        return input(question)
    except EOFError:
        print()
        return None
