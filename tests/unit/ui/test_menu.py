from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import traycreds
from tests.builders import HOUR, MINUTE, NOW
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import FailureKind
from traycreds.core.messages import Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import menu
from traycreds.ui.item import Entry, Separator

UTC = timezone.utc


def view(name="dev", status=Status.FRESH, **changes) -> RoleView:
    base = RoleView(
        name=RoleName(name), profile=ProfileName(name), status=status, expires_at=NOW + 43 * MINUTE, kept=True
    )
    return replace(base, **changes)


def off(name, **changes) -> RoleView:
    return view(name, Status.OFF, expires_at=None, kept=False, **changes)


def snapshot(*views, **changes) -> Snapshot:
    return replace(Snapshot(as_of=NOW, roles=views), **changes)


def entries(items) -> list[Entry]:
    return [item for item in items if isinstance(item, Entry)]


def walk(items):
    for item in items:
        yield item
        if isinstance(item, Entry):
            yield from walk(item.children)


def find(model, *path) -> Entry:
    items = model.items
    for word in path:
        found = next(item for item in entries(items) if item.label.startswith(word))
        items = found.children
    return found


def test_every_role_is_a_radio_entry_that_makes_it_the_default():
    model = menu.build(snapshot(view("dev", is_default=True), view("prod")))
    dev, prod = find(model, "dev"), find(model, "prod")
    assert (dev.command, dev.radio, dev.checked) == (RoleChosen(RoleName("dev")), True, True)
    assert (prod.command, prod.radio, prod.checked) == (RoleChosen(RoleName("prod")), True, False)


def test_the_head_says_how_things_stand_and_cannot_be_clicked():
    head = menu.build(snapshot(view())).items[0]
    assert (head.label, head.enabled, head.command) == ("1 role fresh", False, None)


def test_trouble_with_the_file_shows_its_hint():
    model = menu.build(snapshot(view(), trouble="The file is locked.", trouble_hint="Close the other program."))
    assert [item.label for item in entries(model.items)[:2]] == ["The file is locked", "Close the other program."]


@pytest.mark.parametrize(
    ("skew", "label"),
    [
        (3 * MINUTE, "This machine's clock is 3 min behind AWS's"),
        (-65 * MINUTE, "This machine's clock is 1 h 5 min ahead of AWS's"),
    ],
)
def test_a_clock_that_is_off_is_said_in_a_line_below_the_head(skew, label):
    line = entries(menu.build(snapshot(view(), skew=skew)).items)[1]
    assert (line.label, line.enabled, line.command) == (label, False, None)


def test_a_clock_that_is_right_takes_no_line():
    assert not any("clock" in item.label for item in entries(menu.build(snapshot(view())).items))


def test_without_roles_there_is_only_the_configuration_to_open():
    assert [item.label for item in entries(menu.build(snapshot()).items)] == [
        "No roles configured",
        "Configuration",
        "Open log",
        f"About traycreds {traycreds.__version__}",
        "Quit traycreds",
    ]


def test_a_first_run_offers_to_import_and_to_begin_a_configuration():
    for found in (snapshot(discovered=True), snapshot(view(), discovered=True)):
        model = menu.build(found)
        assert find(model, "Import roles from ~/.aws/config").command is UiCommand.IMPORT_ROLES
        assert find(model, "Configuration", "Begin a configuration file").command is UiCommand.OPEN_CONFIG
        assert "Import roles" not in labels("Configuration", of=found)
        assert not [e for e in entries(menu.build(found, can={UiCommand.QUIT}).items) if "Import" in e.label]


