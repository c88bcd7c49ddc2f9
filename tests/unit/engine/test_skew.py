"""A machine whose clock is off, from AWS's Date to what is shown: sessions last as long as AWS says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_session, a_state
from tests.fakes.clock import FakeClock
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.source import ScriptedSource
from tests.fakes.store import MemoryStore
from traycreds.adapters.serverclock import DatedSource, ServerClock
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.shown import Status
from traycreds.engine.engine import Engine


class Aws(ScriptedSource):
    """Answers by its own clock, and says what that is, refusals included."""

    def __init__(self, machine, off):
        super().__init__(now=lambda: machine.now() - off)
        self.off, self.machine = off, machine
        self.seen = None

    def issue(self, role):
        self.seen(self.machine.now() - self.off)
        return super().issue(role)


class Rig:
    def __init__(self, off):
        self.machine = FakeClock(NOW + off)
        self.clock = ServerClock(self.machine)
        self.aws = Aws(self.machine, off)
        self.aws.seen = self.clock.seen
        self.store = MemoryStore(now=self.clock.now)
        self.engine = Engine(
            clock=self.clock,
            skew=self.clock.skew,
            source=DatedSource(self.aws, self.clock),
            store=self.store,
            notifier=RecordingNotifier(),
            state=a_state(a_session()),
            spawn=lambda name, run: run(),
        )

    def settle(self):
        for _ in range(5):
            self.engine.turn(self.engine._receive(0))

    def later(self, span):
        for _ in range(int(span.total_seconds() // 20)):
            self.machine.advance(timedelta(seconds=20))
            self.settle()

    @property
    def role(self):
        return self.engine.snapshot.roles[0]


@pytest.mark.parametrize("off", [-14 * MINUTE, 14 * MINUTE])
def test_sessions_are_renewed_in_time_by_a_clock_that_is_off(off):
    rig = Rig(off)
    rig.settle()
    assert rig.role.status is Status.FRESH
    assert rig.role.expires_at - rig.engine.snapshot.as_of == HOUR
    assert rig.engine.snapshot.skew == -off
    calls = len(rig.aws.asked)
    rig.later(40 * MINUTE)
    assert len(rig.aws.asked) == calls, "not too early"
    rig.later(15 * MINUTE)
    assert len(rig.aws.asked) == calls + 1
    assert rig.role.expires_at > rig.machine.now() - off


def test_a_refusal_explains_the_clock_and_setting_it_ends_the_refusal(caplog):
    rig = Rig(20 * MINUTE)
    rig.aws.fail(IssueError(FailureKind.CLOCK, "It is refused.", "Set the clock."))
    rig.settle()
    assert rig.role.error.startswith("This machine's clock is 20 min ahead of AWS's")
    rig.aws.heal()
    rig.aws.off = 0 * MINUTE
    rig.machine.step(-20 * MINUTE)
    rig.settle()
    assert rig.role.status is Status.FRESH
    assert rig.engine.snapshot.skew == timedelta(0)
