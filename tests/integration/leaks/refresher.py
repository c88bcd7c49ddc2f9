"""The real app, asked for one refresh of all roles after the other; tells how its memory grows.

As a program, `python -m ... ROUNDS EVERY [--trace]`, it prints a line of JSON after every so many rounds: sessions so far,
blocks that Python has allocated, bytes in them (zero without `--trace`, which makes it four times slower), bytes of
memory that are this process's alone, threads, open files, seconds of CPU. Linux only.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
import tracemalloc
from pathlib import Path

from traycreds.adapters.clock import SystemClock
from traycreds.app import setup
from traycreds.app.desk import Desk, Face
from traycreds.app.setup import Options
from traycreds.core.commands import UiCommand
from traycreds.core.messages import RefreshAsked
from traycreds.core.shown import Snapshot, Status

PATIENCE = 60.0


class Rounds:
    """Hears of each round: it begins when a role is refreshing, and is over when all are fresh."""

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
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "cpu": time.process_time(),
    }


def drive(desk: Desk, rounds: Rounds, count: int, every: int) -> None:
    """Ask, wait, measure; then end the app, whatever happened."""
    try:
        rounds.wait()  # the first sessions
        names = len(setup.read_config(setup.find_places(Options())).roles)
        for number in range(1, count + 1):
            desk.take(RefreshAsked())
            rounds.wait()
            if number % every == 0:
                print(json.dumps(measured(number * names)), flush=True)
    finally:
        desk.take(UiCommand.QUIT)


def main() -> int:
    count, every = map(int, sys.argv[1:3])
    if "--trace" in sys.argv:
        tracemalloc.start()
    rounds = Rounds()
    face = Face(tray=False, say=print, show=rounds.show, notice=print)
    desk = Desk(setup.find_places(Options()), SystemClock(), face)
    threading.Thread(target=drive, args=(desk, rounds, count, every)).start()
    return desk.run()


if __name__ == "__main__":
    sys.exit(main())
