"""The menu as a value: Snapshot in, MenuModel out.

Pure. Never draws, never talks to a tray, reads no clock: every entry carries the event or command that a click posts.
A menu of a thousand roles stays short: the first level holds the roles that matter most (favourites and those used last
among them), the rest is folded into submenus by group or account.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from traycreds import __version__
from traycreds.core.commands import EVERYTHING, RoleCommand
from traycreds.core.commands import UiCommand as UiCommand  # noqa: PLC0414 - part of this module's face
from traycreds.core.messages import Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import rolemenu, wording
from traycreds.ui.item import Entry as Entry  # noqa: PLC0414
from traycreds.ui.item import Item as Item  # noqa: PLC0414
from traycreds.ui.item import Separator as Separator  # noqa: PLC0414
from traycreds.ui.item import info

FRONT = 9
"""Roles on the first level; with the lines around them a menu has at most 25 entries, one screen on a laptop."""
FOLD = 20
"""Entries of one folded submenu."""
DETAILED = 40
"""Roles that have a submenu of their own: those that matter most. A thousand of them would make the host slow."""

_WITHOUT_TEAM = EVERYTHING - {UiCommand.REVIEW_TEAM, UiCommand.ACCEPT_TEAM, UiCommand.ALLOW_TEAM}
"""What is of use where no file of a team is included."""
NOTES = 3
"""Lines about the clock, the sign-in and MFA devices; what finds no room here is in the roles' submenus too."""


@dataclass(frozen=True, slots=True)
class MenuModel:
    """The whole menu."""

    items: tuple[Item, ...]


def build(snapshot: Snapshot, zone: tzinfo | None = None, can: Collection[UiCommand] = EVERYTHING) -> MenuModel:
    """The menu for a snapshot.

    Args:
        snapshot: what to show.
        zone: for clock times; None is the machine's own.
        can: what the program is able to do here; nothing else is offered.
    """
    ranked = _ranked(snapshot)
    front, rest = ranked[:FRONT], ranked[FRONT:]
    items: list[Item] = [info("state", wording.overall(snapshot))]
    if snapshot.trouble_hint is not None:
        items.append(info("hint", wording.end_cut(snapshot.trouble_hint, wording.REASON_WIDTH)))
    clock = [info("clock", wording.clock_off(snapshot.skew))] if snapshot.skew else []
    items += [
        *[*clock, *_codes(snapshot, can)][: NOTES - snapshot.discovered],  # a first run has a line more below
        Separator(),
        *_choices(_in_order(snapshot, front), snapshot.as_of),
    ]
    if rest:
        others = _in_order(snapshot, rest)
        items.append(
            Entry("more", f"More roles ({len(rest)})", children=_grouped(others, lambda v: _choice(v, snapshot.as_of)))
        )
    if front:
        items += [Separator(), Entry("manage", "Manage roles", children=_manage(snapshot, ranked, zone, can))]
        items.append(Entry("refresh", "Refresh all", RefreshAsked()))
        items.append(
            Entry("pause", "Resume renewing" if snapshot.paused else "Pause renewing", Paused(not snapshot.paused))
        )
        items.append(Separator())
    of_use = EVERYTHING if snapshot.includes else _WITHOUT_TEAM
    return MenuModel((*items, *_program(of_use.intersection(can), first=snapshot.discovered)))


def _codes(snapshot: Snapshot, can: Collection[UiCommand]) -> list[Item]:
    """A line for each sign-in, and for each MFA device, that roles wait for: one is for all roles behind it."""
    sign_ins: dict[str, RoleName] = {}
    devices: dict[str, RoleName] = {}
    for view in snapshot.roles:
        if view.sign_in is not None and UiCommand.SIGN_IN in can:
            sign_ins.setdefault(view.sign_in, view.name)
        if view.mfa_device is not None and UiCommand.ENTER_CODE in can:
            devices.setdefault(view.mfa_device, view.name)
    return [
        *(
            Entry(f"sign-in:{session}", wording.sign_in_label(session), RoleCommand(UiCommand.SIGN_IN, name))
            for session, name in sign_ins.items()
        ),
        *(
            Entry(f"code:{device}", wording.code_label(device, devices), RoleCommand(UiCommand.ENTER_CODE, name))
            for device, name in devices.items()
        ),
    ]


def _program(can: Collection[UiCommand], *, first: bool) -> list[Item]:
    """The lines about the program itself; in a `first` run, without any configured role, those that begin stand out."""
    take_in = (UiCommand.IMPORT_ROLES, "Import roles from ~/.aws/config" if first else "Import roles")
    configuration = _offered(
        can,
        (UiCommand.OPEN_CONFIG, "Begin a configuration file" if first else "Open configuration"),
        (UiCommand.CHECK_CONFIG, "Check configuration"),
        *(() if first else (take_in,)),
        (UiCommand.REVIEW_TEAM, "Review team roles…"),
        (UiCommand.ACCEPT_TEAM, "Accept reviewed team roles"),  # where notices have no buttons
        (UiCommand.ALLOW_TEAM, "Allow reviewed team programs"),
    )
    lines: list[Item] = list(_offered(can, take_in)) if first else []
    if configuration:
        lines.append(Entry("config", "Configuration", children=configuration))
    about = f"About {wording.PRODUCT} {__version__}"
    quit_ = f"Quit {wording.PRODUCT}"
    return [*lines, *_offered(can, (UiCommand.OPEN_LOG, "Open log"), (UiCommand.ABOUT, about), (UiCommand.QUIT, quit_))]


