"""Runs one scenario from its seed and tells what happened: `python -m tests.simulation --seed N`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.scenario import Scenario
from tests.simulation.with_tray import ScenarioWithTray


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=1, help="so many seeds from this one on")
    parser.add_argument("--hours", type=float, default=8, help="how long the machine is awake")
    parser.add_argument("--lines", type=int, default=40, help="so much of what came before")
    parser.add_argument("--tray", action="store_true", help="with a tray that counts the minutes")
    parsed = parser.parse_args()
    failed = 0
    for seed in range(parsed.seed, parsed.seed + parsed.count):
        scenario = (ScenarioWithTray if parsed.tray else Scenario)(seed, hours=parsed.hours)
        begun = time.process_time()
        try:
            scenario.run()
        except Exception as error:
            failed += 1
            if parsed.count > 1:
                print(f"seed {seed}: {type(error).__name__}: {error}")
                continue
            print("\n".join(list(scenario.log)[-parsed.lines :]))
            raise
        if parsed.count == 1:
            spent = time.process_time() - begun
            print(
                f"seed {seed}: {scenario.time.true / 86400:.1f} days, {sum(scenario.invariants.calls.values())} calls, {spent:.2f} s"
            )
    if parsed.count > 1:
        print(f"{failed} of {parsed.count} seeds failed")
    return 1 if failed else 0


sys.exit(main())
