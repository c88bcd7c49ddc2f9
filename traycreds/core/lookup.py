"""The roles that a user named, and suggestions for an unknown name."""

from __future__ import annotations

from collections.abc import Iterable

from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.model import RoleName
from traycreds.core.text import alternatives


def known_roles(names: Iterable[str], roles: Iterable[RoleName]) -> tuple[RoleName, ...]:
    """The named roles, each once. Raises ConfigError: no roles at all; UsageError: not a role."""
    by_name = {str(role): role for role in roles}
    if not by_name:
        raise ConfigError(
            "No role is configured, and ~/.aws/config has no profile with a role.",
            "Add one with `traycreds add`, or import the ones you have with `traycreds import`.",
        )
    names = tuple(dict.fromkeys(names))
    for name in names:
        if name not in by_name:
            raise UsageError(f"There is no role {name}.", _hint(name, tuple(by_name)))
    return tuple(by_name[name] for name in names)


def _hint(name: str, roles: tuple[str, ...]) -> str:
    few = len(roles) <= _FEW
    all_of_them = f"The roles are: {', '.join(roles)}." if few else f"`traycreds list` shows all {len(roles)} roles."
    return did_you_mean(name, roles, otherwise=all_of_them)


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """A sentence with the closest known words, ignoring case, else those that contain the word; else `otherwise`."""
    from traycreds.core import close_matches

    folded = {name.casefold(): name for name in known}
    like = close_matches.closest(word.casefold(), folded)
    close = [like] if like is not None else [name for name in folded if word and word.casefold() in name][:_OFFERED]
    if not close:
        return otherwise
    names = [folded[name] for name in close]
    return f"Did you mean {names[0] if len(names) == 1 else alternatives(names)}?"


_FEW = 12
"""Roles that a sentence names."""
_OFFERED = 3
"""Names that were perhaps meant."""
