"""What commands print of roles: the result of a refresh, and the form that scripts rely on. No secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from traycreds.cli.output import complain, end
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleOutcome, RoleView
from traycreds.core.text import rfc_3339

if TYPE_CHECKING:
    from traycreds.usecases.result import Result

_KEPT: Mapping[RoleOutcome, tuple[Callable[[str], None], str]] = {
    RoleOutcome.LONGER_KEPT: (complain, "The new one would not last longer."),
    RoleOutcome.MFA_KEPT: (print, "A new one would cost an MFA code."),
}
"""How to show that a session was kept, and why it was."""


def print_refreshed(result: Result, *, as_json: bool = False, before: Container[RoleName] = ()) -> int:
    """Print the result of a refresh, except for roles printed `before`; return the exit code."""
    if as_json:
        print(json.dumps(_refreshed(result), indent=2))
        return result.exit_code
    trouble = result.outcome.trouble
    for view in result.views:
        if view.name in before:
            continue
        outcome = result.outcome_of(view)
        if view.error is not None:
            # An error of the file is reported once, not for each role.
            if trouble is None or view.error != trouble[0]:
                complain(f"{view.name}: {view.error} {view.hint}")
        elif outcome is RoleOutcome.WRITTEN:
            print(f"{view.name}: written to profile {view.profile}, expires at {end(view)}")
            complain(f"{view.name}: {view.note}" if view.note else "")
        elif trouble is None and outcome in _KEPT:
            show, why = _KEPT[outcome]
            show(f"{view.name}: profile {view.profile} keeps its session until {end(view)}. {why}")
        elif trouble is None:
            complain(f"{view.name}: not refreshed in time; try again.")
    if trouble is not None:
        complain(*trouble)
    return result.exit_code


def _refreshed(result: Result) -> dict[str, Any]:
    trouble = None if result.outcome.trouble is None else " ".join(result.outcome.trouble)
    return {**roles_as_json(result.views), "trouble": trouble}


def roles_as_json(views: Iterable[RoleView]) -> dict[str, Any]:
    """The state of roles, in the form that scripts rely on; holds no secret."""
    now = datetime.now(timezone.utc)
    return {"roles": [_role(view, now) for view in views]}


def _role(view: RoleView, now: datetime) -> dict[str, Any]:
    left = None if view.expires_at is None else max(0, int((view.expires_at - now).total_seconds()))
    return {
        "name": view.name,
        "profile": view.profile,
        "state": view.status.value,
        "expires_at": None if view.expires_at is None else rfc_3339(view.expires_at),
        "seconds_left": left,
        "is_default": view.is_default,
        "wanted_default": view.wanted_default,
        "kept": view.kept,
        "region": view.region,
        "error": view.error,
    }
