"""The keys of the live view that do something, and for which role. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView


class Action(enum.Enum):
    """An action, by its key."""

    REFRESH = "r"
    USE = "u"
    KEEP = "k"
    ENTER_CODE = "m"
    SIGN_IN = "s"
    FILTER = "/"
    QUIT = "q"

    @property
    def label(self) -> str:
        """How the footer names it: "r refresh"."""
        return f"{self.value} {_WORDS[self]}"


_WORDS = {
    Action.REFRESH: "refresh",
    Action.USE: "use",
    Action.KEEP: "keep",
    Action.ENTER_CODE: "code",
    Action.SIGN_IN: "sign in",
    Action.FILTER: "filter",
    Action.QUIT: "quit",
}


class Wanted(NamedTuple):
    """What a key asks for: an action, and the role that it is about."""

    action: Action
    role: RoleName | None = None


def offered(roles: Sequence[RoleView], selected: RoleView | None) -> list[Wanted]:
    """What the keys do now, in the order of the footer."""
    found = []
    if selected is not None:
        found.append(Wanted(Action.REFRESH, selected.name))
        if not selected.is_default:
            found.append(Wanted(Action.USE, selected.name))
        if not selected.kept or selected.keep_until is not None:
            found.append(Wanted(Action.KEEP, selected.name))
    first = ([] if selected is None else [selected]) + list(roles)
    code = next((view for view in first if view.mfa_device is not None), None)
    if code is not None:
        found.append(Wanted(Action.ENTER_CODE, code.name))
    session = next((view for view in first if view.sign_in is not None), None)
    if session is not None:
        found.append(Wanted(Action.SIGN_IN, session.name))
    if roles:
        found.append(Wanted(Action.FILTER))
    return [*found, Wanted(Action.QUIT)]