def test_team_roles_are_spoken_of_only_where_a_file_is_included():
    own = ["Open configuration", "Check configuration", "Import roles"]
    assert labels("Configuration", of=snapshot(view())) == own
    assert labels("Configuration", of=snapshot(view(), includes=True)) == [
        *own,
        "Review team roles…",
        "Accept reviewed team roles",
        "Allow reviewed team programs",
    ]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (("Refresh all",), RefreshAsked()),
        (("Pause",), Paused(on=True)),
        (("Configuration", "Open"), UiCommand.OPEN_CONFIG),
        (("Configuration", "Check"), UiCommand.CHECK_CONFIG),
        (("Configuration", "Import"), UiCommand.IMPORT_ROLES),
        (("Open log",), UiCommand.OPEN_LOG),
        (("About traycreds",), UiCommand.ABOUT),
        (("Quit",), UiCommand.QUIT),
        (("Manage roles", "dev", "Use as default"), RoleChosen(RoleName("dev"))),
        (("Manage roles", "dev", "Refresh now"), RefreshAsked((RoleName("dev"),))),
        (("Manage roles", "dev", "Keep alive", "Off"), RoleSwitched(RoleName("dev"), on=False)),
        (("Manage roles", "dev", "Keep alive", "For 1 h"), RoleSwitched(RoleName("dev"), on=True, until=NOW + HOUR)),
        (
            ("Manage roles", "dev", "Keep alive", "For 4 h"),
            RoleSwitched(RoleName("dev"), on=True, until=NOW + 4 * HOUR),
        ),
        (("Manage roles", "dev", "Keep alive", "Until I stop"), RoleSwitched(RoleName("dev"), on=True)),
        (("Manage roles", "dev", "Open AWS console"), RoleCommand(UiCommand.OPEN_CONSOLE, RoleName("dev"))),
        (("Manage roles", "dev", "Copy", "Profile name"), RoleCommand(UiCommand.COPY_PROFILE, RoleName("dev"))),
        (("Manage roles", "dev", "Copy", "Environment"), RoleCommand(UiCommand.COPY_EXPORTS, RoleName("dev"))),
        (("Manage roles", "dev", "Copy", "Account id"), RoleCommand(UiCommand.COPY_ACCOUNT, RoleName("dev"))),
    ],
)
def test_commands(path, command):
    assert find(menu.build(snapshot(view(account_id="123456789012"))), *path).command == command


def test_a_pause_can_be_ended():
    entry = find(menu.build(snapshot(view(), paused=True)), "Resume")
    assert entry.command == Paused(on=False)


def test_the_default_can_be_taken_back():
    entry = find(menu.build(snapshot(view(is_default=True))), "Manage roles", "dev", "Use as default")
    assert (entry.command, entry.checked) == (RoleChosen(None), True)


@pytest.mark.parametrize(
    ("kept", "until", "marked"),
    [
        (False, None, "Off"),
        (True, None, "Until I stop"),
        (True, NOW + HOUR, "For 1 h"),
        (True, NOW + 2 * MINUTE, "For 1 h"),
        (True, NOW + HOUR + MINUTE, "For 4 h"),
        (True, NOW + 9 * HOUR, "For 4 h"),
    ],
)
def test_one_way_of_keeping_is_marked(kept, until, marked):
    choices = find(
        menu.build(snapshot(view(kept=kept, keep_until=until))), "Manage roles", "dev", "Keep alive"
    ).children
    assert [choice.label for choice in choices if choice.checked] == [marked]
    assert all(choice.radio for choice in choices)


def labels(*path, of, can=frozenset(UiCommand)) -> list[str]:
    return [item.label for item in entries(find(menu.build(of, UTC, can), *path).children)]


def test_the_submenu_tells_the_last_error_whole_with_its_hint():
    bad = view(error="AWS refused the role.", hint="Ask for sts:AssumeRole.", needs_user=True)
    assert labels("Manage roles", "dev", of=snapshot(bad))[:3] == [
        "Fresh, 43 min left, until 12:43",
        "AWS refused the role.",
        "Ask for sts:AssumeRole.",
    ]


def test_the_submenu_tells_since_when_and_when_it_is_tried_again():
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
    assert labels("Manage roles", "dev", of=snapshot(bad))[:4] == [
        "No session, next try at 12:01",
        "AWS STS cannot be reached.",
        "Check the network.",
        "Failing since 11:55",
    ]


