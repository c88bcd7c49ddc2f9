"""Tries traycreds on real desktops, nested in X servers without a screen: `nox -s desktops -- --starts 20 gnome plasma`.

Counts the starts after which the icon comes, left clicks that open the menu, errors that the desktop logs or gets from the
icon, and the clicks that each task takes. Fails where a promise of docs/desktop-behaviour.md breaks. Installs nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.desktop.bus_monitor import BusMonitor
from tools.desktops import pictures
from tools.desktops.kinds import KINDS
from tools.desktops.trial import TASKS, Outcome, Trial


def main() -> int:
    """Try the desktops that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(prog="nox -s desktops --", description=__doc__)
    parser.add_argument("desktops", nargs="*", metavar="DESKTOP", help=f"of {', '.join(KINDS)}; all, if none is named")
    parser.add_argument("--starts", type=int, default=20, help="how often the app is started on each (20)")
    parser.add_argument("--keep", type=Path, help="a new folder for logs, and for pictures of what failed")
    parser.add_argument("--pictures", type=Path, help="only take pictures, into this folder")
    given = parser.parse_args()
    unknown = set(given.desktops) - KINDS.keys()
    if unknown:
        parser.error(f"no desktop {', '.join(sorted(unknown))}")
    names = given.desktops or list(KINDS)
    missing = sorted({package for name in names for package in KINDS[name].missing()})
    if missing:
        print(f"Install them first: sudo apt-get install -y --no-install-recommends {' '.join(missing)}")
        return 1
    if given.pictures is not None:
        for path in (path for name in names for path in pictures.take(name, given.pictures)):
            print(f"{path}: {path.stat().st_size} bytes", flush=True)
        print(pictures.join_icons(names, given.pictures))
        return 0
    with tempfile.TemporaryDirectory(prefix="traycreds-desktops-", ignore_cleanup_errors=True) as scratch:
        outcomes = [_try(name, given.starts, (given.keep or Path(scratch)) / name) for name in names]
    print("\n".join(_table(outcomes)))
    broken = [line for outcome in outcomes for line in outcome.broken()]
    print("\n".join(broken) or "Every promise holds.")
    return 1 if broken else 0


def _try(name: str, starts: int, folder: Path) -> Outcome:
    """Try one desktop."""
    kind = KINDS[name]
    outcome = Outcome(kind.named(), kind.left_opens)
    (folder / "desktop").mkdir(parents=True)
    with kind.start(folder / "desktop", False, 1) as desktop, BusMonitor(desktop.bus) as monitor:
        trial = Trial(desktop, folder, outcome)
        before = len(desktop.errors())
        try:
            trial.start_often(starts)
            trial.count_clicks()
        except AssertionError as error:
            # Something never came, but the script still tries the other desktops.
            desktop.picture("broken-off")
            outcome.failures.append(str(error))
        # The tray refuses `Activate` on purpose, so that Plasma opens the menu.
        refused = Counter(name for name in monitor.refused if name != "Activate")
        outcome.errors = desktop.errors()[before:] + [f"refused {name}, {refused[name]} times" for name in refused]
    print(f"{outcome.name}: icon in {outcome.icons} of {outcome.starts} starts", flush=True)
    return outcome


def _table(outcomes: list[Outcome]) -> list[str]:
    """The outcomes as a table for docs/desktop-behaviour.md."""
    heads = ("desktop", "icon comes", "left click opens the menu", "errors", *TASKS)
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for outcome in outcomes:
        menus = f"{outcome.menus} of {outcome.icons}" if outcome.left_opens else "no, a right click does"
        clicks = (str(outcome.clicks.get(task, "-")) for task in TASKS)
        cells = (outcome.name, f"{outcome.icons} of {outcome.starts}", menus, str(len(outcome.errors)), *clicks)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
