"""Reads the account tables of our configuration: what marks all roles of one AWS account; a role's own keys win.

Collects every fault with its place, as `config.roles` does. An included file has no such table: which account is which
is for the user to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from traycreds.config.layers import ACCOUNTS, Layers
from traycreds.config.schema import ACCOUNT_KEYS, PRODUCTION
from traycreds.core.model import Role
from traycreds.core.names import account_id, is_production
from traycreds.core.value_class import replace

Marks: TypeAlias = Mapping[str, Mapping[str, str]]
"""By account: the keys of its table that are given."""

NO_MARKS: Marks = {}


def read(layers: Layers) -> Marks:
    """The tables without a fault; faults are added to those of the layers."""
    found: dict[str, Mapping[str, str]] = {}
    for account in layers.table(layers.own, (ACCOUNTS,)):
        values = layers.own_values((ACCOUNTS, account), ACCOUNT_KEYS, f"of account {account}")
        if account_id(account) is None:
            digits = account.replace("-", "")
            example = digits if account_id(digits) else "444455556666"
            what = f"the account {account} is not twelve digits"
            layers.fault((ACCOUNTS, account), what, f"Write all of them, and nothing else: [{ACCOUNTS}.{example}].")
        found[account] = values
    return found


def marked(roles: Iterable[Role], marks: Marks, *, production: bool) -> tuple[Role, ...]:
    """The roles with color and label of their accounts, where they have none of their own.

    `production`: one whose name says so gets a color, if nothing else gives it one.
    """

    def with_marks(role: Role) -> Role:
        of_account = marks.get(role.account_id or "", {}) if marks else {}
        color, label = role.color or of_account.get("color"), role.label or of_account.get("label")
        if color is None and production and is_production(role.name):
            color = PRODUCTION
        return role if (color, label) == (role.color, role.label) else replace(role, color=color, label=label)

    return tuple(map(with_marks, roles))


def unused(roles: Iterable[Role], marks: Marks) -> tuple[str, ...]:
    """The accounts that no role is known to be in."""
    used = {role.account_id for role in roles} if marks else frozenset()
    return tuple(account for account in marks if account not in used)
