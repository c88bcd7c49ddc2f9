"""Reads the roles in logsmith's accounts.yaml. Only reads.

The format is that of app/core/profile_group.py (github.com/otto-de/logsmith): groups by name, each with team, region,
auth_mode (key or sso), access_key, type (aws or gcp) and profiles of account, role and source.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traycreds.core.errors import ConfigError
from traycreds.core.value_class import value_class
from traycreds.files import contents
from traycreds.process import install_hint

ACCOUNTS_FILE = Path(".logsmith") / "accounts.yaml"
"""Below the home folder, on every platform."""
_DEFAULT_KEY = "access-key"
"""logsmith's default profile for the user's own keys."""
_LARGEST = 256 * 1024
"""Bytes; thousands of accounts. A larger file is refused, since reading YAML takes seconds a megabyte."""
_ACCOUNT = re.compile(r"[0-9]{12}")


@value_class(kw_only=True)
class LogsmithRole:
    """One profile of a group.

    `source`: a profile of the same group that assumes it. `access_key`: the profile with the user's own keys. `sso`:
    the group signs in through Identity Center instead of assuming roles.
    """

    group: str
    name: str
    arn: str
    source: str | None
    access_key: str
    region: str | None
    sso: bool


def read(path: Path) -> tuple[tuple[LogsmithRole, ...], str | None]:
    """The roles of an accounts.yaml (none: no file), and why some are unreadable. Raises ConfigError: no PyYAML."""
    try:
        data = contents.bounded(path, _LARGEST, f"larger than {_LARGEST} bytes")
    except (FileNotFoundError, NotADirectoryError):
        return (), None
    except OSError as error:
        why = f"is {error.strerror}" if error.errno in {errno.EFBIG, errno.EISDIR} else "cannot be read"
        return (), f"{path} {why}"
    try:
        tree = _parse(data, path)
    except _NotYamlError as error:
        return (), f"{path}{error}"
    if not isinstance(tree, dict):
        return (), f"{path} has no groups"
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
    problem = f"{path}: group {bad[0]} has a profile without name, role or 12-digit account" if bad else None
    return tuple(roles), problem


class _NotYamlError(Exception):
    """Where and why a text is not YAML; follows the path."""


def _parse(data: bytes, path: Path) -> Any:
    """The document, with scalars as text, because an account may begin with 0. Raises ConfigError, _NotYamlError."""
    try:
        import yaml
    except ImportError as error:
        raise ConfigError(f"PyYAML, which reads {path}, is not installed.", install_hint.advice("PyYAML")) from error
    try:
        # BaseLoader makes texts, lists and mappings alone, fewer kinds of objects than safe_load.
        tree = yaml.load(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise _NotYamlError(" cannot be read") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _NotYamlError(f"{line}: {error.problem or 'no YAML'}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _NotYamlError(" is not YAML") from error
    return tree or {}


def _role(group: str, values: Mapping[str, Any], profile: Mapping[str, Any]) -> LogsmithRole | None:
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


def _text(values: Mapping[str, Any], key: str) -> str | None:
    """A text that is not empty; logsmith writes `null` for a missing value."""
    value = values.get(key)
    return value if isinstance(value, str) and value not in {"", "null", "~"} else None
