"""Lives seeds of the chaos run: `python -m tests.chaos --minutes 30 --seed 7`, or `--seeds 50 --minutes 0.5`.

Prints a line for each seed; at a breach what happened before it, and the command that lives it again. Exits with 1 then.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.chaos.invariants import BreachError
from tests.chaos.run import running


def live(seed: str, minutes: float, *, tray: bool, keep: bool, lines: int) -> bool:
    """Live one seed; whether it was without a breach."""
    folder = Path(tempfile.mkdtemp(prefix=f"traycreds-chaos-{seed}-"))
    began = time.monotonic()
    try:
        with running(seed, folder / "home", tray=tray) as run:
            try:
                run.live(minutes * 60)
            except Exception as breach:  # noqa: BLE001 - whatever ends a run, its seed must be printed
                print("\n".join(run.happenings.log[-lines:]))
                print("\n".join(run.home.log.read_text(errors="replace").splitlines()[-lines:]))
                if not isinstance(breach, BreachError):
                    traceback.print_exc(file=sys.stdout)
                print(f"seed {seed}: BREACH after {time.monotonic() - began:.0f} s: {breach}")
                with_tray = " --tray" if tray else ""
                print(f"python -m tests.chaos --seed {seed} --minutes {minutes:g}{with_tray}", flush=True)
                return False
            hours = run.happenings.at / 3600
            seen, happened = run.seen, len(run.happenings.log)
            calls = sum(map(len, run.home.answers.calls.values()))
            print(
                f"seed {seed}: {hours:.1f} h in {time.monotonic() - began:.0f} s, {happened} lines of happenings, "
                f"{calls} calls, {seen.answers} answers (slowest {seen.slowest:.2f} s), {seen.commands} commands "
                f"(slowest {seen.slowest_command:.1f} s; of {seen.quick_commands} that wait for nobody "
                f"{seen.slowest_quick_command:.1f} s), {seen.reads} reads, at most {seen.peak / 1024**2:.0f} MiB, "
                f"{seen.most_threads} threads, {seen.most_files} files" + (f", {run.tray.summary}" if run.tray else ""),
                flush=True,
            )
            return True
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", default=None, help="of the first run; a random one if not given")
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds, from that one on")
    parser.add_argument("--minutes", type=float, default=30, help="how long each is lived, in real minutes")
    parser.add_argument("--tray", action="store_true", help="beside a model of a desktop, whose user clicks")
    parser.add_argument("--lines", type=int, default=40, help="so much of what came before a breach")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    given = parser.parse_args()
    seed = given.seed or str(random.randrange(10**6))
    print(f"seed {seed}", flush=True)
    numbers = [seed] if given.seeds == 1 else [str(int(seed) + number) for number in range(given.seeds)]
    how = {"tray": given.tray, "keep": given.keep, "lines": given.lines}
    failed = [each for each in numbers if not live(each, given.minutes, **how)]
    if given.seeds > 1:
        print(f"{len(failed)} of {len(numbers)} seeds had a breach: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
