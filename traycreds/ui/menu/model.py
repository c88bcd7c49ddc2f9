"""The menu as a value: Snapshot in, MenuModel out. Pure; every entry carries the event or command that a click posts.

It has two levels at most. With many roles, the first has favourites and the last used; the rest are in submenus by
group or account, and rare things under Settings.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection
from datetime import datetime, tzinfo

from traycreds import __version__
from traycreds.core import text
from traycreds.core.events import Paused, RefreshAsked, RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status, Surroundings
from traycreds.core.ui_commands import EVERYTHING, RoleCommand, UiCommand
from traycreds.core.value_class import value_class
from traycreds.ui.menu import default_profile, labels, role_submenus, trouble
from traycreds.ui.menu.item import Entry, Item, Separator, info

FRONT = 9
"""Roles on the first level; of more, they and the submenus of the others take one line more, and what finds one takes
another. With the lines around them a menu has at most 25, one screen on a laptop, and in trouble some more."""
MORE = 20
"""How many roles "More actions" offers something for: the most important ones."""
NOTES = 3
"""Lines about sign-ins, MFA devices, the file, the default profile and the clock."""

HEADING = "Default profile: click a role to switch"
_NEW_ROLE, _FIND_ROLE = (UiCommand.NEW_ROLE, "Add role…"), (UiCommand.FIND_ROLE, "Find role…")
_IN_TERMINAL = {
    UiCommand.NEW_ROLE: info("add in terminal", "To add a role, run traycreds add"),
    UiCommand.FIND_ROLE: info("find in terminal", "To find a role, run traycreds pick"),
}
"""What takes the place of a line whose window cannot be shown."""
_NOTHING_AROUND = Surroundings()
_WITHOUT_TEAM = EVERYTHING - {UiCommand.REVIEW_TEAM, UiCommand.ACCEPT_TEAM, UiCommand.ALLOW_TEAM}
"""Commands that work without an included team file."""


@value_class
class MenuModel:
    """The whole menu."""

    items: tuple[Item, ...]


def build(
    snapshot: Snapshot,
    zone: tzinfo | None = None,
    can: Collection[UiCommand] = EVERYTHING,
    around: Surroundings = _NOTHING_AROUND,
) -> MenuModel:
    """The menu for a snapshot; it offers only what the program `can` do here."""
    ranked = _ranked(snapshot)
    size = on_first_level(len(ranked))
    front, rest = _in_order(snapshot, ranked[:size]), _in_order(snapshot, ranked[size:])
    blocks: list[list[Item]] = [
        [
            info("state", labels.overall(snapshot)),
            *trouble.answer(around.answer),
            *_notes(snapshot, around, can),
            *_trouble(snapshot, ranked, zone),
        ]
    ]
    if front:
        heading = info("heading", HEADING)
        others = role_submenus.lines(rest, lambda view: _choice(view, snapshot.as_of), among=snapshot.roles)
        blocks.append([heading, *_choices(front, snapshot.as_of, size), *others, *_find(len(ranked), can, around)])
        blocks.append(default_profile.actions(snapshot, _in_order(snapshot, ranked[:MORE]), zone, can))
    of_use = EVERYTHING if snapshot.includes else _WITHOUT_TEAM
    blocks.append(_program(snapshot, of_use.intersection(can), around))
    return MenuModel(tuple(item for block in blocks if block for item in (Separator(), *block))[1:])


def on_first_level(count: int) -> int:
    """How many of the roles are on the first level. It depends only on their number, so none moves."""
    if count <= FRONT:
        return FRONT
    sizes = (FRONT + 1 - submenus for submenus in range(1, role_submenus.SUBMENUS + 1))
    return next(size for size in sizes if size + role_submenus.submenus(count - size) <= FRONT + 1)


def _find(count: int, can: Collection[UiCommand], around: Surroundings) -> tuple[Entry, ...]:
    return _in_window(can, around, _FIND_ROLE) if count > FRONT else ()


def _notes(snapshot: Snapshot, around: Surroundings, can: Collection[UiCommand]) -> list[Item]:
    """What a person can do about the current state, which always fits, and what else to know."""
    # A first run has one more line below.
    size = NOTES - snapshot.discovered
    needed = _codes(snapshot, around, can)[:size]
    remedy = text.whole_remedy(snapshot.trouble_hint or "", labels.REASON_WIDTH, text.IN_STATUS)
    notes: list[Item] = [info("hint", remedy)] if remedy else []
    notes += [info(f"switch {number}", row) for number, row in enumerate(labels.switch_lines(snapshot))]
    notes += [info("clock", text.clock_off(snapshot.skew))] if snapshot.skew else []
    notes += [info("notices", around.notices)] if around.notices and around.notices_off else []
    return [*notes[: size - len(needed)], *needed, *_give_up(snapshot)]


def _give_up(snapshot: Snapshot) -> list[Item]:
    now = None if (view := snapshot.default) is None else view.name
    waiting = next((view for view in snapshot.roles if view.wanted_default and not view.is_default), None)
    if waiting is None:
        return []
    label = f"Do not switch to {text.middle_cut(waiting.name)}"
    return [Entry(f"stay:{now or ''}", label, RoleChosen(now))]


def _trouble(snapshot: Snapshot, ranked: list[int], zone: tzinfo | None) -> list[Item]:
    return trouble.entry((snapshot.roles[place] for place in ranked), snapshot.as_of, zone)


def _codes(snapshot: Snapshot, around: Surroundings, can: Collection[UiCommand]) -> list[Item]:
    """A line for each sign-in and MFA device that roles wait for; a sign-in that none waits for yet comes last."""
    sign_ins: dict[str, RoleName] = {}
    devices: dict[str, RoleName] = {}
    for view in snapshot.roles:
        if view.sign_in is not None and UiCommand.SIGN_IN in can:
            sign_ins.setdefault(view.sign_in, view.name)
        if view.mfa_device is not None and UiCommand.ENTER_CODE in can:
            devices.setdefault(view.mfa_device, view.name)
    for session, name in around.sign_ins if UiCommand.SIGN_IN in can else ():
        sign_ins.setdefault(session, name)
    return [
        *(
            Entry(f"sign-in:{session}", labels.sign_in_label(session), RoleCommand(UiCommand.SIGN_IN, name))
            for session, name in sign_ins.items()
        ),
        *(
            Entry(f"code:{device}", labels.code_label(device, devices), RoleCommand(UiCommand.ENTER_CODE, name))
            for device, name in devices.items()
        ),
    ]


def _program(snapshot: Snapshot, can: Collection[UiCommand], around: Surroundings) -> list[Item]:
    """The lines about all roles and the program; in a first run, without any configured role, an import comes first."""
    first = snapshot.discovered
    take_in = (UiCommand.IMPORT_ROLES, "Import roles from ~/.aws/config" if first else "Import roles")
    lines: list[Item] = list(_offered(can, _found(around) or take_in)) if first else []
    alone = first and not snapshot.roles
    lines += _in_window(can, around, _NEW_ROLE) if alone else ()
    if snapshot.roles:
        lines.append(Entry("refresh", "Refresh all", RefreshAsked()))
        lines.append(
            Entry("resume", "Resume refreshing", Paused(on=False))
            if snapshot.paused
            else Entry("pause", "Pause refreshing", Paused(on=True))
        )
    if around.at_login is not None:
        command = UiCommand.NOT_AT_LOGIN if around.at_login else UiCommand.START_AT_LOGIN
        lines += [entry._replace(checked=around.at_login) for entry in _offered(can, (command, "Start at login"))]
    settings = _offered(
        can,
        (UiCommand.OPEN_CONFIG, "Create a configuration file" if first else "Open configuration"),
        (UiCommand.CHECK_CONFIG, "Check configuration"),
        *(() if first else (take_in,)),
    )
    settings += () if alone else _in_window(can, around, _NEW_ROLE)
    settings += _offered(
        can,
        (UiCommand.REVIEW_TEAM, "Review team roles…"),
        # Some systems show notices without buttons, so the menu has to offer this.
        (UiCommand.ACCEPT_TEAM, "Accept reviewed team roles"),
        (UiCommand.ALLOW_TEAM, "Allow reviewed team programs"),
        (UiCommand.OPEN_LOG, "Open log"),
        (UiCommand.ABOUT, f"About {labels.PRODUCT} {__version__}"),
    )
    if settings:
        advice = () if around.notices is None or around.notices_off else (info("notices", around.notices),)
        lines.append(Entry("settings", "Settings", children=(*settings, *advice)))
    return [*lines, *_offered(can, (UiCommand.QUIT, f"Quit {labels.PRODUCT}"))]


def _found(around: Surroundings) -> tuple[UiCommand, str] | None:
    line = around.import_offer
    return None if line is None else (UiCommand.ADD_ROLES, text.end_cut(line, labels.REASON_WIDTH))


def _in_window(can: Collection[UiCommand], around: Surroundings, line: tuple[UiCommand, str]) -> tuple[Entry, ...]:
    offered = _offered(can, line)
    return (_IN_TERMINAL[line[0]],) if offered and line[0] in around.in_terminal else offered


def _offered(can: Collection[UiCommand], *lines: tuple[UiCommand, str]) -> tuple[Entry, ...]:
    return tuple(Entry(command.value, label, command) for command, label in lines if command in can)


def _ranked(snapshot: Snapshot) -> list[int]:
    return sorted(range(len(snapshot.roles)), key=lambda place: _rank(snapshot.roles[place]))


def _in_order(snapshot: Snapshot, places: list[int]) -> list[RoleView]:
    """The roles at these places: favourites, then last used, then as configured; with room for all, none moves."""
    roles, crowded = snapshot.roles, len(snapshot.roles) > FRONT

    def order(place: int) -> tuple[bool, float, int]:
        view = roles[place]
        used = view.recent if crowded and view.recent is not None else math.inf
        return not view.favourite, used, place

    return [roles[place] for place in sorted(places, key=order)]


def _rank(view: RoleView) -> float:
    if view.is_default or view.wanted_default:
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


def _choices(views: list[RoleView], as_of: datetime, size: int) -> list[Item]:
    """The radio group, under headings if there are several groups and room for their names."""
    groups: dict[str, list[Item]] = {}
    for view in views:
        groups.setdefault(role_submenus.group(view), []).append(_choice(view, as_of))
    if not 1 < len(groups) < len(views) or len(groups) + len(views) > size:
        return [_choice(view, as_of) for view in views]
    lines: list[Item] = []
    for name, members in groups.items():
        lines += [info(f"group:{name}", text.middle_cut(name)), *members]
    return lines


def _choice(view: RoleView, as_of: datetime) -> Entry:
    key, click = _choosing(view.name)
    return Entry(key, labels.role_label(view, as_of), click, checked=view.is_default, radio=True)


@functools.lru_cache(maxsize=4096)
def _choosing(name: RoleName) -> tuple[str, RoleChosen]:
    return f"role:{name}", RoleChosen(name)
