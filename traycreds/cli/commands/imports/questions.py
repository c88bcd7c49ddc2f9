"""Questions that an import asks in a terminal before it changes anything."""

from __future__ import annotations

import argparse
import sys

from traycreds.core.errors import UsageError


def asks(parsed: argparse.Namespace, hint: str) -> bool:
    """Whether to ask before a change: not with `yes`, `dry_run` or `json`. Raises UsageError: no terminal."""
    if parsed.yes or parsed.dry_run or parsed.json:
        return False
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("Cannot ask here: this is not a terminal.", hint)
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
