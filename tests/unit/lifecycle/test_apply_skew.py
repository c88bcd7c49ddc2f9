"""A machine whose clock is off: shown above two minutes, explained above ten, retried once it is set."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state
from traycreds.cli import status_table
from traycreds.core.errors import FailureKind
from traycreds.core.events import ClockSeen, IssueFailed
from traycreds.core.value_class import replace
from traycreds.lifecycle import presentation
from traycreds.lifecycle.apply import apply

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("skew", "shown"),
    [
        (2 * MINUTE, 0 * MINUTE),
        (-2 * MINUTE, 0 * MINUTE),
        (2 * MINUTE + SECOND, 2 * MINUTE),
        (-12 * MINUTE - 20 * SECOND, -12 * MINUTE),
        (9 * HOUR, 9 * HOUR),
    ],
)
def test_a_skew_is_shown_to_the_minute_when_it_matters(skew, shown):
    assert presentation.snapshot(NOW, apply(a_state(a_session()), ClockSeen(skew, NOW))).skew == shown


@pytest.mark.parametrize(("skew", "words"), [(12 * MINUTE, "12 min behind"), (-65 * MINUTE, "1 h 5 min ahead of")])
def test_the_table_says_so_with_what_to_do(skew, words):
    lines = status_table.lines(presentation.snapshot(NOW, a_state(a_session(), skew=skew)), None)
    assert lines[-1] == f"This machine's clock is {words} AWS's. Set it, or turn on automatic time."
    assert "clock" not in "".join(status_table.lines(presentation.snapshot(NOW, a_state(a_session())), None))


@pytest.mark.parametrize(
    ("skew", "sentence"),
    [
        (10 * MINUTE, "It is refused."),
        (23 * MINUTE, "This machine's clock is 23 min behind AWS's, and AWS refuses"),
        (-23 * MINUTE, "This machine's clock is 23 min ahead of AWS's, and AWS refuses"),
        (65 * MINUTE, "This machine's clock is 1 h 5 min behind AWS's, and AWS refuses"),
    ],
)
def test_a_refusal_on_its_account_says_by_how_much(skew, sentence):
    state = a_state(a_session(), calls=frozenset({"dev"}), skew=skew)
    failed = IssueFailed(a_role(), FailureKind.CLOCK, "It is refused.", "Set the clock.", NOW)
    failure = apply(state, failed).session("dev").failure
    assert failure.sentence.startswith(sentence)
    assert failure.hint == "Set the clock."
    other = apply(state, replace(failed, kind=FailureKind.NETWORK)).session("dev").failure
    assert other.sentence == "It is refused."


def test_once_the_clock_is_set_it_is_tried_at_once():
    waits = a_session("dev", failure=a_failure(FailureKind.CLOCK, retry_at=NOW + HOUR))
    denied = a_session("prod", failure=a_failure(FailureKind.DENIED, retry_at=NOW + HOUR))
    state = apply(a_state(waits, denied, a_session("ops"), skew=HOUR), ClockSeen(timedelta(0), NOW))
    assert state.session("dev").failure.retry_at == NOW
    assert state.session("prod").failure.retry_at == NOW + HOUR
    assert state.skew == timedelta(0)
