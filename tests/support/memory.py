"""How much memory processes of ours need, whatever a test does to them; tests/conftest.py checks it after each test."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

MOST = 100 * 1024**2
"""Bytes that an app or a command may need at its peak."""

_peaks: list[tuple[str, int]] = []


def note(args: Sequence[str], peak: int) -> None:
    """Note what a process has needed at most, in bytes."""
    _peaks.append((" ".join(args), peak))


def note_running(args: Sequence[str], pid: int) -> None:
    """Note what a process that still runs has needed so far; nothing where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                note(args, int(line.split()[1]) * 1024)


def too_much() -> list[str]:
    """The processes that have needed more than MOST since this was asked last."""
    found = [f"{args} needed {peak // 1024**2} MiB" for args, peak in _peaks if peak > MOST]
    _peaks.clear()
    return found
