"""Owns the value that a check of the user's files gives: where, what, and what to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.Enum):
    """How much it hurts."""

    ERROR = "error"
    """Something does not work."""
    WARNING = "warning"
    """Something works otherwise than it looks, or in some tools only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that will bite; holds no key and no token.

    Attributes:
        file: the path.
        line: from 1; None when the file as a whole is meant.
        what: what is wrong, a sentence without its full stop.
        remedy: what to do, a sentence.
        severity: how much it hurts.
    """

    file: str
    line: int | None
    what: str
    remedy: str
    severity: Severity = Severity.WARNING