def test_a_long_error_is_broken_into_lines_and_cut_after_three():
    bad = view(error=" ".join(["word"] * 100), hint="Short.", failing_since=NOW)
    rows = labels("Manage roles", "dev", of=snapshot(bad))[1:6]
    assert rows[3:] == ["Short.", "Failing since 12:00"]
    assert all(len(row) <= 64 for row in rows)
    assert rows[2].endswith("…")


def test_only_what_works_is_offered():
    plain = frozenset({UiCommand.QUIT})
    shown = snapshot(view(account_id="123456789012"))
    assert "Copy" not in labels("Manage roles", "dev", of=shown, can=plain)
    assert "Open AWS console" not in labels("Manage roles", "dev", of=shown, can=plain)
    assert [item.label for item in entries(menu.build(shown, UTC, plain).items)][-2:] == [
        "Pause renewing",
        "Quit traycreds",
    ]
    copying = plain | {UiCommand.COPY_PROFILE}
    assert labels("Manage roles", "dev", "Copy", of=shown, can=copying) == ["Profile name"]


def test_without_a_session_there_are_no_keys_to_copy_and_no_console():
    shown = snapshot(off("dev"))
    assert labels("Manage roles", "dev", "Copy", of=shown) == ["Profile name"]
    assert "Open AWS console" not in labels("Manage roles", "dev", of=shown)


def test_groups_are_headings_where_there_is_room():
    def roles(count):
        return snapshot(*(view(f"r{n}", group=("Work", "Play")[n % 2]) for n in range(count)))

    first_level = [item.label.partition(" ")[0] for item in entries(menu.build(roles(4)).items)]
    assert first_level[1:7] == ["Work", "r0", "r2", "Play", "r1", "r3"]
    assert not any(item.label == "Work" for item in entries(menu.build(roles(menu.FRONT - 1)).items))
    assert not any(item.label == "Work" for item in entries(menu.build(roles(2)).items)), "a heading for each is noise"


def test_only_labels_differ_a_minute_later():
    """What lets an open menu stay open: the same keys at the same places."""
    before, after = (menu.build(snapshot(view(), off("b"), as_of=NOW + n * MINUTE)) for n in (0, 1))
    assert before != after
    assert [getattr(i, "key", None) for i in walk(before.items)] == [getattr(i, "key", None) for i in walk(after.items)]


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
    model = menu.build(many())
    assert len(model.items) <= 25
    assert find(model, "the-default")
    assert find(model, "the-broken")
    assert find(model, "More roles (991)")
    assert all(len(entry.children) <= 25 for entry in walk(model.items) if isinstance(entry, Entry))


def test_the_first_level_stays_short_when_all_troubles_come_together():
    waiting = [view(f"mfa-{n}", kind=FailureKind.MFA, mfa_device=f"device-{n}", error="Code.") for n in range(5)]
    signed_out = view("sso", kind=FailureKind.SIGN_IN, sign_in="corp", error="Sign in.", needs_user=True)
    shown = many()
    shown = replace(shown, roles=(*waiting, signed_out, *shown.roles), trouble="No.", trouble_hint="Make room.")
    shown = replace(shown, skew=HOUR)
    assert len(menu.build(shown).items) <= 25
    assert len(menu.build(replace(shown, discovered=True)).items) <= 25


def test_a_thousand_roles_are_built_quickly():
    shown = many()
    spent = []
    for _ in range(5):
        begin = time.thread_time()
        menu.build(shown)
        spent.append(time.thread_time() - begin)
    assert min(spent) < 0.05, "4 ms of processor time; the rest is room for slow machines and coverage"


def front(model) -> list[str]:
    """The roles of the first level, from above."""
    return [item.command.name for item in entries(model.items) if isinstance(item.command, RoleChosen)]


