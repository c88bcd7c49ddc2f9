"""What every source of sessions promises; run for real AWS calls over HTTP and for the fake by `test_source`.

Each test takes a `world`: `source`, `role(name, **changes)` (one that can be issued), `refuse(role)`, `heal()`, `now()`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from traycreds.core.errors import FailureKind, IssueError

GRAIN = timedelta(seconds=2)


def test_a_session_lasts_an_hour_unless_the_role_says_otherwise(world):
    begin = world.now()
    hour = world.source.issue(world.role("dev"))
    quarter = world.source.issue(world.role("short", duration=timedelta(minutes=15)))
    assert abs(hour.expires_at - begin - timedelta(hours=1)) <= GRAIN
    assert abs(quarter.expires_at - begin - timedelta(minutes=15)) <= GRAIN


def test_expiry_is_aware_and_in_utc(world):
    assert world.source.issue(world.role("dev")).expires_at.utcoffset() == timedelta(0)


def test_every_session_is_a_new_one(world):
    role = world.role("dev")
    first, second = world.source.issue(role), world.source.issue(role)
    assert first.access_key_id != second.access_key_id
    assert first.session_token != second.session_token


def test_no_secret_shows_in_a_repr(world):
    session = world.source.issue(world.role("dev"))
    for secret in (session.access_key_id, session.secret_access_key, session.session_token):
        assert secret
        assert secret not in repr(session) + repr(world.source)


def test_a_refusal_is_an_issue_error_with_kind_sentence_and_hint(world):
    role = world.role("dev")
    world.refuse(role)
    with pytest.raises(IssueError) as caught:
        world.source.issue(role)
    assert caught.value.kind is FailureKind.DENIED
    assert "dev" in caught.value.sentence
    assert caught.value.sentence.endswith(".")
    assert caught.value.hint.endswith(".")


def test_a_refused_role_affects_no_other_and_recovers(world):
    role, other = world.role("dev"), world.role("other")
    world.refuse(role)
    with pytest.raises(IssueError):
        world.source.issue(role)
    assert world.source.issue(other)
    world.heal()
    assert world.source.issue(role)


def test_many_threads_may_ask_at_once(world):
    roles = [world.role(f"r{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(world.source.issue, roles * 2))
    assert len({session.access_key_id for session in sessions}) == 16
