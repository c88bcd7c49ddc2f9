"""The secrets that this process has seen, as hashes of their pieces, so that no text that leaves it holds part of one.

Keeps no secret itself: the hashes are Python's own, which each process salts differently. The oldest are forgotten
once there are too many; a secret that lasts, such as the key of a user, is noted with each use.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict

GONE = "[redacted]"
MOST = 30_000
"""Pieces that are remembered: those of some 500 sessions, about 3 MB."""
_SHORT, _LONG = 8, 16
"""Characters of a piece, of a key and of a token. An excerpt of twice as many has a whole piece in it."""
_TOKEN = 100
"""Characters from which on a secret is a token."""
_WORD = re.compile(rf"[A-Za-z0-9+/=_.~%-]{{{_SHORT},}}")

_lock = threading.Lock()
pieces: OrderedDict[int, int] = OrderedDict()
"""Each with the secret that it is of, the oldest first."""
whole: set[int] = set()
"""Secrets of which no piece has been forgotten, so that one that comes again costs nothing."""


def note(*secrets: str | None) -> None:
    """Remember secrets; None and texts too short to be one are passed over."""
    for secret in secrets:
        if secret is None or len(secret) < 2 * _SHORT:
            continue
        size = _LONG if len(secret) >= _TOKEN else _SHORT
        with _lock:
            if hash(secret) in whole:
                continue
            whole.add(hash(secret))
            for start in range(0, len(secret) - size + 1, size):
                piece = hash(secret[start : start + size])
                pieces[piece] = hash(secret)
                pieces.move_to_end(piece)
            while len(pieces) > MOST:
                _, forgotten = pieces.popitem(last=False)
                whole.discard(forgotten)


def without(text: str) -> str:
    """The text without any word that holds a piece of a known secret."""
    if not pieces:
        return text
    return _WORD.sub(lambda match: GONE if _holds_piece(match[0]) else match[0], text)


def _holds_piece(word: str) -> bool:
    return any(
        hash(word[start : start + size]) in pieces for size in (_SHORT, _LONG) for start in range(len(word) - size + 1)
    )
