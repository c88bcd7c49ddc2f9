"""Answers of STS that are no session, one after the other: the app asks again more and more slowly, once each time."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from tests.chaos.answers import Answers, with_value, without
from tests.support.wait_until import until
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import policy
from traycreds.sim import Fault

ANSWERS = {
    "the year 1": with_value("Expiration", "0001-01-01T00:00:00Z"),
    "before the year 1": with_value("Expiration", "0001-01-01T00:00:00+14:00"),
    "1971": with_value("Expiration", "1971-01-01T00:00:00Z"),
    "no date": with_value("Expiration", "tomorrow"),
    "no token": without("SessionToken"),
    "an empty key": with_value("AccessKeyId", ""),
    "a secret of two lines": with_value("SecretAccessKey", "two&#10;lines"),
}


def assert_spaced(requests):
    assert len(requests) >= 3
    assert all(after - before >= policy.MIN_INTERVAL for before, after in itertools.pairwise(requests))


@pytest.mark.parametrize("change", ANSWERS.values(), ids=ANSWERS)
def test_no_invalid_answer_causes_many_calls(sandbox, change):
    answers = Answers(sandbox.simulator, sandbox.clock.now)
    answers.changes[None] = change
    sandbox.add_role("dev", extra="keep = true\n")
    sandbox.run()
    until(lambda: sandbox.shown().roles[0].error, "it fails")
    sandbox.pass_time(timedelta(minutes=2), step=timedelta(seconds=1))
    assert_spaced(answers.calls["dev"])
    (view,) = sandbox.shown().roles
    assert (view.kind, view.needs_user) == (FailureKind.ANSWER, False)
    answers.changes.clear()
    sandbox.pass_time_until(lambda: sandbox.valid("dev"), "it is renewed", within=timedelta(minutes=1))


@pytest.mark.parametrize(
    "fault",
    [Fault.ERROR_500, Fault.UNAVAILABLE_503, Fault.PROXY_502, Fault.DROP, Fault.THROTTLE],
    ids=lambda fault: fault.value,
)
def test_no_request_is_repeated_at_once(sandbox, fault):
    """Not even by botocore, which would repeat those that got a 5xx."""
    answers = Answers(sandbox.simulator, sandbox.clock.now)
    arn = sandbox.add_role("dev", extra="keep = true\n")
    sandbox.simulator.faults.set(fault, role=arn)
    sandbox.run()
    until(lambda: sandbox.shown().roles[0].error, "it fails")
    sandbox.pass_time(timedelta(minutes=3), step=timedelta(seconds=1))
    assert_spaced(answers.calls["dev"])
