"""Runs the whole suite N times in a row, each fifth time beside processes that burn every core: `python -m tools.soak N`.

Each run takes the tests in another order. Every failure is printed with the seed that repeats it; the exit code is 1 if
there was any.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUSY_EVERY = 5
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def main() -> int:
    """Run, print, and say by the exit code whether every run was green."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.soak", usage="%(prog)s [options] N [-- ARGUMENTS OF PYTEST]", description=__doc__
    )
    parser.add_argument("runs", type=int, help="how many runs of the suite")
    parser.add_argument(
        "--busy-every", type=int, default=BUSY_EVERY, metavar="N", help="burn all cores in each Nth run"
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="of the first run; each run has the next one"
    )
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    given, for_pytest = parser.parse_args(words[:end]), words[end + 1 :]
    failures: Counter[str] = Counter()
    red = 0
    for number in range(1, given.runs + 1):
        busy = number % given.busy_every == 0
        with burning() if busy else contextlib.nullcontext():
            began = time.monotonic()
            failed = run(given.seed + number, for_pytest)
        failures.update(failed)
        red += bool(failed)
        state = f"{len(failed)} failed" if failed else "green"
        print(
            f"run {number}: {state} in {time.monotonic() - began:.0f} s{', all cores busy' if busy else ''}", flush=True
        )
    print(f"{given.runs - red} of {given.runs} runs were green.")
    for name, count in failures.most_common():
        print(f"{count} times: {name}")
    return 1 if red else 0


def run(seed: int, arguments: list[str]) -> list[str]:
    """Run the suite once; the tests that failed, or what pytest said if it did not come that far."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--randomly-seed={seed}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    print(f"seed {seed}:\n{done.stdout[-20_000:]}{done.stderr[-2_000:]}", flush=True)
    return _FAILED.findall(done.stdout) or [f"pytest itself (exit code {done.returncode})"]


@contextlib.contextmanager
def burning() -> Iterator[None]:
    """As many processes as there are cores, each of which computes for as long as the body takes."""
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.join()


def _burn() -> None:
    while True:
        pass


if __name__ == "__main__":
    sys.exit(main())
