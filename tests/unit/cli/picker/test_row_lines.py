"""The columns of a picker's rows in windows of all widths."""

from __future__ import annotations

import pytest

from traycreds.cli.picker.row_lines import lines
from traycreds.ui.picker.rows import RoleRow

ROWS = (
    RoleRow("prod-team-ReadOnly", "1234-5678-9012", "fresh until 14:32"),
    RoleRow("dev", "4444-5555-6666", "needs a code"),
)
BARE = (RoleRow("sso-import", state="Admin in main (123456789012)"), RoleRow("b", state=""))


def test_without_a_window_nothing_is_cut():
    long = RoleRow("x" * 200, "1234-5678-9012", "y" * 300)
    assert lines([long], None) == [f"{'x' * 200}  1234-5678-9012  {'y' * 300}"]


@pytest.mark.parametrize(
    ("width", "first"),
    [
        (200, "prod-team-ReadOnly  1234-5678-9012  fresh until 14:32"),
        (53, "prod-team-ReadOnly  1234-5678-9012  fresh until 14:32"),
        (52, "prod-team-ReadOnly  fresh until 14:32"),
        (36, "prod-team-ReadOnly  fresh until…"),
        (19, "prod-team-ReadOnly"),
        (8, "prod…nly"),
    ],
)
def test_accounts_go_before_states_are_cut_between_words(width, first):
    assert lines(ROWS, width)[0] == first


def test_of_a_long_name_both_ends_stay():
    long = RoleRow("prod-team-0001-PowerUserAccess-with-more", "1234-5678-9012", "fresh until 14:32")
    assert lines([long], 60) == ["prod-team-00…ss-with-more  1234-5678-9012  fresh until 14:32"]
    assert lines([long], 43) == ["prod-team-00…s-with-more  fresh until 14:32"]
    assert lines([long], 30) == ["prod-team-00…s-with-more"]


@pytest.mark.parametrize("width", range(1, 70))
@pytest.mark.parametrize("rows", [ROWS, BARE], ids=["roles", "import"])
def test_each_line_fits(rows, width):
    shown = lines(rows, width)
    assert len(shown) == len(rows)
    assert max(map(len, shown)) <= width


def test_states_stand_below_each_other():
    first, second = lines(ROWS, 80)
    assert first.index("fresh") == second.index("needs")
    assert lines(BARE, 80) == ["sso-import  Admin in main (123456789012)", "b"]
