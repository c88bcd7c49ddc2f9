"""Submenus for roles that do not fit on the first level, by group. Pure.

They hold no submenus: hosts unfold a second one in place, or make a person aim at a third.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from traycreds.core import text
from traycreds.core.snapshot import RoleView
from traycreds.ui.menu.item import Entry, Item, info

FULL = 25
"""Roles of one submenu, as long as `SUBMENUS` of them suffice."""
SUBMENUS = 5


def group(view: RoleView) -> str:
    """The heading of a role."""
    return view.group or view.account_id or "Other"


def submenus(count: int) -> int:
    """How many submenus this many roles take; only the number counts, so that none moves from day to day."""
    return min(SUBMENUS, -(-count // FULL))


def lines(views: Iterable[RoleView], entry: Callable[[RoleView], Entry], *, among: Iterable[RoleView]) -> list[Item]:
    """The submenus of these roles; `among` has all roles as configured, for a stable order of groups."""
    all_groups: dict[str, list[RoleView]] = {group(view): [] for view in among}
    for view in views:
        all_groups[group(view)].append(view)
    groups = {name: members for name, members in all_groups.items() if members}
    placed = [view for members in groups.values() for view in members]
    if not placed:
        return []
    number = submenus(len(placed))
    if 1 < len(groups) <= number:
        return [_submenu(name, members, entry) for name, members in groups.items()]
    if number == 1:
        return [_submenu("More roles", placed, entry)]
    ends = [len(placed) * part // number for part in range(number + 1)]
    parts = [placed[begin:end] for begin, end in itertools.pairwise(ends)]
    return [_submenu(_from_to(part, grouped=len(groups) > 1), part, entry) for part in parts]


def _submenu(label: str, views: list[RoleView], entry: Callable[[RoleView], Entry]) -> Entry:
    children: list[Item] = []
    several = len({group(view) for view in views}) > 1
    for name, members in itertools.groupby(views, key=group):
        children += [info(f"group:{name}", text.middle_cut(name))] if several else []
        children += map(entry, members)
    return Entry(f"roles:{label}", f"{text.middle_cut(label, 52)} ({len(views)})", children=tuple(children))


def _from_to(views: list[RoleView], *, grouped: bool) -> str:
    first, last = (group(view) if grouped else view.name for view in (views[0], views[-1]))
    # One group may take several submenus.
    if first == last:
        return f"{text.middle_cut(first, 16)}: {_from_to(views, grouped=False)}"
    return f"{text.middle_cut(first, 16)} to {text.middle_cut(last, 16)}"
