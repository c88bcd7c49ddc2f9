"""The secrets that this process has seen, as salted hashes of their pieces, so that no output holds part of one.

Keeps only Bloom filters, which never miss a known piece and rarely redact other text. They grow one by one; beyond MOST
the oldest goes, whose sessions have expired; lasting secrets are noted at each use.
"""

from __future__ import annotations

import os
import re
import threading

GONE = "[redacted]"

SMALLEST, LARGEST, MOST = 16 * 1024, 1024**2, 5 * 1024**2
"""Bytes of the first filter, the largest, and all: 40,000 sessions, while 200 roles get 34,000 in a week."""
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

    def __init__(self) -> None:
        """Hold nothing, and take no memory for it."""
        self.filters: list[_Filter] = []
        self.lately: set[int] = set()
        self._lock = threading.Lock()

    def note(self, secret: str) -> None:
        """Remember a secret, unless the newest filter has it."""
        size, step = (_TOKEN_PIECE, _TOKEN_STEP) if len(secret) >= _TOKEN else (_KEY_PIECE, _KEY_STEP)
        whole = _hash(secret)
        with self._lock:
            if whole in self.lately:
                return
            if len(self.lately) >= _LATELY:
                self.lately.clear()
            if not self.filters or self.filters[-1].pieces_left <= 0:
                self._begin_filter()
            self.lately.add(whole)
            for start in range(0, len(secret) - size + 1, step):
                self.filters[-1].add(_hash(secret[start : start + size]))

    def _begin_filter(self) -> None:
        self.lately.clear()
        size = min(self.filters[-1].size * _GROWTH, LARGEST) if self.filters else SMALLEST
        kept = self.filters
        while kept and sum(each.size for each in kept) + size > MOST:
            kept = kept[1:]
        self.filters = [*kept, _Filter(size)]  # a new list: others may be reading the old one

    def __contains__(self, text: str) -> bool:
        """Whether a text is a piece of a secret, or is taken for one."""
        piece = _hash(text)
        return any(piece in each for each in self.filters)


class _Filter:
    """A Bloom filter; its pieces_left is how many pieces it takes until it is full."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pieces_left = size * 8 // _BITS_PER_PIECE
        self._bits = bytearray(size)

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


pieces = Pieces()


def note(*secrets: str | None) -> None:
    """Remember secrets; skips None and texts that are too short."""
    for secret in secrets:
        if secret is not None and len(secret) >= 2 * _KEY_PIECE:
            pieces.note(secret)


def without(text: str) -> str:
    """The text without any word that holds a piece of a known secret."""
    if not pieces.filters:
        return text
    return _WORD.sub(lambda match: GONE if _holds_piece(match[0]) else match[0], text)


def _holds_piece(word: str) -> bool:
    return any(
        word[start : start + size] in pieces
        for size in (_KEY_PIECE, _TOKEN_PIECE)
        for start in range(len(word) - size + 1)
    )
