"""Creates folders and files for their owner alone (0700, 0600), whatever the umask; existing ones keep their mode."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, each 0700. Raises OSError."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        if path.parent == path:
            raise
        # `parents=True` would leave the modes of the parents to the umask.
        make_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a file whole, in place; one that is new has mode 0600. Raises OSError: it cannot be written."""
    with open(path, "wb", opener=opener) as file:
        file.write(data)


def opener(path: str, flags: int) -> int:
    """For `open`: a file that is made has mode 0600. Raises OSError: it cannot be opened."""
    return os.open(path, flags, 0o600)


def opener_for_owner_alone(path: str, flags: int) -> int:
    """For `open`: the file gets mode 0600, even if it exists. Raises OSError, also for a FIFO without a reader."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
    if sys.platform != "win32":
        os.fchmod(descriptor, 0o600)
    return descriptor
