"""The menu as a value: Snapshot in, MenuModel out.

Pure. Never draws, never talks to a tray, reads no clock: every entry carries the event or command that a click posts.
A menu of a thousand roles stays short: the first level holds the roles that matter most, the rest is folded into
submenus by group or account.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from traycreds.core.messages import Event, Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import RoleView, Snapshot, Status
from traycreds.ui import wording

FRONT = 12
"""Roles on the first level; with the lines around them a menu stays under 25 entries, one screen on a laptop."""
FOLD = 20
"""Entries of one folded submenu."""
KEEP_SPANS = (timedelta(hours=1), timedelta(hours=4))
"""What "Keep alive" offers beside "off" and "until I stop" (issue 6)."""


class UiCommand(enum.Enum):
    """What the user can ask of the program itself, rather than of the engine."""

    OPEN_CONFIG = "open_config"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Separator:
    """A line between entries."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu.

    Attributes:
        key: what the line is about, unique among its siblings; it stays when the label changes, so that a click on an
            open menu never hits another line.
        label: plain text; back ends escape it.
        command: what a click posts; None for a line that only informs or that opens `children`.
        enabled: whether it can be clicked.
        checked: None for a line without a mark.
        radio: the mark is a radio button.
        default: a click on the icon itself does this.
        children: a submenu.
    """

    key: str
    label: str
    command: Event | UiCommand | None = None
    enabled: bool = True
    checked: bool | None = None
    radio: bool = False
    default: bool = False
    children: tuple[Item, ...] = ()


Item: TypeAlias = "Separator | Entry"


@dataclass(frozen=True, slots=True)
class MenuModel:
    """The whole menu."""

    items: tuple[Item, ...]


def build(snapshot: Snapshot, zone: tzinfo | None = None) -> MenuModel:
    """The menu for a snapshot; clock times are in `zone`, None being the machine's own."""
    front, rest = _split(snapshot)
    items: list[Item] = [_info("state", wording.overall(snapshot))]
    if snapshot.trouble_hint is not None:
        items.append(_info("hint", wording.end_cut(snapshot.trouble_hint, wording.REASON_WIDTH)))
    items.append(Separator())
    items += [_choice(view, snapshot.as_of) for view in front]
    if rest:
        items.append(
            Entry("more", f"More roles ({len(rest)})", children=_grouped(rest, lambda v: _choice(v, snapshot.as_of)))
        )
    if front:
        items += [Separator(), Entry("manage", "Manage roles", children=_manage(snapshot, front, rest, zone))]
        items.append(Entry("refresh", "Refresh all", RefreshAsked()))
        items.append(
            Entry("pause", "Resume renewing" if snapshot.paused else "Pause renewing", Paused(not snapshot.paused))
        )
        items.append(Separator())
    items.append(Entry("config", "Open configuration", UiCommand.OPEN_CONFIG))
    items.append(Entry("quit", f"Quit {wording.PRODUCT}", UiCommand.QUIT))
    return MenuModel(tuple(items))


def _info(key: str, label: str) -> Entry:
    return Entry(key, label, enabled=False)


def _split(snapshot: Snapshot) -> tuple[list[RoleView], list[RoleView]]:
    """The roles that matter most, in the order of the configuration, and all others."""
    if len(snapshot.roles) <= FRONT:
        return list(snapshot.roles), []
    ranked = sorted(range(len(snapshot.roles)), key=lambda index: _rank(snapshot.roles[index]))
    chosen = set(ranked[:FRONT])
    front = [view for index, view in enumerate(snapshot.roles) if index in chosen]
    return front, [view for index, view in enumerate(snapshot.roles) if index not in chosen]


def _rank(view: RoleView) -> int:
    if view.is_default:
        return 0
    if view.needs_user or view.status is Status.FAILED or (view.kept and view.status is Status.EXPIRED):
        return 1
    if view.kept:
        return 2
    return 4 if view.status is Status.OFF else 3


def _choice(view: RoleView, as_of: datetime) -> Entry:
    """A click makes the role the default profile."""
    return Entry(
        f"role:{view.name}", wording.role_label(view, as_of), RoleChosen(view.name), checked=view.is_default, radio=True
    )


def _manage(snapshot: Snapshot, front: list[RoleView], rest: list[RoleView], zone: tzinfo | None) -> tuple[Item, ...]:
    items: list[Item] = [_details(view, snapshot.as_of, zone) for view in front]
    if rest:
        items += [Separator(), Entry("keep-more", "Keep another role alive", children=_grouped(rest, _keep_switch))]
    return tuple(items)


def _keep_switch(view: RoleView) -> Entry:
    return Entry(
        f"keep:{view.name}", wording.middle_cut(view.name), RoleSwitched(view.name, not view.kept), checked=view.kept
    )


def _details(view: RoleView, as_of: datetime, zone: tzinfo | None) -> Entry:
    """The submenu of one role."""
    lines: list[Item] = [_info("state", wording.state_line(view, as_of, zone))]
    lines += [
        _info(key, wording.end_cut(text, wording.REASON_WIDTH + 16))
        for key, text in (("error", view.error), ("hint", view.hint))
        if text is not None
    ]
    lines += [
        Separator(),
        Entry("default", "Use as default", RoleChosen(None if view.is_default else view.name), checked=view.is_default),
        Entry("keep", wording.keep_label(view, zone), children=_keep_choices(view, as_of)),
        Entry("refresh", "Refresh now", RefreshAsked((view.name,))),
    ]
    return Entry(f"role:{view.name}", wording.middle_cut(view.name), children=tuple(lines))


def _keep_choices(view: RoleView, as_of: datetime) -> tuple[Item, ...]:
    current = _keep_span(view, as_of)

    def choice(key: str, label: str, command: RoleSwitched, *, checked: bool) -> Entry:
        return Entry(key, label, command, checked=checked, radio=True)

    return (
        choice("off", "Off", RoleSwitched(view.name, on=False), checked=not view.kept),
        *(
            choice(
                f"{span}",
                f"For {wording.amount(span)}",
                RoleSwitched(view.name, on=True, until=as_of + span),
                checked=span == current,
            )
            for span in KEEP_SPANS
        ),
        choice("on", "Until I stop", RoleSwitched(view.name, on=True), checked=view.kept and view.keep_until is None),
    )


def _keep_span(view: RoleView, as_of: datetime) -> timedelta | None:
    """The offered span that was chosen, as far as what is left of it tells."""
    if not view.kept or view.keep_until is None:
        return None
    left = view.keep_until - as_of
    return next((span for span in KEEP_SPANS if left <= span), KEEP_SPANS[-1])


def _grouped(views: Iterable[RoleView], entry: Callable[[RoleView], Entry]) -> tuple[Item, ...]:
    """Folded by group or account; one group needs no heading."""
    groups: dict[str, list[Entry]] = {}
    for view in views:
        groups.setdefault(view.group or view.account_id or "Other", []).append(entry(view))
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
