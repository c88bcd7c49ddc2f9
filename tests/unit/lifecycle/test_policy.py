"""The numbers: when a session is refreshed, how long a failure waits, and that a burst spreads out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_role, a_session
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import policy

SECOND = timedelta(seconds=1)
# A session with so much time left sets no limit to a wait.
LONG = 100 * HOUR


def age_when_due(session):
    return policy.refresh_at(session) - session.issued_at


@pytest.mark.parametrize(
    ("lifetime", "margin"),
    [
        pytest.param(timedelta(seconds=90), timedelta(seconds=45), id="very short: half of it"),
        pytest.param(8 * MINUTE, 4 * MINUTE, id="short: half of it, not 5 minutes"),
        pytest.param(15 * MINUTE, 375 * SECOND, id="the least that AWS gives: 5 minutes after the jitter"),
        pytest.param(HOUR, 15 * MINUTE, id="an hour: a quarter"),
        pytest.param(12 * HOUR, 3 * HOUR, id="the most that AWS gives: a quarter"),
    ],
)
def test_a_session_is_due_a_margin_before_expiry_and_a_little_jitter_after_that(lifetime, margin):
    session = a_session("dev", expires_in=lifetime, lifetime=lifetime)
    jitter = margin * 0.2 * policy.share_of("dev")
    assert policy.refresh_at(session) == session.expires_at - margin + jitter
    for n in range(50):
        other = a_session(f"role-{n}", expires_in=lifetime, lifetime=lifetime)
        left = other.expires_at - policy.refresh_at(other)
        assert margin * 0.8 < left <= margin <= lifetime / 2
        assert left >= 5 * MINUTE or lifetime <= 12.5 * MINUTE


def test_a_session_that_is_not_on_file_has_no_moment_of_refresh():
    assert policy.refresh_at(a_session()) is None


def test_a_session_found_on_file_is_taken_to_last_as_its_role_asks_or_an_hour():
    found = a_session(expires_in=2 * HOUR, issued_at=None)
    ahead = found.expires_at - policy.refresh_at(found)
    assert 12 * MINUTE < ahead <= 15 * MINUTE
    long = a_session(expires_in=2 * HOUR, issued_at=None, role=a_role(duration=12 * HOUR))
    ahead = long.expires_at - policy.refresh_at(long)
    assert 144 * MINUTE < ahead <= 180 * MINUTE


def test_two_sessions_of_a_role_are_half_a_minute_apart_even_when_the_clock_says_each_is_over():
    over = a_session(expires_in=-5 * MINUTE, lifetime=-5 * MINUTE)
    assert over.issued_at == NOW
    assert age_when_due(over) == 30 * SECOND


def test_a_session_over_when_it_began_was_too_short():
    assert policy.was_too_short(a_session(expires_in=-HOUR, lifetime=-HOUR))
    assert policy.was_too_short(a_session(expires_in=59 * SECOND, lifetime=59 * SECOND))
    assert not policy.was_too_short(a_session(expires_in=60 * SECOND, lifetime=60 * SECOND))
    assert not policy.was_too_short(a_session())
    assert not policy.was_too_short(a_session(expires_in=-HOUR, issued_at=None))


def test_sessions_issued_in_one_burst_come_due_spread_out():
    due = [policy.refresh_at(a_session(f"role-{n}", expires_in=HOUR)) for n in range(200)]
    assert max(due) - min(due) > 2.5 * MINUTE
    in_ten_seconds = Counter((moment - min(due)) // (10 * SECOND) for moment in due)
    assert max(in_ten_seconds.values()) <= 25


def test_jitter_is_the_same_in_every_process():
    assert policy.share_of("dev") == pytest.approx(0.0681753766)


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        (FailureKind.NETWORK, [5, 10, 20, 40, 80, 160, 300, 300]),
        (FailureKind.THROTTLED, [37.5, 75, 150, 300, 300]),
        (FailureKind.ANSWER, [37.5, 75, 150, 300, 300]),
        (FailureKind.UNEXPECTED, [37.5, 75, 150, 300, 300]),
        (FailureKind.DENIED, [37.5, 75, 150, 300, 600, 600]),
        (FailureKind.CLOCK, [37.5, 60, 60]),
    ],
    ids=lambda value: value.value if isinstance(value, FailureKind) else "",
)
def test_a_wait_doubles_up_to_a_cap(kind, waits):
    for attempts, seconds in enumerate(waits, 1):
        wait = policy.retry_at(kind, "dev", attempts, NOW, NOW + LONG) - NOW
        assert 0.8 * seconds < wait.total_seconds() <= seconds, attempts


@pytest.mark.parametrize("attempts", [0, 1, 10**6])
def test_no_number_of_attempts_breaks_the_counting(attempts):
    wait = policy.retry_at(FailureKind.NETWORK, "dev", attempts, NOW, NOW + LONG) - NOW
    assert 4 * SECOND <= wait <= 5 * MINUTE


def test_roles_that_failed_at_once_do_not_try_again_at_once():
    retries = {policy.retry_at(FailureKind.NETWORK, f"role-{n}", 7, NOW, NOW + LONG) for n in range(100)}
    assert max(retries) - min(retries) > 50 * SECOND


@pytest.mark.parametrize("kind", [FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.UNEXPECTED])
@pytest.mark.parametrize(
    ("left", "longest"),
    [
        pytest.param(4 * MINUTE, 2 * MINUTE, id="half-way to expiry"),
        pytest.param(20 * SECOND, 30 * SECOND, id="never hectic"),
        pytest.param(-HOUR, 30 * SECOND, id="expired"),
        pytest.param(None, 30 * SECOND, id="none on file"),
    ],
)
def test_a_cause_that_passes_is_checked_more_often_the_nearer_the_gap(kind, left, longest):
    wait = policy.retry_at(kind, "dev", 20, NOW, None if left is None else NOW + left) - NOW
    longest = max(longest, policy.waits(kind)[0])
    assert longest * 0.8 < wait <= longest


@pytest.mark.parametrize("left", [None, -HOUR, 20 * SECOND, 4 * MINUTE])
@pytest.mark.parametrize("attempts", [1, 2, 20])
@pytest.mark.parametrize(
    "kind",
    [kind for kind in FailureKind if policy.waits(kind) and kind is not FailureKind.NETWORK],
    ids=lambda kind: kind.value,
)
def test_no_timer_calls_sooner_than_the_interval_but_after_a_try_that_reached_nothing(left, attempts, kind):
    for name in ("dev", "prod", "role-7"):
        ends = None if left is None else NOW + left
        assert policy.retry_at(kind, name, attempts, NOW, ends) - NOW >= policy.MIN_INTERVAL


def test_a_refusal_is_not_asked_about_faster_because_the_session_ends():
    assert policy.retry_at(FailureKind.DENIED, "dev", 20, NOW, None) - NOW > 8 * MINUTE


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.SOURCE_EXPIRED,
        FailureKind.SIGN_IN,
        FailureKind.MFA,
        FailureKind.BAD_CONFIG,
        FailureKind.FILE,
    ],
    ids=lambda kind: kind.value,
)
def test_what_needs_a_person_is_not_retried_by_a_timer(kind):
    assert policy.retry_at(kind, "dev", 1, NOW, NOW + HOUR) is None
    assert kind in policy.CURED_BY_FILE or kind is FailureKind.MFA
    assert kind not in policy.PASSING


def test_the_wait_of_all_after_throttling_doubles_to_half_a_minute_and_is_spread():
    waits = [policy.hold(n, "dev") for n in (1, 2, 3, 50)]
    for wait, most in zip(waits, (10, 20, 30, 30), strict=True):
        assert most * 0.8 < wait / SECOND <= most
    assert len({policy.hold(1, f"role-{n}") for n in range(50)}) == 50


def test_a_program_that_fails_is_retried_more_slowly_than_a_network():
    def waits(kind):
        return [policy.retry_at(kind, "dev", attempts, NOW, None) - NOW for attempts in range(1, 12)]

    program = waits(FailureKind.PROGRAM)

    assert all(slow > quick for slow, quick in zip(program, waits(FailureKind.NETWORK), strict=True))
    assert program[0] <= timedelta(seconds=37.5)
    assert max(program) <= timedelta(minutes=10)


def test_a_kind_is_retried_by_a_timer_unless_only_a_file_or_a_person_ends_it():
    for kind in FailureKind:
        by_timer = policy.ended_by(kind) in {policy.EndedBy.TIME, policy.EndedBy.TIME_OR_PERSON}
        assert by_timer == (policy.retry_at(kind, "dev", 1, NOW, None) is not None)


def test_the_waits_of_a_kind_are_those_of_its_tries():
    for kind in FailureKind:
        waits = policy.waits(kind)
        tries = [policy.retry_at(kind, "dev", attempts, NOW, NOW + LONG) for attempts in (1, 50)]
        if waits is None:
            assert tries == [None, None]
        else:
            assert all(wait * 0.8 <= at - NOW <= wait for wait, at in zip(waits, tries, strict=True))
