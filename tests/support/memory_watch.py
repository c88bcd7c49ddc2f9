"""Watches how much memory the processes of traycreds need that another process has started, at any depth.

Run as a program it looks twenty times a second, and prints a line for each of them: its peak in bytes and its command
line, once it has ended, becomes another program, or needs more than the bound. It ends when the other process has gone.
It is a process of its own, so that no test has a thread more than it started. Linux only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.05
_LONGEST = 500
"""Characters of a command line: a printed line is one write to the pipe, never read by halves."""
_PROC = Path("/proc")
_APPS = ("traycreds", "tests.integration.faults.steered_app")
"""Modules and programs that are the app or a command, or stand for it."""


def descendants(pid: int) -> Iterator[int]:
    """All processes that a process has started and that those have, if the system tells."""
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
        children = [int(one) for thread in threads for one in (thread / "children").read_text("ascii").split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from descendants(child)


def command_of(pid: int) -> str | None:
    """The command line of a process of traycreds; None for all others, and under Wine, which needs much for itself."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return None
    if words and words[0].lower().endswith(".exe"):
        return None
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else None
    names = {Path(word).name for word in words[:2]} | {module}
    ours = not names.isdisjoint(_APPS) or (module or "").startswith("traycreds.")
    return " ".join(" ".join(words).split())[:_LONGEST] if ours else None


def peak_of(pid: int) -> int:
    """The most that a process has needed since it became this program, in bytes; 0 once it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


class Peaks:
    """The most that each process has needed, in bytes, from looking at them again and again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[tuple[int, str], int] = {}
        self._reported: set[tuple[int, str]] = set()

    def update(self, running: dict[tuple[int, str], int]) -> Iterator[tuple[int, str]]:
        """Take what each process has needed by now; gives those that have ended, and once each those beyond the bound."""
        for one, peak in running.items():
            self._seen[one] = max(self._seen.get(one, 0), peak)
            if peak > self._most and one not in self._reported:
                self._reported.add(one)
                yield peak, one[1]
        for one in self._seen.keys() - running.keys():
            yield self._seen.pop(one), one[1]
            self._reported.discard(one)


def watch(parent: int, most: int) -> None:
    """Watch for as long as the parent lives."""
    peaks = Peaks(most)
    while os.getppid() == parent:
        running = {(pid, command): peak_of(pid) for pid in descendants(parent) if (command := command_of(pid))}
        for peak, command in peaks.update(running):
            print(peak, command, flush=True)
        time.sleep(EVERY)


if __name__ == "__main__":
    watch(int(sys.argv[1]), int(sys.argv[2]))
