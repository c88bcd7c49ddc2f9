"""Names of roles and profiles: their alphabet, and the next free one; ids of accounts."""

from __future__ import annotations

import re
from collections.abc import Container

_ALPHABET = r"A-Za-z0-9_\-/.%@:+"
"""What every SDK reads alike in a name: the rule of Rust and Java (docs/aws-behaviour.md#what-traycreds-writes)."""
SAFE_NAME = re.compile(f"[{_ALPHABET}]+")
_ACCOUNT = re.compile("[0-9]{12}")
_UNSAFE = re.compile(f"[^{_ALPHABET}]+")

OBJECT_MEMBERS = frozenset(
    {
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
"""Names that every JavaScript object has: its SDK loses a profile with such a name, or the whole file."""


_WORD = re.compile("[a-z]+")
_PRODUCTION = frozenset({"prod", "production"})


def is_production(name: str) -> bool:
    """Whether one of the words of a name says production: "prod-admin", not "product"."""
    return not _PRODUCTION.isdisjoint(_WORD.findall(name.lower()))


def unusable(name: str) -> str | None:
    """Why a name of safe characters still fails in some tool; None if it is fine in all."""
    if name.startswith("-"):
        return "starts with -, so commands read it as an option"
    return "is a name that the SDK for JavaScript cannot read as a profile" if name in OBJECT_MEMBERS else None


def safe_name(name: str) -> str:
    """A name that every SDK reads alike, as near as can be to the given one."""
    safe = _UNSAFE.sub("-", name).strip("-") or "role"
    return f"{safe}-role" if safe in OBJECT_MEMBERS else safe


def free_name(wanted: str, *taken: Container[str]) -> str:
    """The wanted name, or the next similar one that is in none of these."""
    name, number = wanted, 1
    while any(name in each for each in taken):
        number += 1
        name = f"{wanted}-{number}"
    return name


def account_of(arn: str | None) -> str | None:
    """The account that an ARN names."""
    return account_id("".join((arn or "").split(":")[4:5]))


def account_id(value: object) -> str | None:
    """A value as an account id; None if invalid, such as a number that a program printed."""
    return value if isinstance(value, str) and _ACCOUNT.fullmatch(value) else None
