"""The window that adds a role: how it ends, and what is said then."""

from __future__ import annotations

import sys
import threading

import pytest

from tests.support.wait_until import until
from traycreds.app.dialogs.new_role import NewRoles
from traycreds.core.errors import TraycredsError
from traycreds.core.text import BODY_WIDTH
from traycreds.state import paths

_READ = "import json, pathlib, sys; config = json.load(sys.stdin)['config']; "


@pytest.fixture
def opened(home):
    """A program in place of the window, with what the app reports."""
    notices: list = []

    def opened(code):
        where = paths.locate({}, home / "config.toml")
        own = (sys.executable, "-c", _READ + code)
        return NewRoles(
            where, notify=notices.append, added=lambda: notices.append("added"), own=own, patience=0
        ), notices

    return opened


def test_an_added_role_is_reported_with_the_next_step(opened, home):
    roles, notices = opened("print('team-' + 'x' * 60); sys.exit(0 if config.endswith('config.toml') else 1)")
    roles.ask()
    added, notice = notices
    assert added == "added", "before it is reported, so that it is in the menu"
    assert notice.title.startswith("team-")
    assert len(notice.title) <= 36
    assert len(notice.body) <= BODY_WIDTH
    assert "Click it in the menu" in notice.body


@pytest.mark.parametrize("code", [1, -9])
def test_a_window_that_was_closed_says_nothing(opened, code):
    roles, notices = opened(f"sys.exit({code})")
    roles.ask()
    assert notices == []


@pytest.mark.parametrize(
    ("code", "sentence", "hint"),
    [
        ("sys.exit(3)", "traycreds cannot show the Add role window", "Run traycreds add in a terminal"),
        (
            "print(json.dumps({'sentence': 'It is wrong.', 'hint': 'Fix it.'})); sys.exit(2)",
            "It is wrong.",
            "Fix it.",
        ),
    ],
)
def test_what_blocks_it_is_reported(opened, code, sentence, hint):
    roles, notices = opened(code)
    with pytest.raises(TraycredsError) as caught:
        roles.ask()
    assert caught.value.sentence.startswith(sentence)
    assert caught.value.hint.startswith(hint)
    assert notices == []


def test_a_second_click_opens_no_second_window_and_the_end_of_the_app_closes_the_first(opened, home):
    roles, notices = opened("pathlib.Path(config + '.open').touch(); sys.stdout.flush(); import time; time.sleep(600)")
    first = threading.Thread(target=roles.ask)
    first.start()
    until((home / "config.toml.open").exists, "it is open")
    with pytest.raises(TraycredsError) as caught:
        roles.ask()
    assert caught.value.hint == "It may be behind your other windows."
    roles.close()
    first.join(20)
    assert not first.is_alive()
    roles.ask()
    assert notices == []
