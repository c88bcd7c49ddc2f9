"""What the live view looks like in windows of all sizes."""

from __future__ import annotations

from datetime import timezone

import pytest

from tests.unit.cli.live.views import ask, many, press, role, snapshot, view_of, waiting
from traycreds.cli.live import frame, span
from traycreds.cli.live.view import LiveView

SENTENCE = "AWS STS cannot be reached from here, whatever one tries."


def lines(view, width=80, height=24):
    return [span.plain(line) for line in frame.frame(view, width, height, timezone.utc)]


def without_keys(shown, width=80, height=24):
    return [span.plain(line) for line in frame.without_keys(shown, width, height, timezone.utc)]


def test_roles_problems_messages_and_keys_are_seen():
    view = view_of(role("dev", is_default=True), waiting("prod"))
    view.messages.append("! prod needs a code. Type it.")
    assert lines(view, height=9) == [
        "prod needs a code",
        "   ROLE  PROFILE       STATE",
        "*  dev   dev-session   Fresh, 43 min left, until 12:43".ljust(80),
        "   prod  prod-session  Needs a code",
        "prod: A code is needed. Type one.",
        "",
        "! prod needs a code. Type it.",
        "",
        "r refresh  m code  / filter  arrows select  q quit",
    ]


def test_a_hint_names_the_key_where_there_are_keys_and_else_the_command():
    how = "Choose Enter MFA code in the menu, or run traycreds once prod."
    login = "Run: traycreds login corp"
    roles = waiting("prod", hint=how), waiting("audit", mfa_device=None, sign_in="corp", hint=login)
    view = view_of(*roles)
    view.add_message(f"! prod: no session. {how}\nprod becomes the default.")
    shown = lines(view)
    assert "prod: A code is needed. Press m to enter it." in shown
    assert "audit: A code is needed. Press s to sign in." in shown
    assert "! prod: no session. Press m to enter it." in shown
    assert f"audit: A code is needed. {login}" in without_keys(snapshot(*roles))


def test_the_selected_line_is_marked_and_keeps_the_color_of_its_state():
    line = frame.frame(view_of(role("dev"), role("prod")), 80, 24, timezone.utc)[2]
    assert [each.style for each in line] == ["selected", "selected good", "selected"]
    other = frame.frame(view_of(role("dev"), role("prod")), 80, 24, timezone.utc)[3]
    assert [each.style for each in other] == ["", "good"]


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("filtering", [False, True])
def test_every_window_is_filled_and_never_left(asked, filtering):
    view = view_of(*many(), waiting("prod-with-a-long-name-for-sure", error=SENTENCE), role("dev", note=SENTENCE))
    view.messages.extend(["! " + SENTENCE * 3, "", "x" * 300])
    if asked:
        ask(view)
    if filtering:
        press(view, "/", *"role-0", "down", "down")
    for width in (1, 2, 3, 7, 12, 20, 39, 59, 60, 80, 200):
        for height in (1, 2, 3, 4, 5, 7, 12, 24, 60):
            shown = lines(view, width, height)
            assert len(shown) == height, (width, height)
            assert max(map(len, shown)) <= width, (width, height)


@pytest.mark.parametrize("width", range(12, 100, 9))
def test_no_word_is_split_at_the_edge(width):
    view = view_of(waiting("prod", error=SENTENCE, hint=""))
    view.messages.append(SENTENCE)
    read = " ".join(line.strip() for line in lines(view, width, 60)[3:])
    assert " ".join(read.split()).count(f"{SENTENCE}") == 2, read


def test_a_state_that_does_not_fit_ends_after_a_word():
    (line,) = [
        line
        for line in lines(view_of(waiting(error=SENTENCE, mfa_device=None)), 60, 12)
        if line.lstrip().startswith("prod  ")
    ]
    assert line.rstrip().endswith("Needs you: AWS STS cannot be reached…")


def test_many_roles_are_scrolled_and_counted():
    view = view_of(*many())
    shown = lines(view, height=13)
    assert shown[0].endswith("(1-10 of 30 roles)")
    assert [line.split()[0] for line in shown[2:12]] == [f"role-{number:03}" for number in range(1, 11)]
    press(view, "end")
    shown = lines(view, height=13)
    assert shown[0].endswith("(21-30 of 30 roles)")
    assert shown[11].startswith("  role-030")


def test_a_filter_is_named_with_what_it_leaves():
    view = view_of(*many())
    press(view, "/", *"*02", "enter")
    assert lines(view, height=40)[0].endswith('(11 of 30 roles matching "*02")')
    press(view, "escape", "/", *"nowhere")
    shown = lines(view)
    assert shown[0].endswith("(0 of 30 roles)")
    assert shown[1] == "  Nothing matches."
    assert shown[-1].startswith("/nowhere ")


def test_the_problem_of_the_selected_role_comes_first():
    view = view_of(waiting("a", error="First."), waiting("b", error="Second."))
    assert [line[:2] for line in lines(view)[4:6]] == ["a:", "b:"]
    press(view, "down")
    assert [line[:2] for line in lines(view)[4:6]] == ["b:", "a:"]


def test_problems_that_do_not_fit_are_counted():
    view = view_of(*(waiting(f"r{number}") for number in range(9)))
    shown = lines(view, height=14)
    assert shown[7:13] == [*(f"r{number}: A code is needed. Type one." for number in range(5)), "  and 4 more lines"]


def test_the_newest_messages_are_seen():
    view = view_of(role("dev"))
    view.messages.extend(f"message {number}" for number in range(50))
    shown = lines(view, height=10)
    assert [line for line in shown if line.startswith("message")] == [f"message {number}" for number in range(44, 50)]


def test_a_code_is_asked_for_below_the_table_and_hidden():
    view = view_of(waiting("prod"))
    ask(view)
    press(view, *"492")
    shown = lines(view)
    assert shown[2].lstrip().startswith("prod ")
    assert shown[-2:] == ["Code from MFA device phone, for prod:", "Code: ***   Enter send  Esc not now"]
    assert not any("492" in line for line in shown)


def test_before_the_first_snapshot_messages_are_seen():
    view = LiveView()
    view.messages.append("Hello.")
    assert lines(view, height=5) == ["Starting.", "Hello.", "", "", "q quit"]


def test_without_roles_it_says_so():
    assert lines(view_of(), height=3) == ["No roles configured", "", "q quit"]
    assert without_keys(snapshot()) == ["No roles configured"]


def test_without_keys_nothing_is_selected_and_no_line_is_empty():
    shown = without_keys(snapshot(role("dev"), waiting("prod")))
    assert shown == [
        "prod needs a code",
        "  ROLE  PROFILE       STATE",
        "  dev   dev-session   Fresh, 43 min left, until 12:43",
        "  prod  prod-session  Needs a code",
        "prod: A code is needed. Type one.",
    ]


@pytest.mark.parametrize("height", [1, 2, 3, 5, 12, 50])
def test_without_keys_it_stays_within_the_window(height):
    shown = without_keys(snapshot(*many(), waiting("prod", error=SENTENCE)), 30, height)
    assert len(shown) <= height
    assert max(map(len, shown)) <= 30
