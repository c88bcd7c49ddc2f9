from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from tests.unit.ui.menu.menu_entries import UTC, entries, find, labels, off, snapshot, view, walk
from traycreds import __version__
from traycreds.core.events import Paused, RefreshAsked, RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Status, Surroundings
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.menu.item import Entry
from traycreds.ui.menu.model import EVERYTHING, FRONT, build


def test_every_role_is_a_radio_entry_that_makes_it_the_default():
    model = build(snapshot(view("dev", is_default=True), view("prod")))
    dev, prod = find(model, "dev"), find(model, "prod")
    assert (dev.command, dev.radio, dev.checked) == (RoleChosen(RoleName("dev")), True, True)
    assert (prod.command, prod.radio, prod.checked) == (RoleChosen(RoleName("prod")), True, False)


SWITCH = "dev becomes the default once you enter the code; until then prod-admin is."


def switching(**changes):
    """The user chose dev, which waits for a code, while `default` is prod-admin's."""
    waiting = view("dev", Status.FAILED, wanted_default=True, expires_at=None, kept=False)
    return snapshot(waiting, view("prod-admin", is_default=True), **{"default_switch": SWITCH, **changes})


def test_the_head_says_what_the_state_is_and_cannot_be_clicked():
    head = build(snapshot(view())).items[0]
    assert (head.label, head.enabled, head.command) == ("1 role fresh", False, None)


def test_trouble_with_the_file_shows_its_hint():
    model = build(snapshot(view(), trouble="The file is locked.", trouble_hint="Close the other program."))
    assert [item.label for item in entries(model.items)[:2]] == ["The file is locked", "Close the other program."]


@pytest.mark.parametrize(
    ("skew", "label"),
    [
        (3 * MINUTE, "This machine's clock is 3 min behind AWS's"),
        (-65 * MINUTE, "This machine's clock is 1 h 5 min ahead of AWS's"),
    ],
)
def test_a_clock_that_is_off_is_reported_in_a_line_below_the_head(skew, label):
    line = entries(build(snapshot(view(), skew=skew)).items)[1]
    assert (line.label, line.enabled, line.command) == (label, False, None)


def test_a_clock_that_is_right_takes_no_line():
    assert not any("clock" in item.label for item in entries(build(snapshot(view())).items))


def test_a_pause_can_be_ended():
    entry = find(build(snapshot(view(), paused=True)), "Resume")
    assert entry.command == Paused(on=False)


def test_only_labels_differ_a_minute_later():
    """What lets an open menu stay open: the same keys at the same places."""
    before, after = (build(snapshot(view(), off("b"), as_of=NOW + n * MINUTE)) for n in (0, 1))
    assert before != after
    assert [getattr(i, "key", None) for i in walk(before.items)] == [getattr(i, "key", None) for i in walk(after.items)]


def test_two_devices_of_one_name_differ_by_their_accounts():
    serials = ["arn:aws:iam::111122223333:mfa/jane", "arn:aws:iam::444455556666:mfa/jane", "GAHT12345678"]
    model = build(snapshot(*(view(f"r{n}", mfa_device=serial) for n, serial in enumerate(serials))))
    assert [entry.label for entry in entries(model.items) if entry.label.startswith("Enter")] == [
        "Enter MFA code for jane in 111122223333…",
        "Enter MFA code for jane in 444455556666…",
        "Enter MFA code for GAHT12345678…",
    ]


def test_no_line_for_a_code_where_none_is_needed_or_none_can_be_entered():
    for shown, can in (
        (snapshot(view("dev")), EVERYTHING),
        (snapshot(view("dev", Status.FAILED, mfa_device="x")), {UiCommand.QUIT}),
    ):
        model = build(shown, can=can)
        assert not [item for item in walk(model.items) if isinstance(item, Entry) and "MFA" in item.label]


def test_the_mark_is_on_the_default_on_file_and_a_line_says_what_the_wanted_one_waits_for():
    model = build(switching())
    assert (find(model, "dev — no session").checked, find(model, "prod-admin —").checked) == (False, True)
    rows = [item.label for item in entries(model.items)[1:3]]
    assert " ".join(rows) == SWITCH
    assert max(map(len, rows)) <= 64


