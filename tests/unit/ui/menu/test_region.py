"""The region of a role in its submenu: one is checked, a click chooses, and what is in the way is said."""

from __future__ import annotations

from tests.support.builders import NOW
from traycreds.core.events import RegionChosen
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import regions
from traycreds.ui.menu import region
from traycreds.ui.menu.item import Entry, Separator
from traycreds.ui.menu.model import build


def view(name="dev", **changes) -> RoleView:
    return RoleView(name=RoleName(name), profile=ProfileName(f"{name}-session"), status=Status.OFF, **changes)


def of_default(*roles: RoleView) -> Entry:
    """The line in the menu of these roles, the first of which is the default."""
    shown = Snapshot(as_of=NOW, roles=(replace(roles[0], is_default=True), *roles[1:]))
    return next(item for item in build(shown).items if isinstance(item, Entry) and item.key == "region")


def checked(entry: Entry) -> list[str]:
    return [item.label for item in entry.children if isinstance(item, Entry) and item.checked]


def test_the_configured_one_is_checked_and_each_other_one_is_a_click_away():
    entry = of_default(view(region="eu-west-1", configured_region="eu-west-1"))
    assert (entry.label, checked(entry)) == ("Region: eu-west-1", ["As configured (eu-west-1)"])
    offered = {item.label: item for item in entry.children}
    assert offered["us-east-1"].command == RegionChosen("dev", "us-east-1")
    assert offered["As configured (eu-west-1)"].command == RegionChosen("dev", None)
    assert "eu-west-1" not in offered, "it is there once"
    assert all(item.radio for item in offered.values())
    assert set(offered) == {*regions.COMMON["aws"], "As configured (eu-west-1)"} - {"eu-west-1"}


def test_a_chosen_region_is_checked_even_if_it_is_uncommon():
    entry = region.entry(view(region="me-south-1", configured_region=None), ())
    assert (entry.label, checked(entry)) == ("Region: me-south-1", ["me-south-1"])
    assert next(item.label for item in entry.children) == "As configured (none)"


def test_a_role_without_one_says_so():
    entry = region.entry(view(), ())
    assert (entry.label, checked(entry)) == ("Region: none", ["As configured (none)"])


def test_regions_of_other_roles_are_offered_too():
    others = view("other", region="af-south-1", kept=True), view("gov", region="us-gov-west-1", partition="aws-us-gov")
    entries = {"dev": of_default(view(kept=True), *others), "gov": of_default(others[1], others[0])}
    assert "af-south-1" in [item.label for item in entries["dev"].children]
    assert "us-gov-west-1" not in [item.label for item in entries["dev"].children]
    assert [item.label for item in entries["gov"].children] == [
        "As configured (none)",
        "us-gov-east-1",
        "us-gov-west-1",
    ]


def test_what_blocks_it_is_shown_above_the_list():
    note = (
        "The region of profile dev-session is eu-west-3, not eu-west-1: traycreds did not write /home/me/.aws/config, line 5. "
        * 2
    )
    entry = region.entry(view(region="eu-west-1", region_note=note.strip()), ())
    lines = entry.children[: entry.children.index(Separator())]
    assert " ".join(line.label for line in lines) == note.strip()
    assert not any(line.enabled for line in lines)
