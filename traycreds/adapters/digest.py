"""Digests, to name files and to compare texts.

Brings in OpenSSL, 2 MB, only when one is asked for: an idle app has none.
"""

from __future__ import annotations


def sha256(data: bytes) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.sha256(data).hexdigest()


def sha1(data: bytes) -> str:
    """The SHA-1, where somebody else's names of files are made of it."""
    import hashlib  # noqa: PLC0415 - see above

    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