@pytest.mark.parametrize(("on_file", "back"), [("prod-admin", RoleName("prod-admin")), (None, None)])
def test_a_switch_that_waits_can_be_given_up(on_file, back):
    shown = switching()
    roles = tuple(replace(each, is_default=each.name == on_file) for each in shown.roles)
    assert find(build(replace(shown, roles=roles)), "Do not switch to dev").command == RoleChosen(back)
    ended = replace(shown, roles=(replace(roles[0], wanted_default=False), *roles[1:]))
    assert not any(entry.label.startswith("Do not switch") for entry in entries(build(ended).items))


def test_the_first_level_is_a_heading_the_roles_the_default_s_actions_and_the_program():
    shown = snapshot(view("dev", is_default=True, account_id="123456789012"), off("prod"), overall=Status.FRESH)
    lines = [getattr(item, "label", "|") for item in build(shown, UTC, around=Surroundings(at_login=False)).items]
    assert " ; ".join(lines).split(" ; | ; ") == [
        "1 role fresh",
        "Default profile: click a role to switch ; dev — 43 min left ; prod",
        "dev (1234-5678-9012), until 12:43 ; Keep alive ; Open console ; Copy ; Region: none ; More actions",
        "Refresh all ; Pause refreshing ; Start at login ; Settings ; Quit traycreds",
    ]


def test_without_roles_there_is_only_the_program():
    assert [item.label for item in entries(build(snapshot()).items)] == [
        "No roles configured",
        "Settings",
        "Quit traycreds",
    ]


def test_a_first_run_offers_to_import_and_to_begin_a_configuration():
    for found in (snapshot(discovered=True), snapshot(view(), discovered=True)):
        model = build(found)
        assert find(model, "Import roles from ~/.aws/config").command is UiCommand.IMPORT_ROLES
        assert find(model, "Settings", "Create a configuration file").command is UiCommand.OPEN_CONFIG
        assert "Import roles" not in labels("Settings", of=found)
        assert not [e for e in entries(build(found, can={UiCommand.QUIT}).items) if "Import" in e.label]


def test_a_role_is_added_from_the_first_level_where_there_is_none():
    assert find(build(snapshot(discovered=True)), "Add role…").command is UiCommand.NEW_ROLE
    assert "Add role…" not in labels("Settings", of=snapshot(discovered=True))
    assert "Add role…" in labels("Settings", of=snapshot(view(), discovered=True))


def test_what_a_first_run_would_import_is_named_by_what_imports_it():
    around = Surroundings(import_offer=f"Import 2 roles: {'x' * 40} and {'y' * 40}")
    line = next(
        e for e in entries(build(snapshot(view(), discovered=True), around=around).items) if "Import" in e.label
    )
    assert (line.command, line.label[:16], len(line.label)) == (UiCommand.ADD_ROLES, "Import 2 roles: ", 64)
    assert not [e for e in entries(build(snapshot(view()), around=around).items) if "Import" in e.label]


def test_team_roles_are_mentioned_only_where_a_file_is_included():
    own, last = (
        ["Open configuration", "Check configuration", "Import roles", "Add role…"],
        ["Open log", f"About traycreds {__version__}"],
    )
    assert labels("Settings", of=snapshot(view())) == [*own, *last]
    assert labels("Settings", of=snapshot(view(), includes=True)) == [
        *own,
        "Review team roles…",
        "Accept reviewed team roles",
        "Allow reviewed team programs",
        *last,
    ]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (("Refresh all",), RefreshAsked()),
        (("Pause refreshing",), Paused(on=True)),
        (("Settings", "Open configuration"), UiCommand.OPEN_CONFIG),
        (("Settings", "Check"), UiCommand.CHECK_CONFIG),
        (("Settings", "Import"), UiCommand.IMPORT_ROLES),
        (("Settings", "Add role…"), UiCommand.NEW_ROLE),
        (("Settings", "Open log"), UiCommand.OPEN_LOG),
        (("Settings", "About traycreds"), UiCommand.ABOUT),
        (("Quit",), UiCommand.QUIT),
    ],
)
def test_commands_of_the_program(path, command):
    assert find(build(snapshot(view())), *path).command == command


@pytest.mark.parametrize(("at_login", "command"), [(True, UiCommand.NOT_AT_LOGIN), (False, UiCommand.START_AT_LOGIN)])
def test_starting_at_login_is_a_mark_that_a_click_turns(at_login, command):
    entry = find(build(snapshot(view()), around=Surroundings(at_login=at_login)), "Start at login")
    assert (entry.checked, entry.command) == (at_login, command)


