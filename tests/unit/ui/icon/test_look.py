from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import NOW
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.ui.icon.look import Look, look


def shown(status=Status.FRESH, **changes):
    end = NOW + timedelta(minutes=40)
    view = RoleView(name=RoleName("prod"), profile=ProfileName("prod"), status=status, expires_at=end, **changes)
    return Snapshot(as_of=NOW, roles=(view,), overall=status)


@pytest.mark.parametrize("of", [{"kept": True}, {"is_default": True}])
def test_a_role_that_needs_the_user_asks_for_attention_while_its_session_is_good(of):
    assert look(shown(needs_user=True, **of)) is Look.WAITING
    assert look(shown(needs_user=False, **of)) is Look.FRESH


def test_a_role_that_nobody_renews_asks_for_nothing():
    assert look(shown(needs_user=True)) is Look.FRESH


@pytest.mark.parametrize("status", [Status.FAILED, Status.EXPIRED, Status.EXPIRING, Status.REFRESHING])
def test_needing_the_user_is_not_being_broken(status):
    assert look(shown(status, needs_user=True, kept=True)) is Look.WAITING
    assert look(replace(shown(status, needs_user=True, kept=True), paused=True)) is Look.WAITING


def test_a_role_that_was_refreshed_once_and_needs_the_user_is_shown_so():
    assert look(shown(Status.FAILED, needs_user=True)) is Look.WAITING


def test_what_is_broken_is_red_and_so_is_trouble_with_the_file():
    assert look(shown(Status.FAILED, kept=True)) is Look.FAILED
    assert look(replace(shown(Status.FAILED, needs_user=True, kept=True), trouble="No.")) is Look.FAILED
