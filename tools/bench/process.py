"""What a process takes: how long it lasts, and by Linux's word its memory, how often it wakes, how long it computes."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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


def script() -> str:
    """Our command as it is installed."""
    return str(Path(sys.executable).with_name("traycreds"))


def took(command: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """Seconds of a command."""
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begun


def bare_python() -> float:
    """Seconds of `python -c pass`, by which machines and moments compare."""
    return took([sys.executable, "-c", "pass"])


def pss(pid: int) -> float:
    """Memory in MiB, with what it shares with other processes divided among them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def children_cpu() -> float:
    """Seconds that the processes which this one started and waited for have computed; who else computes does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu(pid: int) -> float:
    """Seconds that the threads of a process have computed which are there now."""
    return sum(nanoseconds for _, nanoseconds in _tasks(pid).values()) / 1e9


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
        # The thread may have ended since it was listed.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            switches = next(
                int(line.split()[1])
                for line in (task / "status").read_text().splitlines()
                if line.startswith("voluntary_ctxt_switches")
            )
            found[task.name] = switches, int((task / "schedstat").read_text().split()[0])
    return found
