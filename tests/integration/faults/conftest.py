"""A home, a simulated STS behind a relay that can be cut, and real processes that end with the test."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

import pytest

from tests.support import fork_server, memory
from tests.support.fakes.steered_clock import SteeredClock
from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE, until
from traycreds.control import client, snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.errors import NotRunningError
from traycreds.core.snapshot import Snapshot, Status
from traycreds.sim.simulator import Simulator
from traycreds.state import paths

STEP = timedelta(minutes=1)


class TcpRelay:
    """Relays TCP to the simulator on a port that stays the same; cut, it refuses every connection."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = threading.Event()
        self.port = 0
        self.reconnect()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reconnect(self) -> None:
        self._cut = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(self._listener, self._cut))
        self._thread.start()

    def cut(self) -> None:
        self._cut.set()
        self._thread.join()

    def _serve(self, listener: socket.socket, cut: threading.Event) -> None:
        """Pass bytes on, both ways, until it is cut."""
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

    def __init__(self, process: subprocess.Popen[str] | fork_server.ForkedProcess) -> None:
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
            memory.note_running(self.process.args, self.process.pid)
            self.process.kill()
        self.process.wait(20)
        self._reader.join(5)
        self.process.stdout.close()


class TimedSandbox(Sandbox):
    """The sandbox on a clock that stands still until the test lets time pass, for the simulator and for every app.

    Attributes:
        clock: that clock.
        relay: what leads to the simulator.
    """

    def __init__(self, home, simulator: Simulator, clock: SteeredClock) -> None:
        super().__init__(home, simulator)
        self.clock = clock
        self.relay = TcpRelay(int(simulator.url.rpartition(":")[2]))
        self.apps: list[App] = []

    def run(self, *, cold: bool = False, **more: str) -> App:
        """Start the real app on the clock, `cold` as `Sandbox.start` does, and wait until it takes commands."""
        module = "tests.integration.faults.steered_app"
        environment = self.environment(**{"AWS_ENDPOINT_URL_STS": self.relay.url, **more})
        if not cold and fork_server.fits(environment):
            process = fork_server.start(module, [str(self.clock.file)], environment)
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", module, str(self.clock.file)],
                env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        app = App(process)
        self.apps.append(app)
        until(lambda: self.listens() and self.answers(), "the app takes commands")
        return app

    def answers(self) -> bool:
        # The app may still be starting.
        with contextlib.suppress(NotRunningError, client.AppError):
            return bool(self.shown())
        return False

    def shown(self) -> Snapshot:
        """What the app shows, once it has planned for this moment and for all that came before."""
        return until(self._shown, "the app says what it shows")

    def _shown(self) -> Snapshot | None:
        """The same; None if it took longer than a command waits for a sign of life, as on a busy machine."""
        folder = paths.locate(self.environment()).runtime_dir
        with contextlib.suppress(client.SilentError):
            reply = client.ask(folder, Request(id="1", do="status"), seconds=PATIENCE)
            return snapshot_json.decode(reply["snapshot"])
        return None

    def tick(self, span: timedelta) -> Snapshot:
        """Let a moment pass; what the app shows then, which may have begun work that is in progress."""
        self.clock.advance(span)
        return self.shown()

    def pass_time(self, span: timedelta, *, step: timedelta = STEP, besides: Collection[str] = ()) -> None:
        """Let time pass, step by step; what becomes due on the way ends on the way.

        Args:
            span: how much.
            step: how much at once.
            besides: roles whose calls never end.
        """
        over = self.clock.now() + span
        while (left := over - self.clock.now()) > timedelta():
            self.tick(min(left, step))
            until(lambda: not self._in_progress() - set(besides), "all is done")

    def _in_progress(self) -> set[str]:
        """The roles that a new session is on its way for."""
        return {view.name for view in self.shown().roles if view.retrying or view.status is Status.REFRESHING}

    def pass_time_until(
        self,
        condition: Callable[[], object],
        what: str,
        *,
        step: timedelta = STEP,
        within: timedelta = timedelta(hours=1),
        besides: Collection[str] = (),
    ) -> None:
        """Let time pass until a condition holds; the test fails if it does not within a span of the clock."""
        end = self.clock.now() + within
        while not condition():
            assert self.clock.now() < end, f"never came: {what}"
            self.pass_time(step, step=step, besides=besides)

    def valid(self, *names: str) -> bool:
        """Whether AWS would take what is on file for each of these roles now."""
        profiles = self.profiles()
        on_file = [profiles.get(f"{name}-session", {}).get("aws_access_key_id", "") for name in names]
        keys = [self.simulator.world.key(key_id) for key_id in on_file]
        return all(key is not None and key.expires_at > self.clock.now() for key in keys)

    def wait_for_valid(self, name: str) -> None:
        until(lambda: self.valid(name), f"{name} is valid")


@contextlib.contextmanager
def timed_sandbox(home) -> Iterator[TimedSandbox]:
    """A sandbox on a steered clock, whose apps end with it."""
    clock = SteeredClock(home / "clock")
    with contextlib.closing(clock), Simulator(clock=clock.now) as simulator:
        here = TimedSandbox(home, simulator, clock)
        try:
            yield here
        finally:
            for app in here.apps:
                app.close()
            here.relay.cut()


@pytest.fixture
def sandbox(home):
    with timed_sandbox(home) as here:
        yield here
