from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import HOUR, MINUTE, NOW
from traycreds.core.messages import Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName, RoleView, Snapshot, Status
from traycreds.ui import menu
from traycreds.ui.menu import Entry, Separator, UiCommand

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


def test_without_roles_there_is_only_the_configuration_to_open():
    assert [item.label for item in entries(menu.build(snapshot()).items)] == [
        "No roles configured",
        "Open configuration",
        "Quit traycreds",
    ]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (("Refresh all",), RefreshAsked()),
        (("Pause",), Paused(on=True)),
        (("Open configuration",), UiCommand.OPEN_CONFIG),
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
    ],
)
def test_commands(path, command):
    assert find(menu.build(snapshot(view())), *path).command == command


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


def test_the_submenu_tells_the_last_error_whole_with_its_hint():
    bad = view(error="AWS refused the role.", hint="Ask for sts:AssumeRole.", needs_user=True)
    labels = [item.label for item in entries(find(menu.build(snapshot(bad), UTC), "Manage roles", "dev").children)]
    assert labels[:3] == ["Fresh, 43 min left, until 12:43", "AWS refused the role.", "Ask for sts:AssumeRole."]


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
    assert find(model, "More roles (988)")
    assert all(len(entry.children) <= 25 for entry in walk(model.items) if isinstance(entry, Entry))


def test_a_thousand_roles_are_built_quickly():
    shown = many()
    spent = []
    for _ in range(5):
        begin = time.thread_time()
        menu.build(shown)
        spent.append(time.thread_time() - begin)
    assert min(spent) < 0.05, "about 6 ms of processor time; the rest is room for slow machines and coverage"


def test_roles_are_folded_by_group_before_account():
    crowd = [view(f"kept-{n}") for n in range(menu.FRONT)]
    model = menu.build(snapshot(*crowd, off("a", group="Payments", account_id="1"), off("b", account_id="2"), off("c")))
    assert [item.label for item in find(model, "More roles").children] == ["Payments (1)", "2 (1)", "Other (1)"]
    assert find(model, "More roles", "Payments", "a").command == RoleChosen(RoleName("a"))


def test_one_group_needs_no_heading_and_folds_are_named_by_their_ends():
    model = menu.build(snapshot(*(off(f"r{n:03}", account_id="1") for n in range(menu.FRONT + 45))))
    assert [item.label for item in find(model, "More roles").children] == [
        "r012 to r031",
        "r032 to r051",
        "r052 to r056",
    ]


def test_folds_that_are_too_many_are_folded_again():
    model = menu.build(snapshot(*(off(f"r{n:03}", account_id="1") for n in range(menu.FRONT + 441))))
    more = find(model, "More roles").children
    assert [item.label for item in more] == ["r012 to r411", "r412 to r452"]
    assert [item.label for item in more[1].children] == ["r412 to r431", "r432 to r451", "r452"]


def test_a_role_beyond_the_first_level_can_be_kept_too():
    crowd = [view(f"kept-{n}") for n in range(menu.FRONT)]
    model = menu.build(snapshot(*crowd, off("far")))
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
