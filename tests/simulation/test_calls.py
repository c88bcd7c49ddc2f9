"""How seldom AWS is asked while all is well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulation.steady_scenario import calls_per_role_hour
from traycreds.lifecycle import policy

LIFETIMES = pytest.mark.parametrize(
    ("lifetime", "hours"),
    [
        pytest.param(timedelta(minutes=15), 6, id="15 min"),
        pytest.param(timedelta(hours=1), 24, id="1 h"),
        pytest.param(timedelta(hours=12), 96, id="12 h"),
    ],
)


@LIFETIMES
def test_aws_is_asked_no_more_often_than_the_margin_makes_it(lifetime, hours):
    most = timedelta(hours=1) / (lifetime - policy.margin(lifetime))
    asked = calls_per_role_hour(lifetime, hours=hours)
    assert 0.9 * most < asked <= most + 1 / hours, "and the one at the start"


@LIFETIMES
def test_aws_is_asked_at_most_half_as_often_again_as_sessions_without_a_gap_would_take(lifetime, hours):
    """What is promised, whatever the policy says.

    Of 15 minutes the last five, which are promised too, are a third: that alone makes it half as often again, and the
    jitter, by which roles that began together do not call together, comes on top.
    """
    asked = calls_per_role_hour(lifetime, hours=hours)
    share = 1.75 if lifetime < 4 * policy.MIN_MARGIN else 1.5
    assert asked <= share * timedelta(hours=1) / lifetime + 1 / hours, "and the one at the start"
