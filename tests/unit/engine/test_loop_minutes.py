"""An engine beside someone who looks at the clocks each minute: it sleeps longer, and is woken where it must be."""

from __future__ import annotations

from datetime import timedelta

from tests.support.builders import HOUR, MINUTE, a_session
from tests.unit.engine.turned_engine import TurnedEngine
from traycreds.lifecycle import policy


def test_an_engine_whose_minutes_someone_else_counts_sleeps_for_half_an_hour():
    turned = TurnedEngine(a_session(), watched=True, longest_wait=policy.LONGEST_WAIT)
    turned.handle()
    turned.later(MINUTE)
    assert timedelta(minutes=25) < timedelta(seconds=turned.engine.seconds_to_wait()) <= policy.LONGEST_WAIT


def test_an_engine_catches_up_if_it_is_overdue_or_the_clocks_went_apart(monkeypatch):
    turned = TurnedEngine(a_session(), watched=True, longest_wait=policy.LONGEST_WAIT)
    turned.handle()
    behind = [0.0]
    monkeypatch.setattr(turned.engine, "stuck_for", lambda: behind[0])

    def woken():
        turned.engine.catch_up()
        return len(turned.engine._receive(0))

    turned.clock.advance(MINUTE)
    assert woken() == 0
    behind[0] = 1.0
    assert woken() == 1
    behind[0] = 0.0
    turned.clock.step(HOUR)
    assert woken() == 1
    turned.handle()
    assert woken() == 0


def test_a_sleep_is_noticed_by_the_next_turn_before_the_next_minute():
    turned = TurnedEngine(a_session(), watched=True, longest_wait=policy.LONGEST_WAIT)
    turned.handle()
    for _ in range(10):
        turned.clock.advance(MINUTE)
        turned.engine.catch_up()
    turned.handle()
    assert not turned.engine.muted, "it was awake the whole time"
    turned.clock.advance(10 * MINUTE)
    # A call may end right after the machine wakes.
    turned.handle()
    assert turned.engine.muted
