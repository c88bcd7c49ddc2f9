"""How cost grows with the number of roles. Times are CPU time of what is measured, so that other work does not count."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.builders import NOW
from tests.support.sandbox import ACCOUNT, Sandbox
from tools.bench import credentials_file, process
from tools.bench.chart import drawn
from tools.bench.row import Figure
from tools.bench.scale import state_of
from traycreds.lifecycle import plan, presentation
from traycreds.sim.simulator import Simulator
from traycreds.ui.menu import model

SIZES = (10, 100, 1_000, 10_000)
MOST = 1.2
"""The highest power of the number of roles that a cost may grow with: 1 is in proportion, 2 is by the square. Caches of
the processor make it a little more than 1."""
_ROUNDS = 5
_LEAST_MILLISECONDS = 1000.0
"""For how long at least: other work empties the caches of the processor, which large sizes feel more than small ones."""
_SETTLED_SECONDS = 10.0
"""Seconds after which an app has read its files and rests."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One cost by the number of roles; `unit` is of the values."""

    what: str
    unit: str
    values: Mapping[int, float]

    @property
    def power(self) -> float:
        """The power of the number of roles that it grows with between the two largest sizes, without its fixed part."""
        least, *_, less, more = sorted(self.values)
        fixed = self.values[least]
        if not fixed < self.values[less] < self.values[more]:
            return 0.0
        return math.log((self.values[more] - fixed) / (self.values[less] - fixed)) / math.log(more / less)

    @property
    def linear(self) -> bool:
        """Whether it grows no faster than the number of roles."""
        return self.power <= MOST


def cpu_milliseconds(what: Callable[[], object]) -> float:
    """The CPU time of this process; the least of several."""

    def once() -> float:
        begun = time.process_time()
        what()
        return (time.process_time() - begun) * 1e3

    found = [once() for _ in range(_ROUNDS)]
    while sum(found) < _LEAST_MILLISECONDS:
        found.append(once())
    return min(found)


def in_process(roles: int) -> dict[str, float]:
    """Milliseconds of what the engine and the menu do for so many kept roles, none of them due."""
    state = state_of(roles)
    snapshot = presentation.snapshot(NOW, state)
    with tempfile.TemporaryDirectory() as folder:
        _, edit, _ = credentials_file.measure(roles, Path(folder), rounds=_ROUNDS, clock=time.process_time)
    return {
        "plan (CPU)": cpu_milliseconds(lambda: plan.plan(NOW, state)),
        "snapshot (CPU)": cpu_milliseconds(lambda: presentation.snapshot(NOW, state)),
        "model of the menu (CPU)": cpu_milliseconds(lambda: model.build(snapshot)),
        "edit of one profile (CPU)": edit * 1e3,
    }


def of_commands(roles: int) -> dict[str, float]:
    """Milliseconds of commands without an app, and the MiB of an app that keeps no role."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        home = Path(folder) / "home"
        home.mkdir()
        sandbox = Sandbox(home, simulator)
        sandbox.config.parent.mkdir(parents=True)
        tables = (
            f'[roles.role{number:05}]\nrole_arn = "arn:aws:iam::{ACCOUNT}:role/role{number:05}"\nsource_profile = "base"\n'
            for number in range(roles)
        )
        sandbox.config.write_text("".join(tables), encoding="utf-8")
        os.utime(sandbox.config, (1e9, 1e9))
        environment = sandbox.environment()

        def command(name: str) -> float:
            begun = process.children_cpu()
            subprocess.run([process.script(), name], env=environment, check=False, capture_output=True, timeout=300)
            return (process.children_cpu() - begun) * 1e3

        found = {f"`{name}`, no app (CPU)": min(command(name) for _ in range(3)) for name in ("status", "doctor")}
        with subprocess.Popen(
            [process.script(), "run", "--no-tray"], env=environment, stdout=subprocess.DEVNULL
        ) as app:
            try:
                time.sleep(_SETTLED_SECONDS)
                found["memory (PSS), none kept"] = process.pss(app.pid)
            finally:
                app.terminate()
    return found


def measured(growths: list[Growth]) -> Iterator[Growth]:
    """Measure all, at each size, and add each to the list."""
    by_size: dict[int, dict[str, float]] = {}
    for size in SIZES:
        by_size[size] = {**in_process(size), **of_commands(size)}
        shown = ", ".join(f"{what} {value:.3g}" for what, value in by_size[size].items())
        print(f"{size} roles: {shown}", file=sys.stderr)
    for what in by_size[SIZES[0]]:
        unit = "MiB" if what.startswith("memory") else "ms"
        growths.append(Growth(what, unit, {size: found[what] for size, found in by_size.items()}))
        yield growths[-1]


def rows(growths: Iterable[Growth]) -> Iterator[Figure]:
    """A line of the table for each cost, with its values at the smallest and the largest size."""
    for each in growths:
        first, last = each.values[SIZES[0]], each.values[SIZES[-1]]
        yield Figure(
            f"{each.what}, {SIZES[0]:,} and {SIZES[-1]:,} roles",
            f"{first:.3g} and {last:.3g} {each.unit}, power {each.power:.2f} of the number",
            f"at most {MOST:g}",
            met=each.linear,
        )


def picture(growths: Iterable[Growth]) -> str:
    """The curves as SVG."""
    return drawn({f"{each.what.replace(' (CPU)', '').replace('`', '')}, {each.unit}": each.values for each in growths})
