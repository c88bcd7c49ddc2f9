"""The footer of the live view: whole words, how to leave first."""

from __future__ import annotations

import pytest

from tests.unit.cli.live.views import ask, press, role, view_of, waiting
from traycreds.cli.live import span
from traycreds.cli.live.footer import footer, heading


def text(view, width=80):
    return span.plain(footer(view, width))


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "r refresh  u use  k keep  m code  s sign in  / filter  arrows select  q quit"),
        (50, "r refresh  u use  k keep  m code  q quit"),
        (51, "r refresh  u use  k keep  m code  s sign in  q quit"),
        (20, "r refresh  q quit"),
        (16, "q quit"),
        (6, "q quit"),
    ],
)
def test_as_many_keys_as_fit(width, shown):
    view = view_of(waiting("prod", sign_in="corp", kept=False), role("dev"))
    assert text(view, width) == shown


def test_the_keys_of_a_filter_and_of_a_code():
    view = view_of(waiting())
    ask(view)
    assert text(view) == "Code:    Enter send  Esc not now"
    press(view, "/", *"prod")
    assert text(view) == "/prod   Enter keep  Esc show all"
    assert text(view, 12) == "/prod "
    press(view, *"-with-a-long-name")
    assert text(view, 12).startswith("…")
    assert text(view, 12).rstrip().endswith("name")


def test_the_heading_gives_way_to_what_is_seen_of_many():
    view = view_of(*(role(f"r{number}") for number in range(9)))
    view.fit(4)
    assert span.plain(heading(view, "9 roles fresh", 4, 80)) == "9 roles fresh (1-4 of 9 roles)"
    assert span.plain(heading(view, "9 roles fresh", 4, 20)) == "1-4 of 9 roles"
    assert span.plain(heading(view, "9 roles fresh", 9, 80)) == "9 roles fresh"
    press(view, "/", "r", "enter")
    assert span.plain(heading(view, "9 roles fresh", 9, 80)) == '9 roles fresh (matching "r")'
