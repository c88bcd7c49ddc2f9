"""Whatever an outage does to any roles, the user gets a few notices about it, and one about its end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import HOUR, NOW, a_failure, a_session, a_state
from traycreds.core.events import Notify
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.plan import plan

ROLES = 20
KINDS = sorted(policy.PASSING, key=lambda kind: kind.value)
STEP = timedelta(seconds=7)

blows = st.lists(st.tuples(st.integers(0, ROLES - 1), st.sampled_from(KINDS)), min_size=1, max_size=80)


@given(blows, st.randoms(use_true_random=False))
def test_an_outage_is_reported_a_few_times_and_its_end_once(blows, random):
    state = a_state(*(a_session(f"role-{n}", expires_in=HOUR) for n in range(ROLES)))
    now, failing, ended = NOW, [], []

    def turn(number, change):
        nonlocal state, now
        now += STEP
        state = state.map(lambda s: change(s) if s.role.name == f"role-{number}" else s)
        outcome = plan(now, state)
        state = outcome.state
        for notice in outcome.actions:
            if isinstance(notice, Notify):
                (ended if notice.key == "recovered" else failing).append(notice)

    hit = {number for number, _ in blows}
    for number, kind in blows:
        failure = a_failure(kind, retry_at=NOW + 10 * HOUR)
        turn(number, lambda session, f=failure: replace(session, failure=f, expires_at=NOW))
    assert 1 <= len(failing) <= len(hit).bit_length(), [notice.title for notice in failing]
    assert 2 * len(failing[-1].roles) > len(hit), "the last of them names more than half"
    assert {notice.key for notice in failing} == {"failing-network"}

    order = sorted(hit)
    random.shuffle(order)
    for number in order:
        assert not ended
        turn(number, lambda session: replace(session, failure=None, issued_at=now, expires_at=now + HOUR))
    assert len(ended) == 1
    assert len(failing) <= len(hit).bit_length()
