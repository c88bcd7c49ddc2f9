"""The running app: start to icon and to roles on file, commands through it, memory, and what it does while nothing is due.

Real processes on a private bus, against the simulator.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import process
from tests.bench.row import Row, timed
from tests.desktop.harness import PrivateBus, Watcher
from tests.sandbox import Sandbox
from tests.waiting import until
from traycreds.sim.simulator import Simulator

FEW, MANY = 10, 200
STARTS = 9
SETTLE = 8.0
"""Seconds after which the second look at the file is over."""
IDLE = 120.0
LOGSMITH = "logsmith 11, measured before, not in this run"


def script() -> str:
    """The command as it is installed."""
    return str(Path(sys.executable).with_name("traycreds"))


@dataclass(slots=True)
class Place:
    """A home with roles on a bus with a tray host.

    Attributes:
        sandbox: the home.
        bus: the session bus.
        roles: how many there are.
    """

    sandbox: Sandbox
    bus: PrivateBus
    roles: int

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The app, from where its icon is registered."""
        with Watcher(self.bus) as watcher:
            environment = self.sandbox.environment(DBUS_SESSION_BUS_ADDRESS=self.bus.address)
            app = subprocess.Popen([script(), "run"], env=environment, stdout=subprocess.DEVNULL)
            try:
                while not watcher.items:
                    time.sleep(0.001)
                yield app
            finally:
                app.terminate()
                app.wait(10)

    def on_file(self) -> int:
        """How many roles have a session there."""
        return self.sandbox.credentials_file.read_text(encoding="utf-8").count("-session]")

    def start(self) -> float:
        """Seconds to the icon."""
        begun = time.perf_counter()
        with self.running():
            return time.perf_counter() - begun

    def first_role(self) -> float:
        """Seconds from the start to the first role of a home without a session."""
        self.forget()
        begun = time.perf_counter()
        with self.running():
            while not self.on_file():
                time.sleep(0.001)
            return time.perf_counter() - begun

    def forget(self) -> None:
        """Take all sessions out of the file, as it was at first."""
        path = self.sandbox.credentials_file
        own, _, _ = path.read_text(encoding="utf-8").partition("\n[role")
        path.write_text(own, encoding="utf-8")
        time.sleep(0.7)  # a file that was touched just now is looked at twice, which is not what starts are like

    def command(self, *words: str) -> float:
        """Seconds of a command."""
        environment = self.sandbox.environment(DBUS_SESSION_BUS_ADDRESS=self.bus.address)
        begun = time.perf_counter()
        subprocess.run([script(), *words], env=environment, check=True, capture_output=True)
        return time.perf_counter() - begun


@contextmanager
def place(roles: int, *, keep: bool) -> Iterator[Place]:
    """A new place, with roles that are kept or not."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator, PrivateBus() as bus:
        home = Path(folder) / "home"
        home.mkdir()
        sandbox = Sandbox(home, simulator)
        for number in range(roles):
            sandbox.add_role(f"role{number:03}", extra="keep = true" if keep else "")
        time.sleep(1)  # as above
        yield Place(sandbox, bus, roles)


def rows() -> Iterator[Row]:
    """Measure all."""
    with place(FEW, keep=False) as quiet, quiet.running() as app:
        time.sleep(SETTLE)
        before = process.pss(app.pid)
    with place(FEW, keep=True) as few:
        yield timed(
            f"start to icon registered, {FEW} roles",
            few.start,
            STARTS,
            under=0.15,
            others=f"0.22 to 0.27 s until it is ready ({LOGSMITH})",
        )
        yield timed(f"start to the first of {FEW} roles on file", few.first_role, STARTS, under=0.8)
        few.forget()
        with few.running() as app:
            until(lambda: few.on_file() == FEW, "all roles", timeout=60)
            time.sleep(SETTLE)
            for command in (("status",), ("creds", "role000")):
                what = f"`traycreds {command[0]}`, app running"
                yield timed(what, functools.partial(few.command, *command), STARTS, under=0.12)
            loaded = process.pss(app.pid)
            time.sleep(SETTLE)  # after the commands too
            idle = process.idle(app.pid, IDLE)
    with place(MANY, keep=True) as many, many.running() as app:
        until(lambda: many.on_file() == MANY, "all roles", timeout=120)
        time.sleep(SETTLE)
        crowded = process.pss(app.pid)
    yield Row(
        f"memory (PSS) before AWS was needed, {FEW} roles",
        f"{before:.1f} MiB",
        "under 18 MiB",
        f"70 to 78 MiB ({LOGSMITH})",
        met=before < 18,
    )
    yield Row(
        f"memory (PSS) with AWS loaded, {FEW} roles",
        f"{loaded:.1f} MiB",
        "under 42 MiB",
        f"103 MiB after three clients ({LOGSMITH})",
        met=loaded < 42,
    )
    yield Row(f"the same, {MANY} roles", f"{crowded:.1f} MiB", "at most 10 MiB more", met=crowded <= loaded + 10)
    wakes = f"{idle.wakes:.1f}"
    yield Row(f"wake-ups a minute, nothing due, {FEW} roles kept", wakes, "at most 4", met=float(wakes) <= 4)
    yield Row(
        f"CPU, nothing due, {FEW} roles kept",
        f"{idle.cpu:.4f} %",
        "under 0.01 %",
        f"0.1 % ({LOGSMITH})",
        met=idle.cpu < 0.01,
    )
