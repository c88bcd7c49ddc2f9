"""A home, a simulated STS behind a line that can be cut, and real processes that end with the test."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import threading

import pytest

from tests.integration.faults.fastapp import clock_of
from tests.sandbox import Sandbox
from tests.waiting import until
from traycreds.adapters.clock import FastClock
from traycreds.sim.simulator import Simulator


class Line:
    """A TCP line to the simulator on a port that stays the same; cut, it refuses every connection."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = threading.Event()
        self.port = 0
        self.mend()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        self._cut = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(self._listener, self._cut))
        self._thread.start()

    def cut(self) -> None:
        self._cut.set()
        self._thread.join()

    def _serve(self, listener: socket.socket, cut: threading.Event) -> None:
        """Pass bytes on, both ways, until the line is cut."""
        with contextlib.ExitStack() as stack:
            waiting = stack.enter_context(selectors.DefaultSelector())
            stack.enter_context(listener)
            waiting.register(listener, selectors.EVENT_READ, None)
            while not cut.is_set():
                for key, _ in waiting.select(0.05):
                    if key.data is None:
                        near = stack.enter_context(listener.accept()[0])
                        far = stack.enter_context(socket.create_connection(("127.0.0.1", self._target)))
                        waiting.register(near, selectors.EVENT_READ, far)
                        waiting.register(far, selectors.EVENT_READ, near)
                        continue
                    data = b""
                    with contextlib.suppress(OSError):
                        data = key.fileobj.recv(65536)
                        key.data.sendall(data)
                    if not data:
                        for end in (key.fileobj, key.data):
                            with contextlib.suppress(KeyError, ValueError):
                                waiting.unregister(end)
                            end.close()
                        break


class App:
    """A running process with what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def notices(self) -> list[str]:
        return [line.removeprefix("NOTICE ") for line in self.lines if line.startswith("NOTICE ")]

    def says(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(5)
        self._reader.join(5)
        self.process.stdout.close()


class Place(Sandbox):
    """The sandbox with a fast clock that all share.

    Attributes:
        clock: of the simulator and of every app.
        line: what leads to the simulator.
    """

    def __init__(self, home, simulator: Simulator, clock: FastClock) -> None:
        super().__init__(home, simulator)
        self.clock = clock
        self.line = Line(int(simulator.url.rpartition(":")[2]))
        self.apps: list[App] = []

    def run(self, **more: str) -> App:
        """Start the real app on the shared clock."""
        base = (str(self.clock.speed), self.clock._wall.isoformat(), str(self.clock._boot))
        environment = {"AWS_ENDPOINT_URL_STS": self.line.url, "PYTHONPATH": os.pathsep.join(sys.path), **more}
        self.apps.append(
            App(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.integration.faults.fastapp", *base],
                    env=self.environment(**environment),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
        )
        return self.apps[-1]

    def valid(self, name: str) -> bool:
        """Whether AWS would take what is on file for a role now."""
        profile = self.profiles().get(f"{name}-session")
        key = self.simulator.world.key(profile["aws_access_key_id"]) if profile else None
        return key is not None and key.expires_at > self.clock.now()

    def wait_for_valid(self, name: str, timeout: float = 10) -> None:
        until(lambda: self.valid(name), f"{name} is valid", timeout=timeout)


@pytest.fixture
def place(home, request):
    """At 120 times real speed, a session of 15 minutes lasts 7.5 seconds; a test may ask for another speed."""
    speed = getattr(request, "param", 120.0)
    clock = clock_of(speed, *_base())
    with Simulator(clock=clock.now) as simulator:
        here = Place(home, simulator, clock)
        yield here
        for app in here.apps:
            app.close()
        here.line.cut()


def _base() -> tuple[str, float]:
    clock = FastClock(1)
    return clock._wall.isoformat(), clock._boot
