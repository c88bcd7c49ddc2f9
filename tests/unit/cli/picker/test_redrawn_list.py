"""The list that is drawn again at each key: what keys do, and what is seen."""

from __future__ import annotations

import pytest

pytest.importorskip("prompt_toolkit")

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from traycreds.cli.picker import redrawn_list
from traycreds.cli.picker.prompt import Picks
from traycreds.ui.picker.rows import PickerAction, RoleRow

ENTER, ESCAPE, TAB, UP, DOWN, PAGE_DOWN = "\r", "\x1b", "\t", "\x1b[A", "\x1b[B", "\x1b[6~"
CTRL_A, CTRL_C, CTRL_K, CTRL_O = "\x01", "\x03", "\x0b", "\x0f"
FEW = (
    RoleRow("prod-admin", "4444-5555-6666", "fresh until 14:32", "PROD", "red", "P"),
    RoleRow("prod-ReadOnly", "4444-5555-6666", "not kept", color="blue", letter="R"),
    RoleRow("dev", "1234-5678-9012", "not kept", is_default=True),
)
MANY = tuple(RoleRow(f"role-{number:03}") for number in range(1, 1000))


class Screen(DummyOutput):
    """A terminal of this many lines and columns."""

    lines, columns = 24, 80

    def get_size(self):
        return Size(rows=self.lines, columns=self.columns)


def asked(keys, offered=FEW, *, several=False, with_actions=False):
    """What is picked by keys, and the list as it was left."""
    shown = redrawn_list.RedrawnList(offered, "Role", several=several, with_actions=with_actions)
    with create_pipe_input() as typed, create_app_session(input=typed, output=Screen()):
        typed.send_text(keys)
        picks = shown.screen().run()
    return picks, shown


def text_of(parts):
    return "".join(text for _, text in parts)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (ENTER, "prod-admin"),
        (DOWN + ENTER, "prod-ReadOnly"),
        (DOWN * 9 + ENTER, "dev"),
        (DOWN + UP * 9 + ENTER, "prod-admin"),
        ("dev" + ENTER, "dev"),
        ("prod*only" + ENTER, "prod-ReadOnly"),
        ("1234" + ENTER, "dev"),
        ("zzz" + ENTER + "\x7f" * 3 + "dev" + ENTER, "dev"),
        (PAGE_DOWN + ENTER, "dev"),
    ],
)
def test_what_is_typed_and_the_arrows_pick_one(keys, name):
    assert asked(keys)[0] == Picks((name,))


@pytest.mark.parametrize("keys", [ESCAPE, CTRL_C, "dev" + ESCAPE])
def test_who_leaves_picks_none(keys):
    assert asked(keys)[0] is None


@pytest.mark.parametrize(
    ("key", "action"), [(CTRL_K, PickerAction.KEEP), (CTRL_O, PickerAction.CONSOLE), (ENTER, PickerAction.USE)]
)
def test_a_key_says_what_is_to_be_done(key, action):
    assert asked("dev" + key, with_actions=True)[0] == Picks(("dev",), action)


def test_without_actions_such_a_key_picks_nothing():
    assert asked("dev" + CTRL_O + ENTER)[0] == Picks(("dev",), PickerAction.USE)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (ENTER, ["prod-admin"]),
        (TAB + TAB + ENTER, ["prod-admin", "prod-ReadOnly"]),
        (TAB + "dev" + TAB + ENTER, ["prod-admin", "dev"]),
        ("prod*" + CTRL_A + ENTER, ["prod-admin", "prod-ReadOnly"]),
        (CTRL_A + CTRL_A + ENTER, ["prod-admin"]),
        (TAB + UP + TAB + ENTER, ["prod-ReadOnly"]),
    ],
)
def test_several_are_marked(keys, names):
    assert asked(keys, several=True)[0].names == tuple(names)


def test_name_account_state_and_badge_are_seen():
    _, shown = asked(ESCAPE, with_actions=True)
    assert text_of(shown._lines()).splitlines() == [
        "> [P] prod-admin (PROD)  4444-5555-6666  fresh until 14:32",
        "  (R) prod-ReadOnly      4444-5555-6666  not kept",
        "      dev                1234-5678-9012  default, not kept",
    ]
    assert "Ctrl+K: keep" in text_of(shown._foot())


@pytest.mark.parametrize("columns", [20, 34, 40, 60, 80, 200])
def test_no_line_is_wider_than_the_window(monkeypatch, columns):
    monkeypatch.setattr(Screen, "columns", columns)
    offered = [*FEW, RoleRow("x" * 64, "1234-5678-9012", "fresh until tomorrow 14:32")]
    for several, with_actions in ((False, False), (True, False), (False, True)):
        _, shown = asked(DOWN + ESCAPE, offered, several=several, with_actions=with_actions)
        foot = text_of(shown._foot())
        assert max(map(len, [foot, *text_of(shown._lines()).splitlines()])) <= columns
        assert foot.endswith("Esc: quit") or columns == 20


def test_of_many_ten_are_seen_and_the_selected_one_is_among_them():
    _, shown = asked(DOWN * 12 + ESCAPE, MANY)
    seen = text_of(shown._lines()).splitlines()
    assert len(seen) == redrawn_list.SEEN
    assert [line for line in seen if line.startswith(">")] == [">     role-013"]
    assert "999 roles" in text_of(shown._foot())


def test_an_empty_result_is_reported():
    _, shown = asked("zzz" + ESCAPE)
    assert "Nothing matches." in text_of(shown._lines())
    assert "0 of 3 roles" in text_of(shown._foot())


def test_a_low_terminal_shows_fewer(monkeypatch):
    monkeypatch.setattr(Screen, "lines", 7)
    _, shown = asked(PAGE_DOWN + ESCAPE, MANY)
    seen = text_of(shown._lines()).splitlines()
    assert len(seen) == 4
    assert any(line.startswith("> ") for line in seen)
