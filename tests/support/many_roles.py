"""What many roles add to a Sandbox: answers that take as long as over a network, and a record of calls and of writes."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass

from tests.desktop.session_bus import PrivateBus, Watcher
from tests.support import icon_wait
from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE, until
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest

IN_FLIGHT = 8
"""How many calls traycreds has in progress at most."""
_WRITTEN = re.compile(r"credentials file: (\d+) written")


class FarAway:
    """Makes the running simulator of a sandbox answer late.

    Attributes:
        calls: when each call came, in seconds of `time.perf_counter`.
    """

    def __init__(self, sandbox: Sandbox, seconds: float) -> None:
        self.calls: list[float] = []
        self._seconds = seconds
        server = sandbox.simulator._server
        self._answer, server.handle = server.handle, self._late

    def _late(self, request: SignedRequest) -> Response:
        self.calls.append(time.perf_counter())
        answer = self._answer(request)
        time.sleep(self._seconds)
        return answer


@dataclass(frozen=True)
class Burst:
    """How all roles of a sandbox, due at once, came on file.

    Attributes:
        seconds: from the first call to the last role on file.
        ideal: what the calls alone take when as many as may are always in progress.
        calls: how many there were.
        writes: how many roles each replace of the file brought.
        longest_wait: seconds that the icon took to answer at most; None where there was none.
    """

    seconds: float
    ideal: float
    calls: int
    writes: tuple[int, ...]
    longest_wait: float | None = None


def burst(sandbox: Sandbox, *, roles: int, latency: float, bus: PrivateBus | None = None) -> Burst:
    """Keep so many roles, none of them on file, start the app, with a tray where there is a bus, and wait until all are."""
    for number in range(roles):
        sandbox.add_role(f"role-{number:03}", extra="keep = true")
    far = FarAway(sandbox, latency)
    with contextlib.ExitStack() as stack:
        if bus is None:
            app = sandbox.start("run", "--no-tray")
        else:
            watcher = stack.enter_context(Watcher(bus))
            app = sandbox.start("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        stack.callback(app.communicate, timeout=PATIENCE)
        stack.callback(app.terminate)

        def over() -> bool:
            assert app.poll() is None, "it ended"
            return on_file(sandbox) == roles

        asking = None if bus is None else icon_wait.ask(bus.address, watcher.item())
        until(over, "all are on file", timeout=50 + roles / 10)
        ended = time.perf_counter()
        waited = None if asking is None else icon_wait.longest(asking)
    return Burst(
        seconds=ended - far.calls[0],
        ideal=roles * latency / IN_FLIGHT,
        calls=len(far.calls),
        writes=writes(sandbox),
        longest_wait=waited,
    )


def on_file(sandbox: Sandbox) -> int:
    """How many sessions are in the credentials file."""
    return sandbox.credentials_file.read_text(encoding="utf-8").count("-session]")


def writes(sandbox: Sandbox) -> tuple[int, ...]:
    """How many sessions each replace of the credentials file brought, by the log."""
    logs = sorted((sandbox.home / ".local" / "state" / "traycreds").rglob("traycreds.log"))
    return tuple(int(number) for log in logs for number in _WRITTEN.findall(log.read_text(encoding="utf-8")))
