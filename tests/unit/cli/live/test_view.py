"""What keys do to the live view: selection, filter, commands, a code that is asked for."""

from __future__ import annotations

import pytest

from tests.unit.cli.live.views import PHONE, ask, many, press, role, snapshot, view_of, waiting
from traycreds.cli.live.action import Action, Wanted
from traycreds.cli.live.view import LiveView


def names(view):
    return [each.name for each in view.roles]


def test_before_the_first_snapshot_nothing_is_selected_and_one_can_leave():
    view = LiveView()
    assert (view.selected, list(view.roles), view.code) == (None, [], None)
    assert press(view, "down", "r", "u", "k", "m", "s", "/", "q") == [Wanted(Action.QUIT)]
    view.fit(5)
    assert view.top == 0


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ((), "role-001"),
        (("down",), "role-002"),
        (("down", "down", "up"), "role-002"),
        (("up",), "role-001"),
        (("end",), "role-030"),
        (("end", "down"), "role-030"),
        (("end", "home"), "role-001"),
        (("pagedown",), "role-011"),
        (("pagedown", "pageup"), "role-001"),
    ],
)
def test_arrows_select(keys, selected):
    view = view_of(*many())
    view.fit(10)
    press(view, *keys)
    assert view.selected.name == selected


def test_the_selected_role_is_always_in_view():
    view = view_of(*many())
    tops = []
    for key in ("down", "end", "up", "home"):
        press(view, key)
        view.fit(10)
        tops.append(view.top)
    assert tops == [0, 20, 20, 0]


def test_a_larger_window_leaves_no_empty_lines():
    view = view_of(*many())
    press(view, "end")
    view.fit(10)
    view.fit(25)
    assert view.top == 5


def test_the_selection_stays_with_its_role():
    view = view_of(role("b"), role("c"))
    press(view, "down")
    view.show(snapshot(role("a"), role("b"), role("c")))
    assert view.selected.name == "c"
    view.show(snapshot(role("a")))
    assert view.selected.name == "a"


@pytest.mark.parametrize(
    ("key", "action"), [("r", Action.REFRESH), ("u", Action.USE), ("k", Action.KEEP), ("m", Action.ENTER_CODE)]
)
def test_a_key_is_about_the_selected_role(key, action):
    view = view_of(role("dev"), waiting("prod", kept=False))
    press(view, "down")
    assert press(view, key) == [Wanted(action, "prod")]


def test_what_makes_no_sense_is_not_offered_and_does_nothing():
    view = view_of(role("dev", is_default=True))
    assert [each.action for each in view.offered] == [Action.REFRESH, Action.FILTER, Action.QUIT]
    assert press(view, "u", "k", "m", "s", "x", "tab") == []


def test_a_code_and_a_sign_in_are_offered_wherever_a_role_waits():
    view = view_of(role("dev"), waiting("prod"), waiting("audit", mfa_device=None, sign_in="corp"))
    assert press(view, "m", "s") == [Wanted(Action.ENTER_CODE, "prod"), Wanted(Action.SIGN_IN, "audit")]


def test_a_filter_narrows_down_and_escape_shows_all():
    view = view_of(role("prod-admin"), role("dev"), role("prod-ReadOnly"))
    assert press(view, "/", *"prod q") == [], "letters belong to the filter"
    assert names(view) == []
    press(view, "backspace", "backspace", "enter")
    assert (view.filter, view.filtering, names(view)) == ("prod", False, ["prod-admin", "prod-ReadOnly"])
    assert press(view, "q") == [Wanted(Action.QUIT)]
    press(view, "escape")
    assert (view.filter, len(names(view))) == ("", 3)
    press(view, "/", "d", "escape")
    assert (view.filter, view.filtering, len(names(view))) == ("", False, 3)


def test_the_filter_takes_patterns_and_accounts_and_leaves_the_order():
    view = view_of(role("b-prod"), role("prod-a", account_id="123456789012"))
    press(view, "/", *"1234-56", "enter")
    assert names(view) == ["prod-a"]
    press(view, "escape", "/", *"*prod*", "enter")
    assert names(view) == ["b-prod", "prod-a"]


def test_a_filter_holds_for_later_snapshots():
    view = view_of(role("dev"))
    press(view, "/", *"prod", "enter")
    assert view.selected is None
    view.show(snapshot(role("dev"), role("prod")))
    assert names(view) == ["prod"]


def test_a_code_is_typed_while_other_keys_keep_their_meaning():
    view = view_of(role("dev"), waiting("prod"))
    answers = ask(view)
    assert press(view, *"492 ", "down", "r", "m", *"0817", "backspace") == [Wanted(Action.REFRESH, "prod")]
    assert view.code.hidden == "*******"
    press(view, "enter")
    assert (answers, view.code) == (["492081"], None)


def test_what_is_no_code_is_asked_for_again():
    view = view_of(waiting())
    answers = ask(view)
    press(view, *"123", "enter")
    assert (answers, view.code.hidden, view.code.note) == ([], "", "An MFA code has six digits.")
    press(view, *"123456", "enter")
    assert answers == ["123456"]


def test_escape_gives_no_code():
    view = view_of(waiting())
    answers = ask(view)
    press(view, "1", "escape")
    assert (answers, view.code) == ([None], None)


def test_questions_come_one_after_the_other():
    view = view_of(waiting("a"), waiting("b", mfa_device="other"))
    first, second = ask(view), ask(view, "other")
    press(view, *"111111", "enter", *"222222", "enter")
    assert (first, second) == (["111111"], ["222222"])


def test_a_question_ends_once_no_role_waits_for_its_device():
    view = view_of(waiting())
    answers = ask(view)
    view.show(snapshot(waiting()))
    assert answers == []
    view.show(snapshot(role("prod")))
    assert (answers, view.code) == ([None], None)


def test_at_the_end_whoever_asked_gets_nothing():
    view = view_of(waiting())
    both = ask(view), ask(view)
    view.cancel()
    assert both == ([None], [None])


def test_the_question_names_all_roles_of_the_device():
    view = view_of(role("dev"), waiting("prod"), waiting("audit"))
    assert view.question("audit").roles == ("prod", "audit")
    assert view.question("audit").device == PHONE
    assert (view.question("dev"), view.question(None)) == (None, None)


def test_pasted_text_is_never_a_command():
    view = view_of(role("dev"), waiting())
    view.paste("q")
    assert (view.filter, view.code) == ("", None)
    answers = ask(view)
    view.paste("q\n")
    view.paste(" 123 456\n")
    press(view, "enter")
    assert answers == ["123456"]
    press(view, "/")
    view.paste("de\nv")
    assert view.filter == "de v"


def test_a_filter_has_an_end():
    view = view_of(role("dev"))
    press(view, "/")
    view.paste("x" * 1000)
    assert len(view.filter) == 64
