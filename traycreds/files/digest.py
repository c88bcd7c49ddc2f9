"""Digests that name files and entries, the same in each process. Brings OpenSSL, so functions import it when needed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def sha256(data: bytes) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha1(data: bytes) -> str:
    """The SHA-1, for file names that other programs derive from it."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def of_path(path: Path) -> str:
    """Sixteen digits for a path, the same for each spelling that Windows takes for one."""
    return sha256(os.fsencode(os.path.normcase(path)))[:16]
