"""Makes text of others fit to be shown: nothing in it moves a cursor, hides what stands beside it, or turns it."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with an escape in place of each character that is not visible (control, format, surrogate)."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