def _offered(can: Collection[UiCommand], *lines: tuple[UiCommand, str]) -> tuple[Entry, ...]:
    return tuple(Entry(command.value, label, command) for command, label in lines if command in can)


def _ranked(snapshot: Snapshot) -> list[int]:
    """Places of the roles in the snapshot, those that matter most first; as configured where they matter alike."""
    return sorted(range(len(snapshot.roles)), key=lambda place: _rank(snapshot.roles[place]))


def _in_order(snapshot: Snapshot, places: list[int]) -> list[RoleView]:
    """The roles at these places as they are shown: favourites, then those used last, then as configured.

    Where all roles fit on the first level, the use of one moves none: what is not to be mistaken must stay in place.
    """
    roles, crowded = snapshot.roles, len(snapshot.roles) > FRONT

    def order(place: int) -> tuple[bool, float, int]:
        view = roles[place]
        used = view.recent if crowded and view.recent is not None else math.inf
        return not view.favourite, used, place

    return [roles[place] for place in sorted(places, key=order)]


def _rank(view: RoleView) -> float:
    """How much a role belongs on the first level; the least number comes first."""
    if view.is_default:
        return 0
    if view.needs_user or view.status is Status.FAILED or (view.kept and view.status is Status.EXPIRED):
        return 1
    if view.favourite:
        return 2
    if view.recent is not None:
        return 3 + view.recent / 100
    if view.kept:
        return 4
    return 6 if view.status is Status.OFF else 5


def _choices(views: list[RoleView], as_of: datetime) -> list[Item]:
    """The radio group, under headings if there are several groups and room for their names."""
    groups: dict[str, list[Item]] = {}
    for view in views:
        groups.setdefault(_group(view), []).append(_choice(view, as_of))
    if not 1 < len(groups) < len(views) or len(groups) + len(views) > FRONT:
        return [_choice(view, as_of) for view in views]
    lines: list[Item] = []
    for name, members in groups.items():
        lines += [info(f"group:{name}", wording.middle_cut(name)), *members]
    return lines


def _choice(view: RoleView, as_of: datetime) -> Entry:
    """A click makes the role the default profile."""
    key, click = _choosing(view.name)
    return Entry(key, wording.role_label(view, as_of), click, checked=view.is_default, radio=True)


@functools.lru_cache(maxsize=4096)
def _choosing(name: RoleName) -> tuple[str, RoleChosen]:
    """What of the line time does not change."""
    return f"role:{name}", RoleChosen(name)


def _manage(snapshot: Snapshot, ranked: list[int], zone: tzinfo | None, can: Collection[UiCommand]) -> tuple[Item, ...]:
    front, middle, rest = (
        _in_order(snapshot, part) for part in (ranked[:FRONT], ranked[FRONT:DETAILED], ranked[DETAILED:])
    )

    regions = frozenset(view.region for view in snapshot.roles if view.region is not None)

    def details(view: RoleView) -> Entry:
        return rolemenu.details(view, snapshot.as_of, zone, can, regions)

    items: list[Item] = [details(view) for view in front]
    if middle:
        items += [Separator(), Entry("more", f"More roles ({len(middle)})", children=_grouped(middle, details))]
    if rest:
        items.append(
            Entry(
                "keep-more", "Keep another role alive", children=_grouped(rest, lambda v: _keep_switch(v.name, v.kept))
            )
        )
    return tuple(items)


@functools.lru_cache(maxsize=4096)
def _keep_switch(name: RoleName, kept: bool) -> Entry:
    """Says nothing that time changes, so a menu of a thousand roles need not make a thousand of them each minute."""
    return Entry(f"keep:{name}", wording.middle_cut(name), RoleSwitched(name, not kept), checked=kept)


def _group(view: RoleView) -> str:
    return view.group or view.account_id or "Other"


def _grouped(views: Iterable[RoleView], entry: Callable[[RoleView], Entry]) -> tuple[Item, ...]:
    """Folded by group or account; one group needs no heading."""
    groups: dict[str, list[Entry]] = {}
    for view in views:
        groups.setdefault(_group(view), []).append(entry(view))
    if len(groups) == 1:
        return _folded(next(iter(groups.values())))
    headings = [
        Entry(f"group:{name}", f"{wording.middle_cut(name)} ({len(entries)})", children=_folded(entries))
        for name, entries in groups.items()
    ]
    return _folded(headings)


def _folded(entries: list[Entry]) -> tuple[Item, ...]:
    """At most `FOLD` entries on each level, the rest in submenus named by their first and last entry."""
    while len(entries) > FOLD:
        entries = [_fold(entries[start : start + FOLD]) for start in range(0, len(entries), FOLD)]
    return tuple(entries)


def _fold(part: list[Entry]) -> Entry:
    if len(part) == 1:
        return part[0]
    first, last = _edge(part[0], 0), _edge(part[-1], -1)
    return Entry(
        f"fold:{part[0].key}",
        f"{wording.middle_cut(first, 24)} to {wording.middle_cut(last, 24)}",
        children=tuple(part),
    )


def _edge(entry: Entry, index: int) -> str:
    """The name of the first or last thing within an entry."""
    while entry.key.startswith("fold:"):
        inner = entry.children[index]
        assert isinstance(inner, Entry), "a fold holds entries only"
        entry = inner
    return entry.key.partition(":")[2]
