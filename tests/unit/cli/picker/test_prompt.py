"""A numbered list that lines pick from and narrow down."""

from __future__ import annotations

import io

import pytest

from traycreds.cli.picker import prompt
from traycreds.cli.picker.prompt import SHOWN, Picks
from traycreds.ui.picker.rows import RoleRow

FEW = (
    RoleRow("prod-admin", "4444-5555-6666", "fresh until 14:32", "PROD", "red", "P"),
    RoleRow("prod-ReadOnly", "4444-5555-6666", "not kept"),
    RoleRow("dev", "1234-5678-9012", "not kept", is_default=True),
)
MANY = tuple(RoleRow(f"role-{number:03}", f"1111-2222-3{number:03}", "not kept") for number in range(1, 1000))


def asked(*lines, offered=FEW, several=False):
    """What is picked by these lines and then the end of the input, and what was shown."""
    shown = io.StringIO()
    typed = io.StringIO("".join(f"{line}\n" for line in lines))
    return prompt.ask(offered, "Role", shown, typed, several=several), shown.getvalue()


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("2",), "prod-ReadOnly"),
        ((" 2 ",), "prod-ReadOnly"),
        (("dev",), "dev"),
        (("prod*ReadOnly*", ""), "prod-ReadOnly"),
        (("prod", "2"), "prod-ReadOnly"),
        (("1234", ""), "dev"),
        (("prod", "*", "3"), "dev"),
    ],
)
def test_a_number_a_name_or_a_part_and_then_enter(lines, name):
    picks, _ = asked(*lines)
    assert picks == Picks((name,))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "Type a number, or part of the name. Ctrl-C ends this."),
        ("9", "Not in the list: type a number from 1 to 3."),
        ("0", "Not in the list: type a number from 1 to 3."),
        ("1 2", "Type one number."),
        ("zzz", 'Nothing matches "zzz".'),
    ],
)
def test_after_a_reported_mistake_it_asks_again(line, sentence):
    picks, shown = asked(line, "3")
    assert picks == Picks(("dev",))
    assert f"{sentence}\nRole: " in shown


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (("1 3",), ["prod-admin", "dev"]),
        (("2-3",), ["prod-ReadOnly", "dev"]),
        (("1,3",), ["prod-admin", "dev"]),
        (("all",), ["prod-admin", "prod-ReadOnly", "dev"]),
        (("prod*", "ALL"), ["prod-admin", "prod-ReadOnly"]),
        (("dev", ""), ["dev"]),
    ],
)
def test_several(lines, names):
    picks, _ = asked(*lines, several=True)
    assert picks.names == tuple(names)


def test_enter_alone_takes_none_of_many():
    picks, shown = asked("", offered=MANY, several=True)
    assert picks is None
    assert "Type numbers, all for all 999, or part of the name." in shown


def test_a_long_list_is_shown_in_part_and_a_part_of_a_name_finds_the_rest():
    picks, shown = asked("role-999", offered=MANY)
    assert picks == Picks(("role-999",))
    assert "and 979 more: type part of the name" in shown
    assert shown.count("role-") == SHOWN
    picks, shown = asked("3099", "1", offered=MANY)
    assert picks == Picks(("role-099",)), "by its account"


def test_the_list_says_how_each_stands():
    _, shown = asked()
    assert shown.splitlines()[:3] == [
        "   1  prod-admin (PROD)  4444-5555-6666  fresh until 14:32",
        "   2  prod-ReadOnly      4444-5555-6666  not kept",
        "   3  dev                1234-5678-9012  default, not kept",
    ]


def test_the_one_that_is_left_is_named_in_the_question():
    _, shown = asked("read")
    assert shown.splitlines()[-1] == "Role: number or part of the name (Enter for prod-ReadOnly): "


def test_the_end_of_the_input_picks_none():
    assert asked()[0] is None


def test_nothing_that_moves_the_cursor_is_shown():
    _, shown = asked(offered=(RoleRow("dev", state="\x1b[2J"),))
    assert "\x1b" not in shown
