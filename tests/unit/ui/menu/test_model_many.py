"""The menu of many roles: a short first level, folds, and who comes forward."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import HOUR, MINUTE, NOW
from tests.unit.ui.menu.menu_entries import UTC, entries, find, off, snapshot, view, walk
from traycreds.core.errors import FailureKind
from traycreds.core.events import RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status, Surroundings
from traycreds.core.ui_commands import EVERYTHING, UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.menu.item import Entry, Separator
from traycreds.ui.menu.model import FRONT, NOTES, build, on_first_level
from traycreds.ui.menu.role_submenus import SUBMENUS, submenus


def many(count=1000, accounts=30) -> Snapshot:
    roles = [
        view(f"role-{n:04}", account_id=f"{n % accounts:012}")
        if n % 2
        else off(f"role-{n:04}", account_id=f"{n % accounts:012}")
        for n in range(count)
    ]
    roles[count * 7 // 10] = view("the-default", is_default=True, account_id="7")
    roles[count * 8 // 10] = view("the-broken", Status.FAILED, error="No.", needs_user=True)
    return snapshot(*roles)


def test_a_thousand_roles_keep_the_first_level_short():
    model = build(many(), around=Surroundings(at_login=True))
    assert len(entries(model.items)) <= 25
    assert all(len(entry.children) <= 210 for entry in walk(model.items) if isinstance(entry, Entry))
    assert find(model, "the-default")
    assert find(model, "the-broken")
    assert [item.label for item in entries(model.items) if item.key.startswith("roles:")] == [
        "000000000000 to 000000000005 (199)",
        "000000000005 to 000000000011 (199)",
        "000000000011 to 000000000017 (199)",
        "000000000017 to 000000000023 (199)",
        "000000000023 to 000000000029 (199)",
    ]


@pytest.mark.parametrize(("count", "offered"), [(0, 0), (1, 0), (9, 0), (10, 1), (1000, 1)])
def test_from_ten_roles_on_a_window_finds_one(count, offered):
    model = build(snapshot(*(off(f"r{n}") for n in range(count))))
    found = [item for item in entries(model.items) if item.command is UiCommand.FIND_ROLE]
    assert [item.label for item in found] == ["Find role…"] * offered


def test_where_it_cannot_be_shown_it_is_not_offered():
    model = build(many(), can=EVERYTHING - {UiCommand.FIND_ROLE})
    assert not any(item.label.startswith("Find") for item in entries(model.items))


def test_where_no_window_can_be_shown_the_command_is_named():
    model = build(many(), around=Surroundings(in_terminal=frozenset({UiCommand.FIND_ROLE})))
    line = find(model, "To find a role")
    assert (line.label, line.enabled) == ("To find a role, run traycreds pick", False)


def test_the_first_level_stays_short_when_all_troubles_come_together():
    waiting = [view(f"mfa-{n}", kind=FailureKind.MFA, mfa_device=f"device-{n}", error="Code.") for n in range(5)]
    signed_out = view("sso", kind=FailureKind.SIGN_IN, sign_in="corp", error="Sign in.", needs_user=True)
    wanted = off("wanted", wanted_default=True)
    shown = many()
    shown = replace(shown, roles=(*waiting, signed_out, wanted, *shown.roles), trouble="No.", trouble_hint="Make room.")
    shown = replace(shown, skew=HOUR, default_switch="wanted becomes the default once you sign in.")
    for snapshot_ in (shown, replace(shown, discovered=True)):
        assert len(entries(build(snapshot_, around=Surroundings(at_login=True)).items)) <= 25 + NOTES + 2


@settings(deadline=None)
@given(st.integers(0, 1500))
def test_roles_and_the_submenus_of_the_rest_take_as_many_lines_whatever_their_number(count):
    rest = count - on_first_level(count)
    assert on_first_level(count) + (submenus(rest) if rest > 0 else 1) <= FRONT + 1
    assert on_first_level(count) > FRONT - SUBMENUS


def test_a_thousand_roles_are_built_quickly():
    shown = many()
    spent = []
    for _ in range(5):
        begin = time.thread_time()
        build(shown)
        spent.append(time.thread_time() - begin)
    assert min(spent) < 0.05, "4 ms of processor time; the rest is room for slow machines and coverage"


def front(model) -> list[str]:
    """The roles of the first level, from above."""
    return [item.command.name for item in entries(model.items) if isinstance(item.command, RoleChosen)]


def test_favourites_come_first_and_in_the_order_of_the_configuration():
    few = [view("a"), view("b"), view("c", favourite=True), view("d"), view("e", favourite=True)]
    assert front(build(snapshot(*few))) == ["c", "e", "a", "b", "d"]
    many_off = [off(f"off-{n:03}") for n in range(300)]
    shown = snapshot(*many_off, *few)
    first_level = [item for item in entries(build(shown).items) if item.radio]
    assert [item.command.name for item in first_level] == ["c", "e", "a", "b", "d"], "the other lines are submenus"


def test_roles_used_last_come_next_if_not_all_fit():
    names = [f"r{n:02}" for n in range(FRONT + 20)]
    roles = {name: off(name) for name in names}
    roles["r20"] = off("r20", favourite=True)
    roles["r28"] = off("r28", recent=0)
    roles["r11"] = off("r11", recent=1, is_default=True)
    roles["r25"] = view("r25", Status.FAILED, error="No.", needs_user=True)
    model = build(snapshot(*roles.values()))
    assert front(model) == ["r20", "r28", "r11", "r00", "r01", "r02", "r03", "r04", "r25"]


def test_the_use_of_a_role_moves_none_while_all_fit():
    """prod must not come to stand where dev was a moment ago."""
    roles = [view("dev", recent=1), view("qa"), view("prod", recent=0)]
    assert front(build(snapshot(*roles))) == ["dev", "qa", "prod"]


def test_favourites_that_do_not_fit_come_first_in_the_submenu():
    roles = [*(view(f"bad-{n}", Status.FAILED, error="No.", needs_user=True) for n in range(FRONT))]
    model = build(snapshot(*roles, off("a"), off("b"), off("c", favourite=True)))
    assert [item.label for item in find(model, "More roles").children] == ["c", "a", "b"]


def test_roles_stand_under_their_groups_before_accounts():
    others = [view(f"kept-{n}") for n in range(FRONT)]
    model = build(snapshot(*others, off("a", group="Payments", account_id="1"), off("b", account_id="2"), off("c")))
    assert [item.label for item in find(model, "More roles (3)").children] == ["Other", "c", "Payments", "a", "2", "b"]
    assert find(model, "More roles", "a").command == RoleChosen(RoleName("a"))


def test_one_group_needs_no_heading_and_submenus_are_named_by_their_ends():
    model = build(snapshot(*(off(f"r{n:03}", account_id="1") for n in range(FRONT + 60))))
    assert [item.label for item in entries(model.items) if item.key.startswith("roles:")] == [
        "r007 to r026 (20)",
        "r027 to r047 (21)",
        "r048 to r068 (21)",
    ]


def test_few_groups_have_a_submenu_each():
    others = [off(f"{group}-{n:02}", group=group) for n in range(25) for group in ("one", "two", "three")]
    model = build(snapshot(*others))
    assert [item.label for item in entries(model.items) if item.key.startswith("roles:")] == [
        "one (22)",
        "two (23)",
        "three (23)",
    ]


def test_a_role_beyond_the_first_level_can_be_kept():
    others = [view(f"kept-{n:02}") for n in range(FRONT)]
    model = build(snapshot(*others, off("far")))
    assert find(model, "More actions", "far").command == RoleSwitched(RoleName("far"), on=True)


VIEWS = st.builds(
    RoleView,
    name=st.text(min_size=1, max_size=12),
    profile=st.just(ProfileName("p")),
    status=st.sampled_from(Status),
    group=st.none() | st.sampled_from(["", "g", "Other"]),
    account_id=st.none() | st.sampled_from(["1", "2"]),
    expires_at=st.none() | st.just(NOW + HOUR),
    kept=st.booleans(),
    favourite=st.booleans(),
    recent=st.none() | st.integers(0, 5),
    needs_user=st.booleans(),
    error=st.none() | st.just("No."),
)


# A busy machine is not the fault of the menu.
@settings(deadline=None)
@given(st.lists(VIEWS, max_size=70, unique_by=lambda v: v.name), st.booleans())
def test_any_menu_holds_every_role_once_with_unique_keys(views, paused):
    model = build(snapshot(*views, paused=paused))
    choices = [
        item.command.name
        for item in walk(model.items)
        if isinstance(item, Entry) and item.radio and isinstance(item.command, RoleChosen)
    ]
    assert sorted(choices) == sorted(v.name for v in views)
    for level in [model.items, *(item.children for item in walk(model.items) if isinstance(item, Entry))]:
        keys = [item.key for item in level if isinstance(item, Entry)]
        assert len(keys) == len(set(keys))
        assert not any(isinstance(item, Separator) for item in level[-1:])
    for item in walk(model.items):
        assert not any(getattr(below, "children", ()) for below in getattr(item, "children", ())), "two levels"
        if isinstance(item, Entry) and item.enabled:
            assert item.label
            assert (item.command is None) == bool(item.children), item


def test_many_devices_do_not_flood_the_menu():
    needy = [view(f"r{n}", Status.FAILED, mfa_device=f"device/{n}") for n in range(9)]
    lines = [entry for entry in entries(build(snapshot(*needy)).items) if entry.label.startswith("Enter MFA code")]
    assert len(lines) == NOTES


def test_labels_hold_no_symbols_that_a_screen_reader_reads_out():
    shown = replace(many(60), skew=HOUR, trouble="No.", trouble_hint="Make room.", next_refresh_at=NOW + MINUTE)
    shown = replace(shown, roles=(*shown.roles, view("x", mfa_device="d", error="Code."), view("y", sign_in="corp")))
    labels_ = [item.label for item in walk(build(shown, UTC).items) if isinstance(item, Entry)]
    assert len(labels_) > 150
    strange = {c for label in labels_ for c in label if not c.isalnum() and c not in " .,:()-—…'~/"}
    assert strange == set()
