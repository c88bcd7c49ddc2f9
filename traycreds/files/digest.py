"""Digests, to name files and to compare texts."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType


def sha256(data: bytes) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    digest: str = _hashlib().sha256(data).hexdigest()
    return digest


def sha1(data: bytes) -> str:
    """The SHA-1, for file names that other programs derive from it."""
    digest: str = _hashlib().sha1(data, usedforsecurity=False).hexdigest()
    return digest


def of_path(path: Path) -> str:
    """Sixteen digits for a path, the same for each spelling that Windows takes for one."""
    return sha256(os.fsencode(os.path.normcase(path)))[:16]


def _hashlib() -> ModuleType:
    # It loads OpenSSL: 2 MB that an idle app does not need.
    import hashlib

    return hashlib
