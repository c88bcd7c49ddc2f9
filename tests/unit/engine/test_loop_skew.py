"""A machine whose clock is off, from AWS's Date to what is shown: sessions last as long as AWS says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_session, a_state, credentials
from tests.support.fakes.clock import FakeClock
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.source import ScriptedSource
from tests.support.fakes.store import MemoryStore
from tests.unit.engine.turned_engine import DENIED, SECOND, TurnedEngine
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.events import Issued, IssueFailed, WriteFailed
from traycreds.core.snapshot import Status
from traycreds.engine.jobs import DatedSource
from traycreds.engine.loop import Engine
from traycreds.engine.server_clock import ServerClock


class Aws(ScriptedSource):
    """Answers by its own clock, and says what that is, refusals included."""

    def __init__(self, machine, off):
        super().__init__(now=lambda: machine.now() - off)
        self.off, self.machine = off, machine
        self.seen = None

    def issue(self, role):
        self.seen(self.machine.now() - self.off)
        return super().issue(role)


class SkewedEngine:
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

    def run_until_idle(self):
        for _ in range(5):
            self.engine.turn(self.engine._receive(0))

    def later(self, span):
        for _ in range(int(span.total_seconds() // 20)):
            self.machine.advance(timedelta(seconds=20))
            self.run_until_idle()

    @property
    def role(self):
        return self.engine.snapshot.roles[0]


@pytest.mark.parametrize("off", [-14 * MINUTE, 14 * MINUTE])
def test_sessions_are_renewed_in_time_by_a_clock_that_is_off(off):
    skewed = SkewedEngine(off)
    skewed.run_until_idle()
    assert skewed.role.status is Status.FRESH
    assert skewed.role.expires_at - skewed.engine.snapshot.as_of == HOUR
    assert skewed.engine.snapshot.skew == -off
    calls = len(skewed.aws.asked)
    skewed.later(40 * MINUTE)
    assert len(skewed.aws.asked) == calls, "not too early"
    skewed.later(15 * MINUTE)
    assert len(skewed.aws.asked) == calls + 1
    assert skewed.role.expires_at > skewed.machine.now() - off


def test_a_refusal_explains_the_clock_and_setting_it_ends_the_refusal(caplog):
    skewed = SkewedEngine(20 * MINUTE)
    skewed.aws.fail(IssueError(FailureKind.CLOCK, "It is refused.", "Set the clock."))
    skewed.run_until_idle()
    assert skewed.role.error.startswith("This machine's clock is 20 min ahead of AWS's")
    skewed.aws.heal()
    skewed.aws.off = 0 * MINUTE
    skewed.machine.step(-20 * MINUTE)
    skewed.run_until_idle()
    assert skewed.role.status is Status.FRESH
    assert skewed.engine.snapshot.skew == timedelta(0)


def test_a_jump_of_the_clock_ends_every_wait():
    turned = TurnedEngine(a_session())
    turned.source.fail(DENIED)
    turned.handle()
    turned.clock.step(-2 * HOUR)
    turned.handle()
    turned.clock.advance(30 * SECOND)
    turned.handle()
    assert turned.source.asked == ["dev", "dev"]


AHEAD = NOW + 70 * 365 * 24 * HOUR
"""As a proxy's Date of the year 2096 has it, until AWS's next answer."""


def test_what_is_dated_by_a_clock_that_was_ahead_delays_nothing():
    """Another call's answer put the clock right while these were on their way to the loop."""
    turned = TurnedEngine(a_session(), a_session("ops"), a_session("mfa"))
    turned.source.fail(DENIED)
    turned.handle()
    asked = len(turned.source.asked)
    roles = {session.role.name: session.role for session in turned.engine._state.sessions}
    turned.engine.turn(
        [
            Issued(roles["dev"], credentials(NOW + HOUR), AHEAD),
            IssueFailed(roles["ops"], FailureKind.PROGRAM, "It failed.", "Wait.", AHEAD),
            IssueFailed(roles["mfa"], FailureKind.MFA, "It waits.", "", AHEAD, again_in=20 * SECOND),
            WriteFailed("The disk is full.", "Make room.", AHEAD),
        ]
    )
    state = turned.engine._state
    assert state.session("dev").issued_at == NOW
    assert state.session("ops").failure.retry_at < NOW + MINUTE
    assert state.session("mfa").not_before == NOW + 20 * SECOND
    assert state.write_failure.retry_at < NOW + MINUTE
    turned.handle()
    turned.later(20 * SECOND)
    assert turned.source.asked[asked:] == ["mfa"]
