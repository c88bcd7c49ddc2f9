"""A refresh against an STS that is silent, or never ends its answer, ends with the first call."""

from __future__ import annotations

import pytest

from tests.support.builders import a_session, a_state
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.store import MemoryStore
from traycreds.aws.sts import StsSource
from traycreds.core.events import RefreshAsked
from traycreds.core.snapshot import RoleOutcome
from traycreds.engine.clock import SystemClock
from traycreds.engine.loop import Engine
from traycreds.lifecycle import request_result
from traycreds.sim import Fault

DEADLINE = 7.0
"""Longer than the first wait after a failure, so that the next call is due when this one ends."""


@pytest.mark.logs_warnings
@pytest.mark.timeout(60)
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP], ids=lambda fault: fault.name)
def test_it_ends_with_the_first_call_although_the_next_has_begun(aws, dev, fault):
    aws.sim.faults.drip_interval = 0.05
    aws.sim.faults.set(fault)
    clock = SystemClock()
    engine = Engine(
        clock=clock,
        source=StsSource(connect_timeout=DEADLINE, read_timeout=3 * DEADLINE, deadline=DEADLINE),
        store=MemoryStore(now=clock.now),
        notifier=RecordingNotifier(),
        # Without a known file, the engine makes no call before the request.
        state=a_state(a_session(role=dev), file_known=False),
    )
    engine.post(RefreshAsked(("dev",)))

    def ended(now, state):
        if not request_result.refreshed(now, state, ("dev",)):
            return None
        return request_result.of_refresh(now, state, ("dev",)).roles, state.session("dev").failure.attempts

    future = engine.when(ended)
    engine.start()
    _, found = future.result(40)
    engine.stop()
    assert found == ({"dev": RoleOutcome.FAILED}, 1)
