"""The real app, asked for one refresh of all roles after the other; tells how its memory grows.

As a program, `python -m ... ROUNDS EVERY [--trace]`, it prints a line of JSON after every so many rounds: sessions so far,
blocks that Python has allocated, bytes in them (zero without `--trace`, which makes it four times slower), bytes of
memory that are this process's alone, threads, open files, seconds of CPU. Linux only.
"""

from __future__ import annotations

import gc
import json
import math
import os
import re
import sys
import threading
import time
import tracemalloc
from pathlib import Path

from traycreds.app import heap
from traycreds.app.application import Application, Frontend
from traycreds.core.events import RefreshAsked
from traycreds.core.snapshot import Snapshot, Status
from traycreds.core.ui_commands import UiCommand
from traycreds.engine.clock import SystemClock
from traycreds.state import known_secrets
from traycreds.usecases import load
from traycreds.usecases.options import Options

PATIENCE = 60.0
_REPLACED = re.compile(r"/(credentials|\.credentials\.traycreds-\w+\.tmp) \(deleted\)$")
# What is remembered of secrets grows up to a bound; here it is reached before the first measurement.
known_secrets.SMALLEST = known_secrets.LARGEST = 256
known_secrets.brief, known_secrets.lasting = (known_secrets.Pieces(math.inf, 512) for _ in range(2))


class Rounds:
    """Sees each round: it begins when a role is refreshing, and is over when all are fresh."""

    def __init__(self) -> None:
        self._begun = False
        self._over = threading.Event()

    def show(self, snapshot: Snapshot) -> None:
        states = {view.status for view in snapshot.roles}
        self._begun |= Status.REFRESHING in states
        if self._begun and states == {Status.FRESH}:
            self._begun = False
            self._over.set()

    def wait(self) -> None:
        if not self._over.wait(PATIENCE):
            raise TimeoutError("a round did not end")
        self._over.clear()


def measured(sessions: int) -> dict[str, float]:
    """How much this process holds now."""
    gc.collect()
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    private = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))
    traced, _ = tracemalloc.get_traced_memory()
    return {
        "sessions": sessions,
        "blocks": sys.getallocatedblocks(),
        "traced": traced,
        "private": private * 1024,
        "threads": threading.active_count(),
        "files": open_files(),
        "cpu": time.process_time(),
    }


def open_files() -> int:
    """How many files are open, but for replaced credentials files, which are watched for two seconds each.

    Those have either name at their end: their own, or that of the new file with which they changed places.
    """
    links = (os.path.realpath(descriptor) for descriptor in Path("/proc/self/fd").iterdir())
    return sum(not _REPLACED.search(link) for link in links)


def drive(app: Application, rounds: Rounds, count: int, every: int) -> None:
    """Ask, wait, measure; then end the app, whatever happened."""
    try:
        # The app requests the first sessions by itself.
        rounds.wait()
        names = len(load.read_config(load.find_paths(Options())).roles)
        for number in range(1, count + 1):
            app.take(RefreshAsked())
            rounds.wait()
            if number % every == 0:
                print(json.dumps(measured(number * names)), flush=True)
    finally:
        app.take(UiCommand.QUIT)


def main() -> int:
    count, every = map(int, sys.argv[1:3])
    if "--trace" in sys.argv:
        tracemalloc.start()
    heap.stay_small()
    rounds = Rounds()
    frontend = Frontend(tray=False, print_line=print, show=rounds.show, notice=print)
    app = Application(load.find_paths(Options()), SystemClock(), frontend)
    threading.Thread(target=drive, args=(app, rounds, count, every)).start()
    return app.run()


if __name__ == "__main__":
    sys.exit(main())