def test_where_nobody_knows_whether_it_starts_at_login_or_it_must_not_that_is_not_offered():
    for around, can in ((Surroundings(), EVERYTHING), (Surroundings(at_login=False), {UiCommand.QUIT})):
        lines = [entry.label for entry in entries(build(snapshot(view()), can=can, around=around).items)]
        assert "Start at login" not in lines


def test_the_top_line_says_that_notices_are_off():
    off = "Notices are off: System Settings > Notifications > traycreds"
    model = build(snapshot(view()), around=Surroundings(notices=off, notices_off=True))
    assert [entry.label for entry in entries(model.items)][:2] == ["1 role fresh", off]


def test_how_to_have_notices_seen_stands_under_settings():
    hint = "No notices? Run: traycreds doctor --notify"
    model = build(snapshot(view()), around=Surroundings(notices=hint))
    assert not find(model, "Settings", hint).enabled
    assert hint not in [entry.label for entry in entries(model.items)]


def test_only_what_works_is_offered():
    plain = frozenset({UiCommand.QUIT})
    shown = snapshot(view(account_id="123456789012", is_default=True))
    lines = [item.label for item in entries(build(shown, UTC, plain).items)]
    assert not {"Copy", "Open console", "Settings"}.intersection(lines)
    assert lines[-2:] == ["Pause refreshing", "Quit traycreds"]


def test_where_no_window_can_be_shown_the_menu_says_which_command_adds_a_role():
    around = Surroundings(in_terminal=frozenset({UiCommand.NEW_ROLE, UiCommand.FIND_ROLE}))
    for shown, path in ((snapshot(discovered=True), ()), (snapshot(view()), ("Settings",))):
        model = build(shown, around=around)
        line = find(model, *path, "To add a role")
        assert (line.label, line.enabled) == ("To add a role, run traycreds add", False)
        assert not any(item.command is UiCommand.NEW_ROLE for item in walk(model.items) if isinstance(item, Entry))
    without = build(snapshot(discovered=True), can=EVERYTHING - {UiCommand.NEW_ROLE}, around=around)
    assert not any("add a role" in item.label for item in entries(without.items)), "as in the demo"


def test_groups_are_headings_if_they_fit():
    def roles(count):
        return snapshot(*(view(f"r{n}", group=("Work", "Play")[n % 2]) for n in range(count)))

    first_level = [item.label.partition(" ")[0] for item in entries(build(roles(4)).items)]
    assert first_level[2:8] == ["Work", "r0", "r2", "Play", "r1", "r3"]
    assert not any(item.label == "Work" for item in entries(build(roles(FRONT - 1)).items))
    assert not any(item.label == "Work" for item in entries(build(roles(2)).items)), "a heading for each is noise"


def test_roles_that_wait_for_an_mfa_code_have_one_line_for_each_device():
    phone, tablet = "arn:aws:iam::1:mfa/phone", "arn:aws:iam::1:mfa/tablet"
    needy = [
        view(name, Status.FAILED, mfa_device=device) for name, device in (("a", phone), ("b", phone), ("c", tablet))
    ]
    model = build(snapshot(view("dev"), *needy))
    lines = [entry for entry in entries(model.items) if entry.label.startswith("Enter MFA code")]
    assert [line.label for line in lines] == ["Enter MFA code for phone…", "Enter MFA code for tablet…"]
    assert [line.command for line in lines] == [
        RoleCommand(UiCommand.ENTER_CODE, RoleName(name)) for name in ("a", "c")
    ]
    assert len({line.key for line in lines}) == 2


def test_what_a_person_can_do_goes_before_what_is_to_know():
    troubled = switching(trouble="No.", trouble_hint="Make room.", skew=HOUR)
    needy = replace(troubled.roles[0], mfa_device="phone", sign_in="corp")
    labels_ = [entry.label for entry in entries(build(replace(troubled, roles=(needy, *troubled.roles[1:]))).items)]
    assert labels_[:5] == [
        "No",
        "Make room.",
        "Sign in to corp…",
        "Enter MFA code for phone…",
        "Do not switch to dev",
    ]
