"""Two hundred roles for real: all due at once, and held back by AWS; the app as a process against the simulator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.machine_speed import slowness
from tests.support.many_roles import burst, on_file
from tests.support.sandbox import Sandbox
from tests.support.wait_until import until
from traycreds.core.errors import FailureKind
from traycreds.sim.faults import Fault
from traycreds.sim.simulator import Simulator


@pytest.mark.measures
def test_two_hundred_roles_due_at_once_are_on_file_soon(tmp_path):
    with Simulator() as simulator:
        slow = slowness()
        came = burst(Sandbox(tmp_path, simulator), roles=200, latency=0.1)
        slow = max(slow, slowness())
    assert came.calls == 200, "one for each role"
    assert sum(came.writes) == 200, "each is written once"
    assert len(came.writes) < 100, "what is there goes together"
    # Thrice the ideal by the bench, with the machine to itself.
    assert came.seconds <= 6 * came.ideal * slow, f"{came.seconds / came.ideal:.1f} times the ideal"


def test_throttling_is_met_by_few_calls_anyone_who_they_are_for(sandbox):
    """While AWS refuses everybody, one role after the other is tried, each by one request."""
    for number in range(60):
        sandbox.add_role(f"role-{number:03}", extra="keep = true")
    sandbox.simulator.faults.set(Fault.THROTTLE)
    calls = sandbox.home / "calls"
    app = sandbox.run(TRAYCREDS_TEST_CALLS=str(calls))

    def begun():
        return len(calls.read_text().splitlines())

    def refused():
        return len(sandbox.simulator.calls)

    until(
        lambda: sum(view.kind is FailureKind.THROTTLED for view in sandbox.shown().roles) == 8, "all in progress fail"
    )
    assert refused() == 8
    for number in (8 + 1, 8 + 2):
        before = sandbox.clock.now()
        while begun() < number:
            sandbox.tick(timedelta(seconds=1))
        assert sandbox.clock.now() - before >= timedelta(seconds=8), "ten, spread by up to a fifth"
        until(lambda number=number: refused() >= number, "it is refused")
        assert refused() == number, "one at a time"
    sandbox.simulator.faults.clear()
    until(lambda: sandbox.tick(timedelta(seconds=1)) and on_file(sandbox) == 60, "all are on file")
    given = [call for call in sandbox.simulator.calls if call.outcome == "OK"]
    assert len(given) == 60
    until(lambda: app.says("role-000=fresh"), "it is shown")
