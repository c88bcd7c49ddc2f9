"""A day of ten roles that demand MFA, in the real app on a fast clock: sessions of an hour each, and one code."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.integration.faults.conftest import Place
from tests.sandbox_mfa import Mfa
from tests.waiting import until
from tests.windows.mark import on_wine
from traycreds.adapters.clock import FastClock
from traycreds.sim.simulator import Simulator

SPEED = 4320
"""A day takes twenty seconds."""
ROLES = [f"role{n}" for n in range(10)]


@pytest.mark.skipif(on_wine, reason="an hour lasts 0.8 s, in which Wine renews no ten roles")
def test_a_day_of_ten_roles_costs_one_code(home):
    clock = FastClock(SPEED)
    with Simulator(clock=clock.now) as simulator:
        place = Place(home, simulator, clock)
        mfa = Mfa(place)
        for name in ROLES:
            mfa.add_role(name, "keep = true")
        mfa.settings(f'mfa_session = "36h"\nstore = "memory"\n{mfa.process()}')
        mfa.print(mfa.code())
        began = clock.now()
        app = place.run()
        try:
            until(lambda: clock.now() - began > timedelta(days=1), "the day is over", timeout=40)
            for name in ROLES:
                place.wait_for_valid(name)
        finally:
            app.close()
            place.line.cut()

    calls = simulator.calls
    assert [call.action for call in calls if "TokenCode" in call.parameters] == ["GetSessionToken"]
    assert {call.outcome for call in calls} == {"OK"}
    sessions = Counter(call.role_arn.rpartition("/")[2] for call in calls if call.action == "AssumeRole")
    assert set(sessions) == set(ROLES)
    assert min(sessions.values()) >= 24, "no session of more than an hour"
    assert not any("NOTICE" in line for line in app.lines), "nobody was bothered"
