"""The styles of states."""

from __future__ import annotations

import pytest

from tests.unit.ui.menu.menu_entries import off, view
from traycreds.cli.display import colors
from traycreds.core.snapshot import Status


@pytest.mark.parametrize("status", Status)
def test_every_state_has_a_style(status):
    assert colors.of_role(view(status=status)) in colors.STYLES


@pytest.mark.parametrize(
    ("shown", "style"),
    [
        (view(), "good"),
        (view(error="No."), "warning"),
        (view(status=Status.FAILED, error="No."), "bad"),
        (view(status=Status.FAILED, error="No.", needs_user=True), "warning"),
        (off("dev"), "off"),
    ],
)
def test_the_style_says_how_bad_it_is(shown, style):
    assert colors.of_role(shown) == style


def test_a_style_ends_with_its_text_and_nothing_has_none():
    assert colors.painted("x", "good") == "\x1b[32mx\x1b[0m"
    assert colors.painted("", "good") == ""
    assert colors.plain("x", "good") == "x"
