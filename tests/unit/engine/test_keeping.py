"""Keeping that has an end: renewed until then, told before the session ends, removed after it, restarts included."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import HOUR, MINUTE, NOW, a_role, a_session
from tests.unit.engine.test_engine import Rig
from traycreds.adapters import choices
from traycreds.app import setup
from traycreds.core.messages import ConfigChanged, RoleSwitched
from traycreds.core.model import Settings
from traycreds.core.shown import Status

SECOND = timedelta(seconds=1)


def test_a_role_kept_for_four_hours_is_renewed_told_and_removed():
    rig = Rig(a_session(keep=False))
    until = NOW + 4 * HOUR
    rig.tell(RoleSwitched("dev", on=True, until=until))
    rig.later(4 * HOUR - MINUTE)
    assert rig.role().status is Status.FRESH
    assert rig.role().keep_until == until
    assert rig.titles == []
    asked, end = len(rig.source.asked), rig.on_file()
    rig.later(end - rig.clock.now() - 5 * MINUTE - SECOND)
    assert not rig.role().kept
    assert rig.titles == []
    rig.later(SECOND)
    assert rig.titles == ["dev: session expires in 5 min"]
    assert "Keep alive" in rig.notifier.sent[0].body
    rig.later(5 * MINUTE)
    assert rig.on_file() is None
    assert rig.role().status is Status.OFF
    assert len(rig.source.asked) == asked, "it was not renewed any more"
    assert len(rig.titles) == 1


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
    assert len(rig.notifier.sent) == 1


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
