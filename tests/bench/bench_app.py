"""Measures the running app: `python -m tests.bench.bench_app`; start to icon, first role on file, memory, idle wake-ups.

Prints a table in Markdown, made for the README. Real processes on a private bus against the simulator.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.desktop.harness import PrivateBus, Watcher, until
from tests.sandbox import Sandbox
from traycreds.sim.simulator import Simulator

IDLE_SECONDS = 60


def main() -> None:
    """Measure and print."""
    rows = [
        ("`traycreds --version`", f"{_median(_version):.3f} s"),
        ("`traycreds status`, no app running, 10 roles", f"{_median(_status):.3f} s"),
    ]
    for roles in (10, 200):
        found = _app(roles)
        rows += [
            (f"start to icon registered, {roles} roles", f"{found['icon']:.3f} s"),
            (f"start to first role on file, {roles} roles", f"{found['first']:.2f} s"),
            (f"start to all {roles} roles on file", f"{found['all']:.2f} s"),
            (f"memory (PSS) idle after AWS is loaded, {roles} roles", f"{found['pss']:.1f} MiB"),
            (f"CPU over {IDLE_SECONDS} s idle, {roles} roles", f"{found['cpu']:.2f} %"),
            (f"wake-ups a minute idle, {roles} roles", f"{found['wakes']:.0f}"),
        ]
    print("| what | measured |\n|---|---|")
    for what, value in rows:
        print(f"| {what} | {value} |")


def _median(measure: Callable[[], float], times: int = 7) -> float:
    return statistics.median(measure() for _ in range(times))


def _version() -> float:
    begun = time.perf_counter()
    subprocess.run([_script(), "--version"], check=True, capture_output=True)
    return time.perf_counter() - begun


def _status() -> float:
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        sandbox = _filled(Path(folder), simulator, 10, keep=False)
        time.sleep(0.7)  # as above
        begun = time.perf_counter()
        subprocess.run([_script(), "status"], env=sandbox.environment(), check=True, capture_output=True)
        return time.perf_counter() - begun


def _script() -> str:
    return str(Path(sys.executable).with_name("traycreds"))


def _filled(folder: Path, simulator: Simulator, roles: int, *, keep: bool) -> Sandbox:
    home = folder / "home"
    home.mkdir()
    sandbox = Sandbox(home, simulator)
    for number in range(roles):
        sandbox.add_role(f"role{number:03}", extra="keep = true" if keep else "")
    return sandbox


def _app(roles: int) -> dict[str, float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        simulator = stack.enter_context(Simulator())
        bus = stack.enter_context(PrivateBus())
        watcher = stack.enter_context(Watcher(bus))
        sandbox = _filled(folder, simulator, roles, keep=True)
        time.sleep(1)  # a file that was touched just now is looked at twice, which is not what starts are like
        begun = time.perf_counter()
        process = subprocess.Popen(
            [_script(), "run"],
            env=sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address),
            stdout=subprocess.DEVNULL,
        )
        try:
            until(lambda: watcher.items, "the icon")
            icon = time.perf_counter() - begun
            until(lambda: "-session]" in sandbox.credentials_file.read_text(), "a role", timeout=30)
            first = time.perf_counter() - begun
            until(lambda: sandbox.credentials_file.read_text().count("-session]") == roles, "all roles", timeout=60)
            every = time.perf_counter() - begun
            time.sleep(8)  # the second look at the file is over
            before = _wakes(process.pid), _cpu(process.pid)
            time.sleep(IDLE_SECONDS)
            wakes, cpu = _wakes(process.pid) - before[0], _cpu(process.pid) - before[1]
            return {
                "icon": icon,
                "first": first,
                "all": every,
                "pss": _pss(process.pid),
                "cpu": 100 * cpu / IDLE_SECONDS,
                "wakes": wakes * 60 / IDLE_SECONDS,
            }
        finally:
            process.terminate()
            process.wait(10)


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _wakes(pid: int) -> int:
    """Voluntary context switches of all threads: each is a wake-up."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
