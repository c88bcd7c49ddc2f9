"""The secrets that this process has seen, as salted hashes of their pieces, so that no output holds part of one.

Keeps only Bloom filters, which never miss a known piece and rarely redact other text. They grow as they fill. A filter
goes once everything in it has expired; lasting secrets are noted at each use.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

GONE = "[redacted]"

BRIEF = timedelta(minutes=65)
"""A session that lasts no longer is brief."""
KEEP_BRIEF, KEEP = 90 * 60.0, 36 * 3600.0
"""Minimum seconds to remember the secrets of a brief session, and all others. A clock that is 15 minutes off makes a
session look as much briefer; AWS accepts no call from one that is further off, and gives no session for over 36
hours."""
SMALLEST, LARGEST = 16 * 1024, 1024**2
"""Bytes of the first filter and of the largest, which has room for 10,000 sessions."""
MOST_BRIEF, MOST = 4 * LARGEST, 8 * LARGEST
"""Bytes of all filters, one of which has just begun. The rest has room for 30,000 brief sessions, and 1,000 roles with
sessions of 15 minutes get 9,000 in 90 minutes; and for 70,000 others, and 1,000 roles with sessions of 66 minutes get
44,000 in 36 hours."""
_GROWTH = 4
_BITS_PER_PIECE, _BITS_SET = 32, 22
"""With this many, a full filter mistakes one text in four million for a piece."""

_KEY_PIECE, _KEY_STEP = 8, 8
"""Characters of a piece of a key, and from one piece to the next: an excerpt of 16 has a whole piece in it."""
_TOKEN_PIECE, _TOKEN_STEP = 16, 49
"""The same of a token: an excerpt of 64 has a whole piece in it."""
_TOKEN = 100
"""Characters from which on a secret is a token."""
_WORD = re.compile(rf"[A-Za-z0-9+/=_.~%-]{{{_KEY_PIECE},}}")
_LATELY = 1000
"""Secrets that are already in the newest filter, so that a repeated one costs nothing."""

_salt = os.urandom(16).hex()


class Pieces:
    """Hashes of pieces, in filters of which the newest takes what comes."""

    def __init__(self, keep: float, most: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Hold nothing, and take no memory for it.

        Each secret is known for `keep` seconds at least; a clock that stands during sleep only prolongs it. Beyond
        `most` bytes, the oldest filter is forgotten in any case.
        """
        self.filters: list[_Filter] = []
        self.lately: set[int] = set()
        self._keep = keep
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()

    def note(self, secret: str) -> None:
        """Remember a secret, unless the newest filter has it."""
        size, step = (_TOKEN_PIECE, _TOKEN_STEP) if len(secret) >= _TOKEN else (_KEY_PIECE, _KEY_STEP)
        whole, now = _hash(secret), self._monotonic()
        with self._lock:
            if whole not in self.lately:
                if len(self.lately) >= _LATELY:
                    self.lately.clear()
                if not self.filters or self.filters[-1].is_over(now, self._keep):
                    self._begin_filter(now)
                self.lately.add(whole)
                for start in range(0, len(secret) - size + 1, step):
                    self.filters[-1].add(_hash(secret[start : start + size]))
            self.filters[-1].noted_at = now

    def _begin_filter(self, now: float) -> None:
        self.lately.clear()
        kept = [each for each in self.filters if now - each.noted_at <= self._keep]
        size = self.filters[-1].next_size if self.filters else SMALLEST
        while kept and sum(each.size for each in kept) + size > self._most:
            kept = kept[1:]
        # Make a new list, as other threads may be reading the old one.
        self.filters = [*kept, _Filter(size, now)]


class _Filter:
    """A Bloom filter of `size` bytes, which takes `pieces_left` pieces until it is full."""

    def __init__(self, size: int, now: float) -> None:
        self.size = size
        self.noted_at = self._begun_at = now
        self.pieces_left = size * 8 // _BITS_PER_PIECE
        self._bits = bytearray(size)

    def is_over(self, now: float, keep: float) -> bool:
        """Whether the next one begins: it is full, or has taken for so long that what came first may be forgotten."""
        return self.pieces_left <= 0 or now - self._begun_at > keep

    @property
    def next_size(self) -> int:
        """The size of the filter after this one: larger, if this one is full."""
        return min(self.size * _GROWTH, LARGEST) if self.pieces_left <= 0 else self.size

    def add(self, piece: int) -> None:
        self.pieces_left -= piece not in self
        bits, places, step = self._bits, self.size * 8, piece >> 32 | 1
        for _ in range(_BITS_SET):
            place = piece % places
            bits[place >> 3] |= 1 << (place & 7)
            piece += step

    def __contains__(self, piece: int) -> bool:
        bits, places, step = self._bits, self.size * 8, piece >> 32 | 1
        for _ in range(_BITS_SET):
            place = piece % places
            if not bits[place >> 3] >> (place & 7) & 1:
                return False
            piece += step
        return True


def _hash(text: str) -> int:
    """Python's own hash, keyed by the salt even if PYTHONHASHSEED is set."""
    return hash(_salt + text)


brief = Pieces(KEEP_BRIEF, MOST_BRIEF)
lasting = Pieces(KEEP, MOST)


def note(*secrets: str | None, lasts: timedelta | None = None) -> None:
    """Remember secrets of one session or key, which `lasts` so long if known; None and short texts are passed over."""
    pieces = brief if lasts is not None and lasts <= BRIEF else lasting
    for secret in secrets:
        if secret is not None and len(secret) >= 2 * _KEY_PIECE:
            pieces.note(secret)


def without(text: str) -> str:
    """The text without any word that holds a piece of a known secret."""
    if not (brief.filters or lasting.filters):
        return text
    return _WORD.sub(lambda match: GONE if _holds_piece(match[0]) else match[0], text)


def _holds_piece(word: str) -> bool:
    filters = (*brief.filters, *lasting.filters)
    hashes = (
        _hash(word[start : start + size])
        for size in (_KEY_PIECE, _TOKEN_PIECE)
        for start in range(len(word) - size + 1)
    )
    return any(piece in each for piece in hashes for each in filters)
