"""One role in detail."""

from __future__ import annotations

from datetime import timezone

import pytest

from tests.support.builders import HOUR, NOW
from tests.unit.ui.menu.menu_entries import off, snapshot, view
from traycreds.cli.display import colors, role_details


def test_all_there_is_to_know_stands_in_one_column():
    shown = view(label="PROD", account_id="123456789012", region="eu-west-1", group="Work", is_default=True, kept=True)
    assert role_details.lines(shown, snapshot(shown), timezone.utc) == [
        "dev (PROD)",
        "  state    Fresh, 43 min left, until 12:43",
        f"  profile  {shown.profile}, and default",
        "  account  123456789012",
        "  region   eu-west-1",
        "  kept     yes",
        "  group    Work",
    ]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"kept": False}, "no"),
        ({"kept": False, "wanted_default": True}, "no, but refreshed as the default"),
        ({}, "yes"),
        ({"keep_until": NOW + HOUR}, "until 13:00"),
        ({"keep_until": NOW + 13 * HOUR}, "until 2026-11-25 01:00"),
    ],
)
def test_until_when_it_is_kept(changes, kept):
    shown = view(**changes)
    assert f"  kept     {kept}" in role_details.lines(shown, snapshot(shown), timezone.utc)


def test_the_head_and_the_state_are_painted():
    shown = off("dev")
    head, state, *rest = role_details.lines(shown, snapshot(shown), timezone.utc, colors.painted)
    assert (head, state) == ("\x1b[1mdev\x1b[0m", "  state    \x1b[2mOff\x1b[0m")
    assert "\x1b" not in "".join(rest)
