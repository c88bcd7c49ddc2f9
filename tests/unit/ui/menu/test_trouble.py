from __future__ import annotations

from tests.support.builders import MINUTE, NOW
from tests.unit.ui.menu.menu_entries import UTC, entries, find, labels, snapshot, view
from traycreds.core.errors import FailureKind
from traycreds.core.events import Button, Notify, RefreshAsked
from traycreds.core.snapshot import Status, Surroundings
from traycreds.core.ui_commands import UiCommand
from traycreds.ui.menu.model import build
from traycreds.ui.menu.trouble import ROLES

WRONG, KNOW = "What is wrong", "What to know"


def test_it_shows_the_last_error_in_full_with_its_hint_and_offers_a_try():
    bad = view(error="AWS refused the role.", hint="Ask for sts:AssumeRole.", needs_user=True)
    assert labels(WRONG, of=snapshot(bad)) == [
        "dev: Needs you: AWS refused the role, 43 min left, until 12:43",
        "AWS refused the role.",
        "Ask for sts:AssumeRole.",
        "Refresh now",
    ]
    assert find(build(snapshot(bad)), WRONG, "Refresh now").command == RefreshAsked(("dev",))


def test_it_says_since_when_and_when_it_is_retried():
    bad = view(
        "dev",
        Status.FAILED,
        expires_at=None,
        kind=FailureKind.NETWORK,
        error="AWS STS cannot be reached.",
        hint="Check the network.",
        failing_since=NOW - 5 * MINUTE,
        retry_at=NOW + MINUTE,
    )
    assert labels(WRONG, of=snapshot(bad))[:4] == [
        "dev: No session: no usable response from AWS, next try at 12:01",
        "AWS STS cannot be reached.",
        "Check the network.",
        "Failing since 11:55",
    ]


def test_a_long_error_is_broken_into_lines_and_cut_after_three():
    bad = view(error=" ".join(["word"] * 100), hint="Short.", failing_since=NOW)
    rows = labels(WRONG, of=snapshot(bad))[1:6]
    assert rows[3:] == ["Short.", "Failing since 12:00"]
    assert all(len(row) <= 64 for row in rows)
    assert rows[2].endswith("…")


def test_the_most_important_roles_are_listed_and_all_fits_one_screen():
    others = [view(f"r{n}", error=" ".join(["word"] * 99), hint=" ".join(["word"] * 99), note="N.") for n in range(9)]
    lines = labels(WRONG, of=snapshot(*others[:8], view("bad", Status.FAILED, error="No.", needs_user=True)))
    assert lines[0] == "bad: No session, 43 min left, until 12:43" or lines[0].startswith("bad: ")
    assert sum(": " in line and not line.startswith("Run: ") for line in lines) == ROLES
    assert len(lines) <= 40


def test_where_all_is_well_there_is_no_line_for_it():
    assert not [entry for entry in entries(build(snapshot(view())).items) if entry.label.startswith("What")]


def test_what_is_to_know_of_a_session_and_its_region_is_no_trouble():
    noted = view(note="Its sessions last one hour, not 4 h.", region_note="[profile dev] has another region.")
    assert labels(KNOW, of=snapshot(noted))[1:] == [
        "Its sessions last one hour, not 4 h.",
        "[profile dev] has another region.",
    ]


def test_a_code_and_a_sign_in_are_asked_for_on_the_first_level_alone():
    shown = snapshot(view("a", error="Code.", mfa_device="phone"), view("b", error="Out.", sign_in="corp"))
    assert "Refresh now" not in labels(WRONG, of=shown)
    assert find(build(shown, UTC), "Enter MFA code")
    assert find(build(shown, UTC), "Sign in to corp")


def test_the_result_of_a_click_without_a_notice_is_a_line_that_opens_the_rest():
    button = Button("Open configuration", UiCommand.OPEN_CONFIG)
    body = 'The role has no region. Add region = "eu-west-1" to it, then check again.\nLine two.'
    notice = Notify(key="check", title="Configuration checked: 1 finding", body=body, buttons=(button,))
    model = build(snapshot(view()), UTC, around=Surroundings(answer=notice))
    line = find(model, "Configuration checked: 1 finding")
    assert model.items.index(line) == 1, "right below the state, where the user who clicked looks"
    assert [entry.label for entry in line.children] == [
        'The role has no region. Add region = "eu-west-1" to it, then',
        "check again.",
        "Line two.",
        "Open configuration",
    ]
    assert [entry.command for entry in line.children] == [None, None, None, UiCommand.OPEN_CONFIG]


def test_what_needs_no_more_words_than_its_title_opens_nothing():
    notice = Notify(key="copied", title="dev is on the clipboard", body="")
    line = find(build(snapshot(view()), UTC, around=Surroundings(answer=notice)), notice.title)
    assert (line.children, line.enabled) == ((), False)
