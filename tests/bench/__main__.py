"""Measures traycreds: `python -m tests.bench [--peers] [--write README.md]`; prints a table in Markdown.

Ends with 1 where a goal is missed. Linux only, since /proc is where memory and wake-ups are from. Takes five minutes. Each subject is a module of its own
with a function that yields its rows.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from pathlib import Path

from tests.bench import app, commands, scale
from tests.bench.row import Row, table

BETWEEN = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Measure all, print, and write into the README where asked to; 1 where a goal is missed."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--peers", action="store_true", help="install peers from PyPI, and measure them too")
    options.add_argument("--write", type=Path, metavar="README", help="put the table between its two marks in there")
    chosen = options.parse_args(arguments)
    load = os.getloadavg()[0]
    found: list[Row] = []
    for rows in (commands.rows(peers=chosen.peers), app.rows(), scale.rows()):
        for row in rows:
            print(f"{row.what}: {row.ours}", file=sys.stderr)
            found.append(row)
    text = f"{table(found)}\n\n{_note(load)}"
    print(text)
    if chosen.write:
        written = put(chosen.write.read_text(encoding="utf-8"), text)
        chosen.write.write_text(written, encoding="utf-8")
    missed = [row.what for row in found if not row.met]
    for what in missed:
        print(f"its goal is missed: {what}", file=sys.stderr)
    return 1 if missed else 0


def put(text: str, measured: str) -> str:
    """A document with what was measured between its two marks; raises ValueError where there are none."""
    new, count = BETWEEN.subn(lambda found: f"{found[1]}{measured}\n{found[2]}", text)
    if count != 1:
        raise ValueError("the document has no two marks, or more")
    return new


def _note(load: float) -> str:
    return (
        f"Measured by `python -m tests.bench` on {os.cpu_count()} processors with Python {platform.python_version()}, "
        f"{platform.system()}, at a load of {load:.1f} from other work; times are the best of several."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