def test_favourites_come_first_and_in_the_order_of_the_configuration():
    few = [view("a"), view("b"), view("c", favourite=True), view("d"), view("e", favourite=True)]
    assert front(menu.build(snapshot(*few))) == ["c", "e", "a", "b", "d"]
    many_off = [off(f"off-{n:03}") for n in range(300)]
    shown = snapshot(*many_off, *few)
    assert front(menu.build(shown)) == ["c", "e", "off-000", "off-001", "off-002", "off-003", "a", "b", "d"]


def test_roles_used_last_come_next_where_not_all_have_room():
    names = [f"r{n:02}" for n in range(menu.FRONT + 20)]
    roles = {name: off(name) for name in names}
    roles["r20"] = off("r20", favourite=True)
    roles["r28"] = off("r28", recent=0)
    roles["r11"] = off("r11", recent=1, is_default=True)
    roles["r25"] = view("r25", Status.FAILED, error="No.", needs_user=True)
    model = menu.build(snapshot(*roles.values()))
    assert front(model) == ["r20", "r28", "r11", "r00", "r01", "r02", "r03", "r04", "r25"]
    details = [item.label for item in entries(find(model, "Manage roles").children)]
    assert details[: menu.FRONT] == front(model), "the submenus stand in the same order"


def test_the_use_of_a_role_moves_none_while_all_have_room():
    """prod must not come to stand where dev was a moment ago."""
    roles = [view("dev", recent=1), view("qa"), view("prod", recent=0)]
    assert front(menu.build(snapshot(*roles))) == ["dev", "qa", "prod"]


def test_favourites_that_find_no_room_lead_the_rest():
    roles = [*(view(f"bad-{n}", Status.FAILED, error="No.", needs_user=True) for n in range(menu.FRONT))]
    model = menu.build(snapshot(*roles, off("a"), off("b"), off("c", favourite=True)))
    assert [item.label for item in find(model, "More roles").children] == ["c", "a", "b"]


def test_roles_are_folded_by_group_before_account():
    crowd = [view(f"kept-{n}") for n in range(menu.FRONT)]
    model = menu.build(snapshot(*crowd, off("a", group="Payments", account_id="1"), off("b", account_id="2"), off("c")))
    assert [item.label for item in find(model, "More roles").children] == ["Payments (1)", "2 (1)", "Other (1)"]
    assert find(model, "More roles", "Payments", "a").command == RoleChosen(RoleName("a"))


def test_one_group_needs_no_heading_and_folds_are_named_by_their_ends():
    model = menu.build(snapshot(*(off(f"r{n:03}", account_id="1") for n in range(menu.FRONT + 45))))
    assert [item.label for item in find(model, "More roles").children] == [
        "r009 to r028",
        "r029 to r048",
        "r049 to r053",
    ]


def test_folds_that_are_too_many_are_folded_again():
    model = menu.build(snapshot(*(off(f"r{n:03}", account_id="1") for n in range(menu.FRONT + 441))))
    more = find(model, "More roles").children
    assert [item.label for item in more] == ["r009 to r408", "r409 to r449"]
    assert [item.label for item in more[1].children] == ["r409 to r428", "r429 to r448", "r449"]


def test_a_role_beyond_the_first_level_has_its_submenu_and_one_far_beyond_can_be_kept():
    crowd = [view(f"kept-{n:02}") for n in range(menu.DETAILED)]
    model = menu.build(snapshot(*crowd, off("far")))
    assert find(model, "Manage roles", f"More roles ({menu.DETAILED - menu.FRONT})")
    beyond = find(model, "Manage roles", "More roles", "kept-09 to", "kept-12", "Refresh now")
    assert beyond.command == RefreshAsked((RoleName("kept-12"),))
    entry = find(model, "Manage roles", "Keep another", "far")
    assert (entry.command, entry.checked) == (RoleSwitched(RoleName("far"), on=True), False)


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


@settings(deadline=None)  # a busy machine is no fault of the menu
@given(st.lists(VIEWS, max_size=70, unique_by=lambda v: v.name), st.booleans())
def test_any_menu_holds_every_role_once_with_unique_keys(views, paused):
    model = menu.build(snapshot(*views, paused=paused))
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
        if isinstance(item, Entry) and item.enabled:
            assert item.label
            assert (item.command is None) == bool(item.children), item


