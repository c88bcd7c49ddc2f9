"""The submenu of one role: how it stands, what is wrong, and all that can be done with it.

Pure, as `menu` is, which puts it in its place. Offers only what works: `can` says what this machine is able to do.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from datetime import datetime, timedelta, tzinfo

from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.messages import RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.shown import RoleView
from traycreds.ui import regionmenu, wording
from traycreds.ui.item import Entry, Item, Separator, info

KEEP_SPANS = (timedelta(hours=1), timedelta(hours=4))
"""What "Keep alive" offers beside "off" and "until I stop" (issue 6)."""
_SPANS = tuple((str(span), f"For {wording.amount(span)}", span) for span in KEEP_SPANS)
ERROR_LINES = 3
"""Lines that an error, and its hint, may take; a menu cannot wrap by itself."""


def details(
    view: RoleView, as_of: datetime, zone: tzinfo | None, can: Collection[UiCommand], regions: Collection[str] = ()
) -> Entry:
    """The submenu; clock times are in `zone`, None being the machine's own; `regions` are those of all roles."""
    lines: list[Item] = [info("state", wording.state_line(view, as_of, zone)), *_trouble(view, zone)]
    lines.append(Separator())
    if view.mfa_device is not None and UiCommand.ENTER_CODE in can:
        lines.append(Entry("code", "Enter MFA code…", RoleCommand(UiCommand.ENTER_CODE, view.name)))
    if view.sign_in is not None and UiCommand.SIGN_IN in can:
        lines.append(Entry("sign-in", wording.sign_in_label(view.sign_in), RoleCommand(UiCommand.SIGN_IN, view.name)))
    lines += [
        Entry("default", "Use as default", RoleChosen(None if view.is_default else view.name), checked=view.is_default),
        Entry("keep", wording.keep_label(view, zone), children=_keep_choices(view, as_of)),
        regionmenu.entry(view, regions),
        Entry("refresh", "Refresh now", RefreshAsked((view.name,))),
    ]
    alive = wording.alive(view, as_of)
    if alive and UiCommand.OPEN_CONSOLE in can:
        lines.append(Entry("console", "Open AWS console", RoleCommand(UiCommand.OPEN_CONSOLE, view.name)))
    copies = _copies(view, can, alive=alive)
    if copies:
        lines.append(Entry("copy", "Copy", children=copies))
    return Entry(f"role:{view.name}", wording.middle_cut(view.name), children=tuple(lines))


def _trouble(view: RoleView, zone: tzinfo | None) -> list[Item]:
    """The last error whole, with its hint and since when it stands, and what to know of the session."""
    lines: list[Item] = []
    for key, text in (("note", view.note), ("error", view.error), ("hint", view.error and view.hint)):
        rows = textwrap.wrap(
            text or "", wording.REASON_WIDTH, max_lines=ERROR_LINES, placeholder=" …", break_on_hyphens=False
        )
        lines += [info(f"{key} {number}", row) for number, row in enumerate(rows)]
    since = wording.since_line(view, zone)
    return [*lines, info("since", since)] if since else lines


def _copies(view: RoleView, can: Collection[UiCommand], *, alive: bool) -> tuple[Item, ...]:
    offers = (
        (UiCommand.COPY_PROFILE, "Profile name", True),
        (UiCommand.COPY_EXPORTS, "Environment variables", alive),
        (UiCommand.COPY_ACCOUNT, "Account id", view.account_id is not None),
    )
    return tuple(
        Entry(command.value, label, RoleCommand(command, view.name))
        for command, label, there in offers
        if there and command in can
    )


def _keep_choices(view: RoleView, as_of: datetime) -> tuple[Item, ...]:
    current = _keep_span(view, as_of)

    def choice(key: str, label: str, command: RoleSwitched, *, checked: bool) -> Entry:
        return Entry(key, label, command, checked=checked, radio=True)

    return (
        choice("off", "Off", RoleSwitched(view.name, on=False), checked=not view.kept),
        *(
            choice(key, label, RoleSwitched(view.name, on=True, until=as_of + span), checked=span == current)
            for key, label, span in _SPANS
        ),
        choice("on", "Until I stop", RoleSwitched(view.name, on=True), checked=view.kept and view.keep_until is None),
    )


def _keep_span(view: RoleView, as_of: datetime) -> timedelta | None:
    """The offered span that was chosen, as far as what is left of it tells."""
    if not view.kept or view.keep_until is None:
        return None
    left = view.keep_until - as_of
    return next((span for span in KEEP_SPANS if left <= span), KEEP_SPANS[-1])
