"""Owns how logsmith names roles: the groups and profiles of its accounts.yaml. Only reads.

The form is that of logsmith's README and of its app/core/profile_group.py (github.com/otto-de/logsmith): groups by
name, each with team, region, auth_mode (key or sso), access_key, type (aws or gcp) and profiles of account, role and
source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from traycreds.adapters.yamlsubset import Node, YamlError, parse

ACCOUNTS_FILE = Path(".logsmith") / "accounts.yaml"
"""Below the home folder, on every platform."""
_DEFAULT_KEY = "access-key"
"""The profile in which logsmith keeps the user's own keys when the group names none."""
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsmithRole:
    """One profile of a group.

    Attributes:
        group: the group's name.
        name: the profile's name.
        arn: the role's ARN.
        source: a profile of the same group that assumes it, or None.
        access_key: the profile that holds the user's own keys.
        region: the group's region.
        sso: the group signs in by Identity Center instead of assuming roles.
    """

    group: str
    name: str
    arn: str
    source: str | None
    access_key: str
    region: str | None
    sso: bool


def read(path: Path) -> tuple[tuple[LogsmithRole, ...], str | None]:
    """The roles of an accounts.yaml, and why some or all of it could not be read, or None.

    A file that is not there has no roles.
    """
    try:
        tree = parse(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return (), None
    except YamlError as error:
        return (), f"{path}, line {error.line}: {error.cause}"
    except (OSError, UnicodeDecodeError):
        return (), f"{path} cannot be read"
    if not isinstance(tree, dict):
        return (), f"{path} holds no groups"
    roles: list[LogsmithRole] = []
    bad: list[str] = []
    for group, values in tree.items():
        if not isinstance(values, dict) or _text(values, "type") == "gcp":
            continue
        profiles = values.get("profiles")
        for profile in profiles if isinstance(profiles, list) else []:
            role = _role(group, values, profile) if isinstance(profile, dict) else None
            if role is None:
                bad.append(group)
            else:
                roles.append(role)
    trouble = f"{path}: group {bad[0]} has a profile without name, role or 12-digit account" if bad else None
    return tuple(roles), trouble


def _role(group: str, values: dict[str, Node], profile: dict[str, Node]) -> LogsmithRole | None:
    name, account, role = (_text(profile, key) for key in ("profile", "account", "role"))
    if not (name and role and account and _ACCOUNT.fullmatch(account)):
        return None
    return LogsmithRole(
        group=group,
        name=name,
        arn=f"arn:aws:iam::{account}:role/{role}",
        source=_text(profile, "source"),
        access_key=_text(values, "access_key") or _DEFAULT_KEY,
        region=_text(values, "region"),
        sso=_text(values, "auth_mode") == "sso",
    )


def _text(values: dict[str, Node], key: str) -> str | None:
    """A text that says something; `null` is how logsmith writes what it has not."""
    value = values.get(key)
    return value if isinstance(value, str) and value not in {"", "null", "~"} else None
