"""Keeping that has an end: renewed until then, told once ahead of it, removed afterwards, restarts included."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import HOUR, MINUTE, NOW, a_role, a_session
from tests.unit.engine.test_engine import Rig
from traycreds.adapters import choices
from traycreds.app import setup
from traycreds.core import notices
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.messages import ConfigChanged, RoleSwitched
from traycreds.core.model import Settings
from traycreds.core.shown import Status

SECOND = timedelta(seconds=1)


def test_a_role_kept_for_four_hours_is_renewed_told_and_removed():
    rig = Rig(a_session(keep=False))
    until = NOW + 4 * HOUR
    rig.tell(RoleSwitched("dev", on=True, until=until))
    rig.later(4 * HOUR - 5 * MINUTE - SECOND)
    assert rig.role().status is Status.FRESH
    assert rig.role().keep_until == until
    assert rig.titles == []
    rig.later(SECOND)
    assert rig.titles == ["dev: kept alive for 5 min more"]
    rig.later(5 * MINUTE)
    asked, end = len(rig.source.asked), rig.on_file()
    assert not rig.role().kept
    rig.later(end - rig.clock.now())
    assert rig.on_file() is None
    assert rig.role().status is Status.OFF
    assert len(rig.source.asked) == asked, "it was not renewed any more"
    assert len(rig.titles) == 1, "its session's own end is not told as well"


def test_the_offered_extension_of_keeping_puts_its_end_off():
    rig = Rig(a_session(keep=False))
    rig.tell(RoleSwitched("dev", on=True, until=NOW + HOUR))
    rig.later(56 * MINUTE)
    (notice,) = rig.notifier.sent
    assert notices.stands(notice.key, rig.engine.snapshot)
    rig.tell(notice.buttons[0].command)
    assert not notices.stands(notice.key, rig.engine.snapshot)
    assert rig.role().keep_until == NOW + 2 * HOUR
    rig.later(58 * MINUTE)
    assert len(rig.titles) == 1
    rig.later(MINUTE)
    assert rig.titles == ["dev: kept alive for 5 min more"] * 2
    assert rig.role().kept


def test_the_offered_extension_keeps_it_on():
    rig = Rig(a_session(keep=False, expires_in=HOUR))
    rig.store.sessions["dev-session"] = ("dev", rig.source.issue(a_role()))
    rig.later(56 * MINUTE)
    (notice,) = rig.notifier.sent
    longer = next(button for button in notice.buttons if button.label == "Extend 1 h")
    rig.tell(longer.command)
    rig.later(HOUR)
    assert rig.role().status in {Status.FRESH, Status.EXPIRING}
    assert rig.on_file() > rig.clock.now()
    assert rig.titles == ["dev: session expires in 5 min", "dev: kept alive for 5 min more"]


def test_a_restart_in_between_changes_nothing():
    rig = Rig(a_session(keep=False, role=a_role()))
    rig.tell(RoleSwitched("dev", on=True, until=NOW + 2 * HOUR))
    rig.later(HOUR)
    kept = choices.of(rig.engine.snapshot)
    begun = setup.first_state(ConfigChanged((a_role(),), Settings()), kept)
    again = Rig(*begun.sessions, store=rig.store)
    again.clock.advance(rig.clock.now() - NOW)
    again.tell()
    assert again.source.asked == [], "what is on file is fresh and taken over"
    assert again.role().keep_until == NOW + 2 * HOUR
    again.later(50 * MINUTE)
    assert again.source.asked == ["dev"]
    again.later(HOUR + 10 * MINUTE)
    assert not again.role().kept
    again.later(HOUR)
    assert again.on_file() is None


def test_a_role_that_waits_for_its_turn_is_tried_then_and_nobody_hears_of_it():
    rig = Rig(a_session())
    rig.source.fail(IssueError(FailureKind.MFA, "Waits.", "Nothing to do.", device="phone", again_in=20.0))
    rig.tell()
    assert rig.role().status is Status.REFRESHING
    assert len(rig.source.asked) == 1
    rig.source.heal()
    rig.later(19 * SECOND)
    assert len(rig.source.asked) == 1
    rig.later(SECOND)
    assert len(rig.source.asked) == 2
    assert rig.on_file() is not None
    assert rig.titles == []
