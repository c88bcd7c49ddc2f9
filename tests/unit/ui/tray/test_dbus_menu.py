"""Hosts that ask for the same menu again and again are answered from what is built."""

from __future__ import annotations

import jeepney
import pytest

from tests.support.calls import calls_counted
from traycreds.dbus.connection import _BuiltMessage
from traycreds.ui.tray.dbus_menu import MenuService, UnknownLineError
from traycreds.ui.tray.dbus_menu_layout import MenuLine


def lines(label="a role", roles=40):
    return [
        MenuLine(
            f"role {number}",
            {"label": f"{label} {number}"},
            tuple(MenuLine(f"{n}", {"label": "Use"}) for n in range(12)),
        )
        for number in range(roles)
    ]


@pytest.fixture
def menu():
    service = MenuService(click=lambda _: None, emit=lambda *_: None)
    service.show(lines())
    return service


def test_a_click_does_what_its_line_offered_even_if_the_menu_has_changed():
    clicked = []
    menu = MenuService(click=clicked.append, emit=lambda *_: None)
    menu.show([MenuLine(name, {"label": name}, target=name) for name in ("dev", "staging", "prod")])
    _, (_, (_, _, shown)) = menu.methods["GetLayout"](0, -1, [])
    dev, staging, _ = (id_ for _, (id_, _, _) in shown)
    menu.show([MenuLine(name, {"label": name}, target=name) for name in ("staging", "prod")])
    menu.methods["Event"](staging, "clicked", ("i", 0), 0)
    assert clicked == ["staging"]
    with pytest.raises(UnknownLineError):
        menu.methods["Event"](dev, "clicked", ("i", 0), 0)
    assert clicked == ["staging"], "a line that has gone hits no other"


def sent(menu, member, *arguments):
    """The bytes that go out for a call."""
    signature, body = menu.methods[member](*arguments)
    call = jeepney.new_method_call(jeepney.DBusAddress("/x", "a.b"), member)
    call.header.serial = 1
    return _BuiltMessage(jeepney.new_method_return(call, signature, body).header, body).serialise(2)


QUESTIONS = [("GetLayout", 0, -1, []), ("GetLayout", 0, 1, ["label"]), ("GetGroupProperties", [], [])]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_a_question_that_comes_again_costs_no_new_answer(menu, question):
    """Hosts ask by hundreds; calls of Python are counted, since time says more of the machine than of us."""
    with calls_counted() as first:
        answer = sent(menu, *question)
    with calls_counted() as later:
        assert sent(menu, *question) == answer
    assert later.total < first.total / 5, (later.total, first.total)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_what_has_changed_is_in_the_next_answer(menu, question):
    before = menu.methods[question[0]](*question[1:])
    menu.show(lines("another"))
    after = menu.methods[question[0]](*question[1:])
    assert before != after
    assert "another 7" in str(after)


def test_other_questions_have_other_answers(menu):
    whole, labels = (menu.methods["GetGroupProperties"]([1, 2], names) for names in ([], ["visible"]))
    assert whole != labels
    assert menu.methods["GetLayout"](0, 0, []) != menu.methods["GetLayout"](0, 1, [])


def test_what_is_kept_is_bounded(menu):
    for number in range(1000):
        menu.methods["GetLayout"](0, 1, [f"name {number}"])
    menu.methods["GetGroupProperties"]([1] * 10_000, [])
    assert len(menu._built) <= 64
    assert max(map(len, menu._built)) < 5000
