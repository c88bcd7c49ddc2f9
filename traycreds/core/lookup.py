"""The roles that a user named, and what was probably meant by a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.model import RoleName


def known_roles(names: Iterable[str], roles: Iterable[RoleName]) -> tuple[RoleName, ...]:
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
    return did_you_mean(name, roles, otherwise=f"The roles are: {', '.join(roles)}.")


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """A sentence with the known word that was probably meant; where there is none, the other sentence."""
    close = difflib.get_close_matches(word, tuple(known), n=1)
    return f"Did you mean {close[0]}?" if close else otherwise
