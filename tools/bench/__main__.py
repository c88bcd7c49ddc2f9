"""Measures traycreds: `python -m tools.bench [--write]`; prints a table in Markdown.

Ends with 1 where a goal is missed. Linux only, since /proc is where memory and wake-ups are from. Takes a quarter of an hour. Each subject is a module of its own
with a function that yields its rows.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

from tools.bench import app, commands, curves, scale
from tools.bench.row import TIMES, Figure, table
from tools.marked_page import put

PAGE = Path(__file__).resolve().parents[2] / "docs" / "measurements.md"


def main(arguments: list[str]) -> int:
    """Measure all, print, and write into the page on measurements where asked to; 1 where a goal is missed."""
    options = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    options.add_argument(
        "--write",
        type=Path,
        metavar="PAGE",
        nargs="?",
        const=PAGE,
        help="put the table between its two marks in there (docs/measurements.md if no page is named)",
    )
    chosen = options.parse_args(arguments)
    load = os.getloadavg()[0]
    found: list[Figure] = []
    growths: list[curves.Growth] = []
    for rows in (commands.rows(), app.rows(), scale.rows(), curves.rows(curves.measured(growths))):
        for row in rows:
            print(f"{row.what}: {row.ours}", file=sys.stderr)
            found.append(row)
    text = f"{table(found)}\n\n{_note(load)}"
    print(text)
    if chosen.write:
        written = put(chosen.write.read_text(encoding="utf-8"), "bench", f"{text}\n")
        chosen.write.write_text(written, encoding="utf-8")
        chosen.write.with_name("curves.svg").write_text(curves.picture(growths), encoding="utf-8")
    missed = [row.what for row in found if not row.met]
    for what in missed:
        print(f"its goal is missed: {what}", file=sys.stderr)
    return 1 if missed else 0


def _note(load: float) -> str:
    return (
        f"Measured by `python -m tools.bench` on {os.cpu_count()} processors with Python {platform.python_version()}, "
        f"{platform.system()}, at a load of {load:.1f} from other work; times are the best of {TIMES}, those of a bare "
        f"Python (`python -c pass`) taken in turn with them. The app has no awscrt, as for most users."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
