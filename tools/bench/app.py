"""The running app: start to icon and to roles on file, commands through it, memory, and what it does while nothing is due.

Real processes on a private bus, against the simulator.
"""

from __future__ import annotations

import functools
import itertools
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.desktop.session_bus import PrivateBus, Watcher
from tests.support.sandbox import Sandbox
from tests.support.wait_until import until
from tools.bench import process
from tools.bench.row import Figure, compared
from traycreds.sim.simulator import Simulator

FEW, MANY = 10, 200
COMMANDS = ("status", "creds role000", "env role000", "exec role000 -- true")
QUIET_SECONDS = 8.0
"""Seconds after which the second look at the file is over."""
IDLE = 120.0
WITHOUT_CRT = 'raise ImportError("most users have no awscrt")\n'
"""In place of the library that botocore loads where it is installed, as in a developer's environment for the tests of `aws login`;
it takes 70 ms to load."""


@dataclass(slots=True)
class Installation:
    """A home with roles on a bus with a tray host.

    Attributes:
        sandbox: the home.
        bus: the session bus.
        roles: how many there are.
    """

    sandbox: Sandbox
    bus: PrivateBus
    roles: int

    def environment(self) -> dict[str, str]:
        """What the app and its commands see."""
        return self.sandbox.environment(
            DBUS_SESSION_BUS_ADDRESS=self.bus.address, PYTHONPATH=str(self.sandbox.home / "hidden")
        )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The app, from where its icon is registered."""
        with Watcher(self.bus) as watcher:
            app = subprocess.Popen([process.script(), "run"], env=self.environment(), stdout=subprocess.DEVNULL)
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
        # The app checks a file that has just changed twice, which a usual start does not do.
        time.sleep(0.7)

    def command(self, *words: str) -> float:
        """Seconds of a command."""
        return process.took([process.script(), *words], self.environment())


@contextmanager
def installation(roles: int, *, keep: bool) -> Iterator[Installation]:
    """A new place, with roles that are kept or not."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator, PrivateBus() as bus:
        home = Path(folder) / "home"
        (home / "hidden").mkdir(parents=True)
        (home / "hidden" / "awscrt.py").write_text(WITHOUT_CRT, encoding="utf-8")
        sandbox = Sandbox(home, simulator)
        for number in range(roles):
            sandbox.add_role(f"role{number:03}", extra="keep = true" if keep else "")
        # The app checks a file that has just changed twice, which a usual start does not do.
        time.sleep(1)
        yield Installation(sandbox, bus, roles)


def rows() -> Iterator[Figure]:
    """Measure all."""
    with installation(FEW, keep=False) as quiet, quiet.running() as app:
        time.sleep(QUIET_SECONDS)
        before = process.pss(app.pid)
    with installation(FEW, keep=True) as few:
        yield compared(
            f"start to icon registered, {FEW} roles",
            few.start,
            process.bare_python,
            most=9,
        )
        first = f"start to the first of {FEW} roles on file"
        yield compared(first, few.first_role, process.bare_python, most=28)
        few.forget()
        with few.running() as app:
            until(lambda: few.on_file() == FEW, "all roles", timeout=60)
            time.sleep(QUIET_SECONDS)
            for words in COMMANDS:
                name, measure = words.split()[0], functools.partial(few.command, *words.split())
                yield compared(f"`traycreds {name}`, app running", measure, process.bare_python, most=5)
            turns = itertools.cycle(("role000", "role001"))
            switch = "`traycreds use`, app running, until another role is the default on file"
            yield compared(switch, lambda: few.command("use", next(turns)), process.bare_python, most=5)
            loaded = process.pss(app.pid)
            # The app also needs time to become idle after the commands.
            time.sleep(QUIET_SECONDS)
            idle = process.idle(app.pid, IDLE)
    with installation(MANY, keep=True) as many, many.running() as app:
        until(lambda: many.on_file() == MANY, "all roles", timeout=120)
        time.sleep(QUIET_SECONDS)
        crowded = process.pss(app.pid)
    yield Figure(
        f"memory (PSS) before AWS was needed, {FEW} roles",
        f"{before:.1f} MiB",
        "under 18 MiB",
        met=before < 18,
    )
    yield Figure(
        f"memory (PSS) with AWS loaded, {FEW} roles",
        f"{loaded:.1f} MiB",
        "under 44 MiB",
        met=loaded < 44,
    )
    yield Figure(f"the same, {MANY} roles", f"{crowded:.1f} MiB", "at most 10 MiB more", met=crowded <= loaded + 10)
    wakes = f"{idle.wakes:.1f}"
    yield Figure(f"wake-ups a minute, nothing due, {FEW} roles kept", wakes, "at most 2", met=float(wakes) <= 2)
    yield Figure(
        f"CPU, nothing due, {FEW} roles kept",
        f"{idle.cpu:.4f} %",
        "under 0.01 %",
        met=idle.cpu < 0.01,
    )
