"""The picker's rows, one per role, as JSON to the window's process and back; neither can hold a secret. Pure."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.ui.icon import badge
from traycreds.ui.menu import labels
from traycreds.ui.picker.finder import Candidate, Finder

_BEHIND_ONE = 1.5
"""The place of the default role among the last used: after the one before it."""


class PickerAction(enum.Enum):
    """Actions on the picked role, by their command names."""

    USE = "use"
    KEEP = "keep"
    CONSOLE = "console"


class Picked(NamedTuple):
    """The user's action on a role."""

    action: PickerAction
    role: str


class RoleRow(NamedTuple):
    """One role: its account as the AWS console writes it, its state in a few words, its badge.

    `group` is not shown, but the role may be found by it. All but the name may be empty.
    """

    name: str
    account: str = ""
    state: str = ""
    label: str = ""
    color: str = ""
    letter: str = ""
    group: str = ""
    is_default: bool = False

    @property
    def title(self) -> str:
        """The name with its label: "prod-admin (PROD)"."""
        return f"{self.name} ({self.label})" if self.label else self.name

    @property
    def state_with_default(self) -> str:
        """Its state, and first whether it is the `default` profile: "default, fresh until 14:32"."""
        return f"default, {self.state}" if self.is_default else self.state


def of(snapshot: Snapshot, zone: tzinfo | None = None) -> list[RoleRow]:
    """A row for each role: the last used first, the one before the present default on top, for Enter alone."""
    views = snapshot.roles

    def order(place: int) -> tuple[float, bool, int]:
        view = views[place]
        used = math.inf if view.recent is None else view.recent
        return (max(used, _BEHIND_ONE) if view.is_default else used), not view.favourite, place

    return [_row(views[place], snapshot.as_of, zone) for place in sorted(range(len(views)), key=order)]


def finder(rows: Sequence[RoleRow]) -> Finder:
    """The search text of the rows: name, label, account with and without dashes, and group."""
    return Finder(
        Candidate(row.name, (row.label, row.account, row.account.replace("-", ""), row.group)) for row in rows
    )


def encode(title: str, rows: Sequence[RoleRow]) -> bytes:
    """The question to the window's process."""
    return json.dumps({"title": title, "rows": rows}).encode()


def decode(question: bytes) -> tuple[str, list[RoleRow]]:
    """Title and rows of a question."""
    message = json.loads(question)
    return str(message["title"]), [RoleRow(*row) for row in message["rows"]]


def encode_picked(picked: Picked) -> bytes:
    """The answer of the window's process."""
    return json.dumps({"do": picked.action.value, "role": picked.role}).encode()


def decode_picked(answer: str, rows: Sequence[RoleRow]) -> Picked | None:
    """The pick; None if the answer does not fit these rows."""
    try:
        message = json.loads(answer)
        action, name = PickerAction(message["do"]), message["role"]
    except (ValueError, KeyError, TypeError):
        return None
    return Picked(action, name) if any(row.name == name for row in rows) else None


def state(view: RoleView, as_of: datetime, zone: tzinfo | None) -> str:
    """A role's state, in a few words: "fresh until 14:32", "not kept", "needs a code"."""
    until = ""
    if view.expires_at is not None and labels.alive(view, as_of):
        until = f"until {labels.moment(view.expires_at, as_of, zone)}"
    if view.needs_user and view.error is not None:
        return ", ".join(part for part in (labels.need(view), until) if part)
    if until:
        words = {Status.EXPIRING: f"expires soon, {until}", Status.REFRESHING: f"refreshing, {until}"}
        text = words.get(view.status, f"fresh {until}")
        return f"{text}, refresh failing" if view.error else text if view.renewed else f"{text}, not kept"
    if view.status is Status.OFF and view.error is None:
        return "no session yet" if view.renewed else "not kept"
    return labels.state(view, as_of)


def _row(view: RoleView, as_of: datetime, zone: tzinfo | None) -> RoleRow:
    shown = badge.of_role(view)
    return RoleRow(
        name=view.name,
        account=labels.account(view),
        state=state(view, as_of, zone),
        label=view.label or "",
        color=shown.color if shown is not None else "",
        letter=shown.letter if shown is not None else "",
        group=view.group or "",
        is_default=view.is_default,
    )
