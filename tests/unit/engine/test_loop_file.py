"""The loop beside other programs that change the credentials file."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_session, credentials
from tests.unit.engine.turned_engine import SECOND, TurnedEngine
from traycreds.core.ports import UndoneError
from traycreds.core.snapshot import Status
from traycreds.files.contents import LinkToNothingError


def test_a_store_that_is_due_for_a_check_is_checked_in_time_even_if_the_file_is_watched():
    turned = TurnedEngine(a_session(), watched=True)
    turned.handle()
    assert turned.engine.seconds_to_wait() == pytest.approx(2), "the second look after a write"
    turned.store.soon = 0.25
    turned.clock.advance(2 * SECOND)
    turned.handle()
    assert turned.engine.seconds_to_wait() == pytest.approx(0.25)
    turned.store.edit_outside(lost=["dev-session"])
    turned.store.soon = None
    turned.clock.advance(0.25 * SECOND)
    turned.handle()
    assert turned.source.asked == ["dev", "dev"], "it has seen what was lost"


def test_what_is_not_on_file_is_not_fresh_when_another_program_undoes_our_writes():
    turned = TurnedEngine(a_session())
    turned.handle()
    assert turned.role().status is Status.FRESH
    turned.store.edit_outside(lost=["dev-session"])
    turned.store.failure = UndoneError("A program has undone it.", "Close it.", turned.store._view())
    turned.clock.advance(2 * SECOND)
    turned.handle()
    assert turned.role().status is Status.FAILED
    assert turned.role().expires_at is None
    assert turned.role().error == "A program has undone it."
    assert turned.titles == ["Credentials file not written"], "told once"
    asked = len(turned.source.asked)
    turned.later(10 * MINUTE, step=5 * SECOND)
    assert len(turned.source.asked) - asked <= 20, "no call more often than each half minute"
    turned.store.failure = None
    turned.later(10 * MINUTE)
    assert turned.role().status is Status.FRESH


def test_what_was_on_a_drive_that_is_gone_is_not_fresh_and_comes_back_with_it_without_a_call():
    turned = TurnedEngine(a_session(), a_session("ops", keep=False, expires_in=HOUR), chosen="dev")
    turned.store.sessions["ops-session"] = ("ops", credentials(NOW + HOUR))
    turned.handle()
    before, asked = turned.on_file(), list(turned.source.asked)
    assert turned.role().is_default
    gone = LinkToNothingError("~/.aws is a link to /mnt/aws, which is missing.", "Mount it.")
    turned.store.edit_outside()
    turned.store.failure = gone
    turned.later(2 * MINUTE, step=5 * SECOND)
    for name in ("dev", "ops"):
        view = turned.role(name)
        assert (view.status, view.expires_at, view.error) == (Status.FAILED, None, gone.sentence)
        assert (view.needs_user, view.is_default) == (True, False)
    assert turned.engine.snapshot.trouble == gone.sentence
    assert turned.titles == ["Credentials file not written"], "told once"
    turned.store.failure = None
    turned.later(MINUTE)
    view = turned.role()
    assert (view.status, view.expires_at, view.error, view.is_default) == (Status.FRESH, before, None, True)
    assert turned.engine.snapshot.trouble is None
    assert turned.source.asked == asked
