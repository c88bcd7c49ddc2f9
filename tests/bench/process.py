"""What Linux tells of a process: its memory, how often it wakes, how long it computes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Idle:
    """How a process idles.

    Attributes:
        wakes: wake-ups a minute.
        cpu: percent of one processor.
        threads: how many there are at the end.
    """

    wakes: float
    cpu: float
    threads: int


def pss(pid: int) -> float:
    """Memory in MiB, with what it shares with other processes divided among them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def idle(pid: int, seconds: float) -> Idle:
    """Watch a process for some seconds; threads that begin and end meanwhile are not seen, save by who starts them."""
    before = _tasks(pid)
    time.sleep(seconds)
    after = _tasks(pid)
    wakes, nanoseconds = (
        sum(each[kind] - before.get(task, (0, 0))[kind] for task, each in after.items()) for kind in (0, 1)
    )
    return Idle(wakes=wakes * 60 / seconds, cpu=nanoseconds / seconds / 1e7, threads=len(after))


def _tasks(pid: int) -> dict[str, tuple[int, int]]:
    """For each thread its voluntary context switches, of which each is a wake-up, and its nanoseconds on a processor."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        switches = next(
            int(line.split()[1])
            for line in (task / "status").read_text().splitlines()
            if line.startswith("voluntary_ctxt_switches")
        )
        found[task.name] = switches, int((task / "schedstat").read_text().split()[0])
    return found
