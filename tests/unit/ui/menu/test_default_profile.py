"""What can be done with the default role, and with others without making one of them the default."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from tests.unit.ui.menu.menu_entries import UTC, entries, find, labels, off, snapshot, view
from traycreds.core.events import RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import RoleName
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.menu.default_profile import KEEP_OFFER
from traycreds.ui.menu.labels import REASON_WIDTH
from traycreds.ui.menu.model import EVERYTHING, build

DEV, PROD = RoleName("dev"), RoleName("prod")
TWO = snapshot(view("dev", is_default=True, account_id="123456789012"), view("prod"), off("old"))


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (("Keep alive",), RoleSwitched(DEV, on=False)),
        (("Open console",), RoleCommand(UiCommand.OPEN_CONSOLE, DEV)),
        (("Copy", "Profile name"), RoleCommand(UiCommand.COPY_PROFILE, DEV)),
        (("Copy", "Environment"), RoleCommand(UiCommand.COPY_EXPORTS, DEV)),
        (("Copy", "Account ID"), RoleCommand(UiCommand.COPY_ACCOUNT, DEV)),
        (("More actions", "Refresh now"), RefreshAsked((DEV,))),
        (("More actions", "Keep alive for 1 h"), RoleSwitched(DEV, on=True, until=NOW + HOUR)),
        (("More actions", "Keep alive for 4 h"), RoleSwitched(DEV, on=True, until=NOW + 4 * HOUR)),
        (("More actions", "Do not use as default"), RoleChosen(None)),
        (("More actions", "prod"), RoleSwitched(PROD, on=False)),
        (("More actions", "old"), RoleSwitched(RoleName("old"), on=True)),
    ],
)
def test_commands(path, command):
    assert find(build(TWO), *path).command == command


def test_others_are_kept_and_their_consoles_opened_without_a_switch():
    assert labels("More actions", of=TWO)[-5:] == ["Keep alive", "prod", "old", "Open console", "prod"]
    assert find(build(TWO), "More actions").children[-1].command == RoleCommand(UiCommand.OPEN_CONSOLE, PROD)


def test_without_a_default_only_others_are_mentioned():
    assert labels("More actions", of=snapshot(off("a"), off("b"))) == ["Keep alive", "a", "b"]
    first = [entry.label for entry in entries(build(snapshot(off("a"))).items)]
    assert "Keep alive" not in first


@pytest.mark.parametrize(
    ("kept", "until", "label"),
    [
        (False, None, "Keep alive"),
        (True, None, "Keep alive"),
        (True, NOW + HOUR, "Keep alive until 13:00"),
    ],
)
def test_one_click_keeps_and_one_lets_go(kept, until, label):
    entry = find(build(snapshot(view(kept=kept, keep_until=until, is_default=True)), UTC), "Keep alive")
    assert (entry.label, entry.checked, entry.command) == (label, kept, RoleSwitched(DEV, on=not kept))


@pytest.mark.parametrize(
    ("kept", "until", "marked"),
    [
        (False, None, []),
        (True, None, []),
        (True, NOW + HOUR, ["Keep alive for 1 h"]),
        (True, NOW + 2 * MINUTE, ["Keep alive for 1 h"]),
        (True, NOW + HOUR + MINUTE, ["Keep alive for 4 h"]),
        (True, NOW + 9 * HOUR, ["Keep alive for 4 h"]),
    ],
)
def test_the_span_that_was_chosen_is_marked(kept, until, marked):
    lines = find(build(snapshot(view(kept=kept, keep_until=until, is_default=True))), "More actions").children
    assert [line.label for line in entries(lines) if line.checked] == marked


def test_keep_spans_count_from_the_snapshot():
    later = snapshot(view(is_default=True), as_of=NOW + timedelta(days=1))
    entry = find(build(later), "More actions", "Keep alive for 1 h")
    assert entry.command == RoleSwitched(DEV, on=True, until=NOW + timedelta(days=1, hours=1))


def test_without_a_session_there_are_no_keys_to_copy_and_no_console():
    shown = snapshot(off("dev", is_default=True))
    assert labels("Copy", of=shown) == ["Profile name"]
    assert "Open console" not in [entry.label for entry in entries(build(shown).items)]
    assert "Open console" not in labels("More actions", of=shown)


def test_only_what_works_is_offered():
    copying = frozenset({UiCommand.COPY_PROFILE})
    assert labels("Copy", of=TWO, can=copying) == ["Profile name"]
    assert "Open console" not in labels("More actions", of=TWO, can=EVERYTHING - {UiCommand.OPEN_CONSOLE})


def test_the_line_above_the_entry_says_that_a_first_role_can_be_kept():
    lines = [entry.label for entry in entries(build(replace(TWO, keep_offered=DEV)).items)]
    assert lines[lines.index("Keep alive") - 1] == KEEP_OFFER
    assert len(KEEP_OFFER) <= REASON_WIDTH
    assert KEEP_OFFER not in [entry.label for entry in entries(build(TWO).items)]
