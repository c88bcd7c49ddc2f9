"""Finds the roles that a user named; an unknown name is answered with the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.model import RoleName


def known(names: Iterable[str], roles: Iterable[RoleName]) -> tuple[RoleName, ...]:
    """The named roles, each once.

    Raises:
        ConfigError: there are no roles at all.
        UsageError: a name is no role.
    """
    by_name = {str(role): role for role in roles}
    if not by_name:
        raise ConfigError(
            "No role is configured, and ~/.aws/config has no profile with a role.",
            "Add a [roles.NAME] table to the configuration file; the README shows one.",
        )
    names = tuple(dict.fromkeys(names))
    for name in names:
        if name not in by_name:
            raise UsageError(f"There is no role {name}.", _hint(name, tuple(by_name)))
    return tuple(by_name[name] for name in names)


def _hint(name: str, roles: tuple[str, ...]) -> str:
    import difflib  # noqa: PLC0415 - only a mistake needs it

    near = difflib.get_close_matches(name, roles, n=1)
    return f"Did you mean {near[0]}?" if near else f"The roles are: {', '.join(roles)}."
