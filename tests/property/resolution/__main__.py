"""Runs many pairs, or one again: see the package."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.property.resolution.compare import difference, mixing, shown
from tests.property.resolution.pairs import make


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.property.resolution", description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000, help="how many pairs to try")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first of them")
    parser.add_argument("--seed", type=int, help="replay this pair alone")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        if chosen.seed is not None:
            print(shown(make(chosen.seed)))
            print(difference(chosen.seed, Path(folder)) or "no difference")
            print(mixing(chosen.seed, Path(folder)) or "no mixing")
            return 0
        return _run(range(chosen.first, chosen.first + chosen.pairs), Path(folder))


def prepare(home: Path) -> None:
    """An environment without anything of this machine's."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ |= {
        "HOME": str(home),
        "AWS_CONFIG_FILE": str(home / ".aws/config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws/credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "BOTO_DISABLE_CRT": "true",
    }


def _run(seeds: range, home: Path) -> int:
    began, found = time.monotonic(), 0
    for number, seed in enumerate(seeds, 1):
        what = difference(seed, home) or (mixing(seed, home) if number % 20 == 0 else "")
        if what:
            found += 1
            print(what, flush=True)
        if number % 1000 == 0:
            print(f"{number} pairs, {found} differ, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(seeds)} pairs from seed {seeds.start}: {found} differ ({time.monotonic() - began:.0f} s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
