"""What a program that runs for hours finds: the longest session, at once; a wait only where nothing is left."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.builders import a_role
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Credentials
from traycreds.usecases import serve
from traycreds.usecases.serve import ServedSession
from traycreds.usecases.session.role_session import RoleSession

ROLE = a_role("dev")


def credentials(key, seconds):
    ends = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return Credentials(access_key_id=key, secret_access_key="s", session_token="t", expires_at=ends)


def live(key, seconds):
    return RoleSession(role=ROLE, credentials=credentials(key, seconds))


class World:
    """What is on file, and what a renewal comes to."""

    def __init__(self):
        self.file = None
        self.renewed = 0
        self.outcome = live("new", 3600)
        self.gate = threading.Event()
        self.gate.set()

    def renew(self):
        self.gate.wait(5)
        self.renewed += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def serve(self, first):
        return ServedSession(
            first,
            renew=self.renew,
            on_file=lambda _: self.file,
            enough=lambda one: one.credentials.expires_at > datetime.now(timezone.utc) + timedelta(minutes=15),
        )


@pytest.fixture
def world():
    return World()


def test_what_lasts_is_given_without_a_renewal(world):
    with world.serve(live("first", 3600)) as one:
        assert one.credentials().access_key_id == "first"
    assert world.renewed == 0


def test_the_file_is_believed_if_it_lasts_longer(world):
    with world.serve(live("first", 1000)) as one:
        world.file = credentials("newer", 2000)
        assert one.credentials().access_key_id == "newer"
        world.file = credentials("older", 500)
        assert one.credentials().access_key_id == "first"
    assert world.renewed == 0


def test_a_short_one_is_given_at_once_while_the_renewal_hangs(world, monkeypatch):
    monkeypatch.setattr(serve, "CHECK_EVERY", 0.01)
    world.gate.clear()
    with world.serve(live("first", 60)) as one:
        assert one.credentials().access_key_id == "first"
        world.gate.set()


def test_it_is_renewed_ahead_of_its_end_though_nobody_asks(world, monkeypatch):
    monkeypatch.setattr(serve, "CHECK_EVERY", 0.01)
    renewed = threading.Event()
    plain = world.renew

    def renew():
        try:
            return plain()
        finally:
            renewed.set()

    world.renew = renew
    with world.serve(live("first", 60)) as one:
        assert renewed.wait(5)
        with one._changed:
            assert one._changed.wait_for(lambda: one._rounds > 0, 5)
        assert one.credentials().access_key_id == "new"


def test_where_nothing_is_left_all_who_ask_wait_for_one_renewal(world):
    world.gate.clear()
    found = []
    with world.serve(live("first", -1)) as one:
        askers = [threading.Thread(target=lambda: found.append(one.credentials().access_key_id)) for _ in range(8)]
        for asker in askers:
            asker.start()
        world.gate.set()
        for asker in askers:
            asker.join(5)
    assert found == ["new"] * 8
    assert world.renewed <= 2, "one that was in progress, and one for those who came meanwhile"


def test_the_reason_is_reported_and_the_next_call_tries_again(world):
    world.outcome = TraycredsError("AWS said no.", "Ask it.")
    with world.serve(live("first", -1)) as one:
        with pytest.raises(TraycredsError, match="AWS said no"):
            one.credentials()
        world.outcome = live("new", 3600)
        assert one.credentials().access_key_id == "new"


def test_a_fault_that_nobody_expected_does_not_end_it(world):
    world.outcome = RuntimeError("secret-detail")
    with world.serve(live("first", -1)) as one:
        with pytest.raises(TraycredsError, match="unexpected error") as caught:
            one.credentials()
        assert "secret-detail" not in str(caught.value)
        world.outcome = live("new", 3600)
        assert one.credentials().access_key_id == "new"


def test_the_checks_become_rare_while_nothing_can_improve(world, monkeypatch):
    pauses = []
    world.outcome = live("short", 60)
    one = world.serve(live("first", 60))

    def wait_for(_, pause):
        pauses.append(pause)
        if len(pauses) == 7:
            world.outcome = live("long", 3600)
        if len(pauses) == 9:
            one._stopped = True

    monkeypatch.setattr(one._changed, "wait_for", wait_for)
    one._keep()
    assert pauses == [30, 60, 120, 240, 300, 300, 300, 30, 30]


def test_its_end_lets_those_who_wait_go(world):
    # The server has not begun, so nothing renews the session.
    one = world.serve(live("first", -1))
    reported = []

    def ask():
        with pytest.raises(TraycredsError) as caught:
            one.credentials()
        reported.append(caught.value.sentence)

    asker = threading.Thread(target=ask)
    asker.start()
    with one._changed:
        one._stopped = True
        one._changed.notify_all()
    asker.join(5)
    assert reported == ["The session of dev has ended."]
