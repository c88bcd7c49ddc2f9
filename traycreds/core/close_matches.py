"""The known word that is closest to an unknown one; loaded late, since difflib takes memory and few words are wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The closest known word with at least this likeness, from 0 to 1; None if there is none."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=likeness)), None)
