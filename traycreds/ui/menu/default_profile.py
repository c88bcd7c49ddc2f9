"""What can be done with the default role, and with others without a switch. Pure; offers only what `can` allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta, tzinfo

from traycreds.core import text
from traycreds.core.events import RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.ui.menu import labels, region
from traycreds.ui.menu.item import Entry, Item, Separator, info

KEEP_OFFER = "Refreshed until you switch, or always with Keep alive"
"""The menu's hint for a user's first role, because not every desktop has notices, or notices with buttons."""
KEEP_SPANS = (timedelta(hours=1), timedelta(hours=4))
"""Time spans offered for keeping a role alive (issue 6)."""
_SPANS = tuple((str(span), f"Keep alive for {text.span(span)}", span) for span in KEEP_SPANS)


def actions(
    snapshot: Snapshot, others: Iterable[RoleView], zone: tzinfo | None, can: Collection[UiCommand]
) -> list[Item]:
    """The first-level lines below the roles; "More actions" is for `others`, `zone` None is the machine's own."""
    view = snapshot.default
    lines: list[Item] = [] if view is None else _own(view, snapshot, zone, can)
    parts = [] if view is None else [_seldom(view, snapshot.as_of)]
    parts += _of_others([other for other in others if other is not view], snapshot.as_of, zone, can)
    more = [line for part in parts for line in (Separator(), *part)][1:]
    return [*lines, Entry("more", "More actions", children=tuple(more))] if more else lines


def _own(view: RoleView, snapshot: Snapshot, zone: tzinfo | None, can: Collection[UiCommand]) -> list[Item]:
    name = view.name
    lines: list[Item] = [info(f"default:{name}", labels.default_line(view, snapshot.as_of, zone))]
    lines += [info(f"offer:{name}", KEEP_OFFER)] if snapshot.keep_offered == name else []
    lines.append(_keep_switch(view, labels.keep_label(view, snapshot.as_of, zone)))
    if labels.alive(view, snapshot.as_of) and UiCommand.OPEN_CONSOLE in can:
        lines.append(_console(view, "Open console"))
    copies = _copies(view, can, alive=labels.alive(view, snapshot.as_of))
    if copies:
        lines.append(Entry("copy", "Copy", children=copies))
    in_use = frozenset(other.region for other in snapshot.roles if other.region is not None)
    return [*lines, region.entry(view, in_use)]


def _seldom(view: RoleView, as_of: datetime) -> list[Item]:
    current = _keep_span(view, as_of)

    def keep(key: str, label: str, span: timedelta) -> Entry:
        click = RoleSwitched(view.name, on=True, until=as_of + span)
        return Entry(f"{key}:{view.name}", label, click, checked=span == current)

    return [
        Entry(f"refresh:{view.name}", "Refresh now", RefreshAsked((view.name,))),
        *(keep(*span) for span in _SPANS),
        Entry("no default", "Do not use as default", RoleChosen(None)),
    ]


def _of_others(
    others: list[RoleView], as_of: datetime, zone: tzinfo | None, can: Collection[UiCommand]
) -> list[list[Item]]:
    alive = [view for view in others if labels.alive(view, as_of) and UiCommand.OPEN_CONSOLE in can]

    def part(key: str, heading: str, views: list[RoleView], line: Callable[[RoleView], Entry]) -> list[list[Item]]:
        return [[info(key, heading), *map(line, views)]] if views else []

    return [
        *part("keep", "Keep alive", others, lambda view: _keep_switch(view, labels.kept_role(view, as_of, zone))),
        *part("console", "Open console", alive, lambda view: _console(view, text.middle_cut(view.name))),
    ]


def _keep_switch(view: RoleView, label: str) -> Entry:
    click = RoleSwitched(view.name, on=not view.kept)
    return Entry(f"{'drop' if view.kept else 'keep'}:{view.name}", label, click, checked=view.kept)


def _console(view: RoleView, label: str) -> Entry:
    return Entry(f"console:{view.name}", label, RoleCommand(UiCommand.OPEN_CONSOLE, view.name))


def _copies(view: RoleView, can: Collection[UiCommand], *, alive: bool) -> tuple[Item, ...]:
    offers = (
        (UiCommand.COPY_PROFILE, "Profile name", True),
        (UiCommand.COPY_EXPORTS, "Environment variables", alive),
        (UiCommand.COPY_ACCOUNT, "Account ID", view.account_id is not None),
    )
    return tuple(
        Entry(f"{command.value}:{view.name}", label, RoleCommand(command, view.name))
        for command, label, there in offers
        if there and command in can
    )


def _keep_span(view: RoleView, as_of: datetime) -> timedelta | None:
    """The offered span that was chosen, judged by what is left of it."""
    if not view.kept or view.keep_until is None:
        return None
    left = view.keep_until - as_of
    return next((span for span in KEEP_SPANS if left <= span), KEEP_SPANS[-1])
