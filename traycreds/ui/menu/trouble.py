"""What is wrong with roles, or with the last click: the whole sentence, what to do, and since when. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import datetime, tzinfo

from traycreds.core.events import Notify, RefreshAsked
from traycreds.core.snapshot import RoleView
from traycreds.core.text import IN_STATUS, whole_remedy
from traycreds.ui.menu import labels
from traycreds.ui.menu.item import Entry, Item, Separator, info

ROLES = 4
"""How many roles are named, the most important ones; `status` has all."""
ERROR_LINES = 3
"""Lines that an error, and its hint, may take; a menu cannot wrap by itself."""
_MOST = (ERROR_LINES - 1) * labels.REASON_WIDTH
"""Characters that they hold wherever the words part."""


def entry(views: Iterable[RoleView], as_of: datetime, zone: tzinfo | None) -> list[Item]:
    """The submenu, if any of these roles has trouble; it names the first of them."""
    troubled = [view for view in views if view.error or view.note or view.region_note][:ROLES]
    lines: list[Item] = [line for view in troubled for line in (Separator(), *_lines(view, as_of, zone))]
    if not lines:
        return []
    failing = any(view.error for view in troubled)
    return [Entry("trouble", "What is wrong" if failing else "What to know", children=tuple(lines[1:]))]


def answer(notice: Notify | None) -> list[Item]:
    """The submenu for what became of the last click, if no notice could tell; it has the notice's buttons."""
    if notice is None:
        return []
    lines: list[Item] = _rows("answer", notice.body.splitlines())
    lines += [Entry(f"answer:{button.label}", button.label, button.command) for button in notice.buttons]
    return [Entry("answer", notice.title, children=tuple(lines)) if lines else info("answer", notice.title)]


def _rows(key: str, sentences: Iterable[str], of: str = "") -> list[Item]:
    """Each sentence on lines as wide as a menu's may be; `of` tells these lines from others of the same key."""
    rows = [
        row
        for sentence in sentences
        for row in textwrap.wrap(
            sentence, labels.REASON_WIDTH, max_lines=ERROR_LINES, placeholder=" …", break_on_hyphens=False
        )
    ]
    return [info(f"{key} {number}{of}", row) for number, row in enumerate(rows)]


def _lines(view: RoleView, as_of: datetime, zone: tzinfo | None) -> list[Item]:
    name = view.name
    lines: list[Item] = [info(f"state:{name}", f"{labels.shown_name(view)}: {labels.state_line(view, as_of, zone)}")]
    sentences = (
        ("error", view.error),
        ("hint", view.error and whole_remedy(view.hint or "", _MOST, IN_STATUS)),
        ("note", view.note),
        ("region", view.region_note),
    )
    for key, sentence in sentences:
        lines += _rows(key, [sentence or ""], f":{name}")
    since = labels.since_line(view, as_of, zone)
    lines += [info(f"since:{name}", since)] if since else []
    # MFA codes and sign-ins have lines of their own on the first level.
    if view.error and not (view.mfa_device or view.sign_in):
        lines.append(Entry(f"refresh:{name}", "Refresh now", RefreshAsked((name,))))
    return lines
