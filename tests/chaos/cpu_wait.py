"""How long processes were ready to run and got no CPU: what takes them longer for that is not their doing.

A chaos run lasts long, beside whatever else the machine is at. Each bound in seconds is meant for a process that gets
the CPU when it wants it, so the time in which it waited for one is taken off.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path


def waited(pid: int) -> dict[str, float]:
    """The seconds that each thread of a process has waited for a CPU so far (proc_pid_schedstat)."""
    found = {}
    # The process may have ended.
    with contextlib.suppress(OSError):
        for task in (Path("/proc") / str(pid) / "task").iterdir():
            # The thread may have ended.
            with contextlib.suppress(OSError):
                found[task.name] = int((task / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    return found


STARVED_SECONDS = 60.0
"""Beyond a bound, for a machine that gives a process no CPU; the wait for one is taken off before the bound counts."""


class Stopwatch:
    """Seconds from now on, and how many of them this process or another was kept waiting for a CPU."""

    def __init__(self, pid: int) -> None:
        self._pids = (pid, os.getpid())
        self._begun, self._before = time.monotonic(), [waited(pid) for pid in self._pids]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def is_over(self, bound: float) -> bool:
        """Whether so many seconds have passed, on a machine that had a CPU to give."""
        return self.seconds > bound and (self.own_seconds > bound or self.seconds > bound + STARVED_SECONDS)

    @property
    def own_seconds(self) -> float:
        """Without those that one of the two was kept waiting for a CPU."""
        kept_waiting = 0.0
        for pid, before in zip(self._pids, self._before, strict=True):
            delay = sum(total - before.get(thread, 0.0) for thread, total in waited(pid).items())
            kept_waiting = max(kept_waiting, delay)
        return max(0.0, self.seconds - kept_waiting)
