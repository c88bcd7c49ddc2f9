"""What commands print of a session's end: the user's own time, as `status` and the menu have it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from tests.support.builders import NOW
from tests.unit.ui.menu.menu_entries import view
from tests.windows.mark import not_on_windows
from traycreds.cli.output import end
from traycreds.ui.menu import labels


@pytest.fixture
def kolkata(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@not_on_windows
def test_an_end_is_in_the_users_own_time(kolkata):
    shown = view(expires_at=NOW + timedelta(minutes=43))
    assert end(shown) == "2026-11-24 18:13:00 IST"
    assert labels.clock(shown.expires_at, None) == "18:13"
