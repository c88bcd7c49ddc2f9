"""Shows only some roles, and one in detail, a line for each fact. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from traycreds.cli.display import colors
from traycreds.cli.display.colors import Paint
from traycreds.core.lookup import known_roles
from traycreds.core.snapshot import RoleView, Snapshot
from traycreds.core.value_class import replace
from traycreds.ui.menu import labels


def only(snapshot: Snapshot, names: Iterable[str]) -> Snapshot:
    """The snapshot of only these roles. Raises ConfigError, UsageError: not a role."""
    named = known_roles(names, (view.name for view in snapshot.roles))
    return replace(snapshot, roles=tuple(view for view in snapshot.roles if view.name in named))


def lines(view: RoleView, snapshot: Snapshot, zone: tzinfo | None, paint: Paint = colors.plain) -> list[str]:
    """The lines, headed by the role's name; `zone` None is the machine's own."""
    rows = [
        ("state", paint(labels.state_line(view, snapshot.as_of, zone), colors.of_role(view))),
        ("profile", f"{view.profile}, and default" if view.is_default else view.profile),
        ("account", view.account_id or ""),
        ("region", view.region or ""),
        ("kept", _kept(view, snapshot, zone)),
        ("group", view.group or ""),
    ]
    width = max(len(name) for name, _ in rows)
    head = f"{view.name} ({view.label})" if view.label else view.name
    return [paint(head, "head"), *(f"  {name:<{width}}  {value}" for name, value in rows if value)]


def _kept(view: RoleView, snapshot: Snapshot, zone: tzinfo | None) -> str:
    if not view.kept:
        return "no, but refreshed as the default" if view.renewed else "no"
    until = view.keep_until
    return "yes" if until is None else f"until {labels.moment(until, snapshot.as_of, zone)}"