def test_nothing_happens_on_a_click_on_the_icon_itself():
    assert not any(item.default for item in walk(menu.build(many(50)).items) if isinstance(item, Entry))


def test_keep_spans_count_from_the_snapshot():
    later = snapshot(view(), as_of=NOW + timedelta(days=1))
    entry = find(menu.build(later), "Manage roles", "dev", "Keep alive", "For 1 h")
    assert entry.command == RoleSwitched(RoleName("dev"), on=True, until=NOW + timedelta(days=1, hours=1))


def test_roles_that_wait_for_an_mfa_code_have_one_line_for_each_device():
    phone, tablet = "arn:aws:iam::1:mfa/phone", "arn:aws:iam::1:mfa/tablet"
    needy = [
        view(name, Status.FAILED, mfa_device=device) for name, device in (("a", phone), ("b", phone), ("c", tablet))
    ]
    model = menu.build(snapshot(view("dev"), *needy))
    lines = [entry for entry in entries(model.items) if entry.label.startswith("Enter MFA code")]
    assert [line.label for line in lines] == ["Enter MFA code for phone…", "Enter MFA code for tablet…"]
    assert [line.command for line in lines] == [
        RoleCommand(UiCommand.ENTER_CODE, RoleName(name)) for name in ("a", "c")
    ]
    assert find(model, "Manage roles", "b", "Enter MFA code").command == RoleCommand(
        UiCommand.ENTER_CODE, RoleName("b")
    )
    assert len({line.key for line in lines}) == 2


def test_two_devices_of_one_name_are_told_apart_by_their_accounts():
    serials = ["arn:aws:iam::111122223333:mfa/jane", "arn:aws:iam::444455556666:mfa/jane", "GAHT12345678"]
    model = menu.build(snapshot(*(view(f"r{n}", mfa_device=serial) for n, serial in enumerate(serials))))
    assert [entry.label for entry in entries(model.items) if entry.label.startswith("Enter")] == [
        "Enter MFA code for jane in 111122223333…",
        "Enter MFA code for jane in 444455556666…",
        "Enter MFA code for GAHT12345678…",
    ]


def test_no_line_for_a_code_where_none_is_needed_or_none_can_be_entered():
    for shown, can in (
        (snapshot(view("dev")), menu.EVERYTHING),
        (snapshot(view("dev", Status.FAILED, mfa_device="x")), {UiCommand.QUIT}),
    ):
        model = menu.build(shown, can=can)
        assert not [item for item in walk(model.items) if isinstance(item, Entry) and "MFA" in item.label]


def test_many_devices_do_not_flood_the_menu():
    needy = [view(f"r{n}", Status.FAILED, mfa_device=f"device/{n}") for n in range(9)]
    lines = [entry for entry in entries(menu.build(snapshot(*needy)).items) if entry.label.startswith("Enter MFA code")]
    assert len(lines) == menu.NOTES


def test_labels_hold_no_symbols_that_a_screen_reader_reads_out():
    shown = replace(many(60), skew=HOUR, trouble="No.", trouble_hint="Make room.", next_refresh_at=NOW + MINUTE)
    shown = replace(shown, roles=(*shown.roles, view("x", mfa_device="d", error="Code."), view("y", sign_in="corp")))
    labels_ = [item.label for item in walk(menu.build(shown, UTC).items) if isinstance(item, Entry)]
    assert len(labels_) > 200
    strange = {c for label in labels_ for c in label if not c.isalnum() and c not in " .,:()-—…'~/"}
    assert strange == set()


def test_what_is_to_know_of_a_session_stands_in_the_role_s_own_menu():
    noted = view(note="Its sessions last one hour, not 4 h: AWS allows no more from a temporary source.")
    labels = " ".join(item.label for item in walk(menu.build(snapshot(noted), UTC).items) if isinstance(item, Entry))
    assert "Its sessions last one hour, not 4 h" in labels
