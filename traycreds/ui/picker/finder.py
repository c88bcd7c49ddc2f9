"""Which of many names typed words mean, the likeliest first. Pure.

Every word must be found, in the name or in the text beside it. A word with `*` or `?` is a pattern for the start of
a name. Scattered letters count only where nothing better is found.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_NAMED, _BEGINS, _PART_BEGINS, _INITIALS, _WITHIN, _BESIDES, _SCATTERED = range(7)
"""How well a word fits, the best first."""
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WILD = re.compile(r"[*?]")


class Candidate(NamedTuple):
    """A candidate: its name, and the other texts that find it."""

    name: str
    besides: tuple[str, ...] = ()


class _Indexed(NamedTuple):
    """A candidate prepared for search: in lower case, with the starts of its name's parts."""

    name: str
    besides: str
    starts: tuple[int, ...]
    initials: str


_Fit = tuple[int, int]
"""How well a word fits; for equal fits, the distance from the best."""


class Finder:
    """Many candidates, searched at each key."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        """Take the candidates; equal matches keep this order."""
        self._indexed = tuple(map(_indexed, candidates))

    def find(self, typed: str) -> list[int]:
        """The places of matches; all if nothing is typed."""
        words = typed.split()
        if not words:
            return list(range(len(self._indexed)))
        found = [
            (fit, place)
            for place, candidate in enumerate(self._indexed)
            if (fit := _fit_of_all(words, candidate)) is not None
        ]
        close = [each for each in found if each[0][0] < _SCATTERED]
        return [place for _, place in sorted(close or found)]


def _indexed(candidate: Candidate) -> _Indexed:
    starts = tuple(match.start() for match in _PARTS.finditer(candidate.name))
    initials = "".join(candidate.name[start] for start in starts)
    return _Indexed(candidate.name.lower(), "\n".join(candidate.besides).lower(), starts, initials.lower())


def _fit_of_all(words: Sequence[str], candidate: _Indexed) -> tuple[int, ...] | None:
    """How well all words fit, the worst first; None if one does not."""
    fits: list[_Fit] = []
    for word in words:
        fit = _fit_of_pattern(word, candidate) if _WILD.search(word) else _fit_of_word(word.lower(), candidate)
        if fit is None:
            return None
        fits.append(fit)
    worst = max(rank for rank, _ in fits)
    return worst, sum(rank for rank, _ in fits), sum(distance for _, distance in fits)


def _fit_of_word(word: str, candidate: _Indexed) -> _Fit | None:
    name = candidate.name
    at = name.find(word)
    if at == 0:
        return (_NAMED if name == word else _BEGINS), 0
    if any(name.startswith(word, start) for start in candidate.starts):
        return _PART_BEGINS, 0
    if len(word) > 1 and candidate.initials.startswith(word):
        return _INITIALS, len(candidate.initials) - len(word)
    if at > 0:
        return _WITHIN, 0
    if word in candidate.besides:
        return _BESIDES, 0
    span = _span(word, name)
    return None if span is None else (_SCATTERED, span)


def _span(word: str, name: str) -> int | None:
    """Over how many letters of a name a word's letters are spread; None if they are not all there in order."""
    at = -1
    for letter in word:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
    end = at
    # Find the shortest stretch that ends at the same letter.
    for letter in reversed(word):
        at = name.rindex(letter, 0, at + 1) - 1
    return end - at


def _fit_of_pattern(word: str, candidate: _Indexed) -> _Fit | None:
    rest = _rest(_pieces(word), candidate.name)
    if rest is not None:
        return _BEGINS, min(rest, 1)
    other = any(_rest(_pieces(word), text) is not None for text in candidate.besides.split("\n"))
    return (_BESIDES, 0) if other else None


def _rest(pieces: Sequence[re.Pattern[str]], text: str) -> int | None:
    """How many letters follow the pieces, matched in order; None for no match.

    Each piece matches as early as possible, which is never slow, and the last at the end if it can.
    """
    first, *others = pieces
    match = first.match(text)
    for piece in others:
        if match is None:
            return None
        behind = match.end()
        match = piece.search(text, behind)
    if match is None:
        return None
    at_end = len(text) - (match.end() - match.start())
    return 0 if others and pieces[-1].match(text, at_end) else len(text) - match.end()


@functools.lru_cache(maxsize=16)
def _pieces(word: str) -> tuple[re.Pattern[str], ...]:
    pieces = word.lower().split("*")
    return tuple(re.compile("".join("." if each == "?" else re.escape(each) for each in piece)) for piece in pieces)
