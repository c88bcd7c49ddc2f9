"""Keeping that has an end: renewed until then, told once ahead of it, removed afterwards, restarts included."""

from __future__ import annotations

from datetime import timedelta

from tests.support.builders import HOUR, MINUTE, NOW, a_role, a_session
from tests.unit.engine.turned_engine import TurnedEngine
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.events import ConfigChanged, RoleSwitched
from traycreds.core.model import Settings
from traycreds.core.snapshot import Status
from traycreds.lifecycle.follow_ups import choices
from traycreds.usecases import load

SECOND = timedelta(seconds=1)


def test_a_role_kept_for_four_hours_is_renewed_announced_and_removed():
    turned = TurnedEngine(a_session(keep=False))
    until = NOW + 4 * HOUR
    turned.handle(RoleSwitched("dev", on=True, until=until))
    turned.later(4 * HOUR - 5 * MINUTE - SECOND)
    assert turned.role().status is Status.FRESH
    assert turned.role().keep_until == until
    assert turned.titles == []
    turned.later(SECOND)
    assert turned.titles == ["dev: kept alive 5 min more"]
    turned.later(5 * MINUTE)
    asked, end = len(turned.source.asked), turned.on_file()
    assert not turned.role().kept
    turned.later(end - turned.clock.now())
    assert turned.on_file() is None
    assert turned.role().status is Status.OFF
    assert len(turned.source.asked) == asked, "it was not renewed again"
    assert len(turned.titles) == 1, "its session's own end is not told as well"


def test_the_offered_extension_of_keeping_puts_its_end_off():
    turned = TurnedEngine(a_session(keep=False))
    turned.handle(RoleSwitched("dev", on=True, until=NOW + HOUR))
    turned.later(56 * MINUTE)
    (notice,) = turned.notifier.sent
    assert notice.key in turned.notifier.visible
    turned.handle(notice.buttons[0].command)
    assert notice.key not in turned.notifier.visible
    assert turned.role().keep_until == NOW + 2 * HOUR
    turned.later(58 * MINUTE)
    assert len(turned.titles) == 1
    turned.later(MINUTE)
    assert turned.titles == ["dev: kept alive 5 min more"] * 2
    assert turned.role().kept


def test_the_offered_extension_keeps_it_on():
    turned = TurnedEngine(a_session(keep=False, expires_in=HOUR))
    turned.store.sessions["dev-session"] = ("dev", turned.source.issue(a_role()))
    turned.later(56 * MINUTE)
    (notice,) = turned.notifier.sent
    longer = next(button for button in notice.buttons if button.label == "Extend 1 h")
    turned.handle(longer.command)
    turned.later(HOUR)
    assert turned.role().status in {Status.FRESH, Status.EXPIRING}
    assert turned.on_file() > turned.clock.now()
    assert turned.titles == ["dev: expires in 5 min", "dev: kept alive 5 min more"]


def test_a_restart_in_between_changes_nothing():
    turned = TurnedEngine(a_session(keep=False, role=a_role()))
    turned.handle(RoleSwitched("dev", on=True, until=NOW + 2 * HOUR))
    turned.later(HOUR)
    kept = choices.of(turned.engine._state)
    begun = load.first_state(ConfigChanged((a_role(),), Settings()), kept)
    again = TurnedEngine(*begun.sessions, store=turned.store)
    again.clock.advance(turned.clock.now() - NOW)
    again.handle()
    assert again.source.asked == [], "what is on file is fresh and taken over"
    assert again.role().keep_until == NOW + 2 * HOUR
    again.later(50 * MINUTE)
    assert again.source.asked == ["dev"]
    again.later(HOUR + 10 * MINUTE)
    assert not again.role().kept
    again.later(HOUR)
    assert again.on_file() is None


def test_a_role_that_waits_for_its_turn_is_refreshed_without_a_notice():
    turned = TurnedEngine(a_session())
    turned.source.fail(IssueError(FailureKind.MFA, "Waits.", "Nothing to do.", device="phone", again_in=20.0))
    turned.handle()
    assert turned.role().status is Status.REFRESHING
    assert len(turned.source.asked) == 1
    turned.source.heal()
    turned.later(19 * SECOND)
    assert len(turned.source.asked) == 1
    turned.later(SECOND)
    assert len(turned.source.asked) == 2
    assert turned.on_file() is not None
    assert turned.titles == []
