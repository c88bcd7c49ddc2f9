"""A Snapshot as JSON and back, for the way from the running app to a command. Holds no secret, since a Snapshot cannot.

What another version adds is dropped, what it lacks has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from traycreds.adapters.controlwire import WireError
from traycreds.core.errors import FailureKind
from traycreds.core.shown import RoleView, Snapshot, Status

_MOMENTS = frozenset({"as_of", "expires_at", "keep_until", "failing_since", "retry_at", "next_refresh_at"})
_ENUMS: Mapping[str, type[Enum]] = {"status": Status, "overall": Status, "kind": FailureKind}


def encode(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as JSON can hold it."""
    return {**_encoded(snapshot, leave="roles"), "roles": [_encoded(view) for view in snapshot.roles]}


def decode(message: object) -> Snapshot:
    """The snapshot in a reply.

    Raises:
        WireError: it is none.
    """
    try:
        assert isinstance(message, dict)
        roles = tuple(RoleView(**_decoded(view, RoleView)) for view in message["roles"])
        return Snapshot(**{**_decoded(message, Snapshot), "roles": roles})
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError("a snapshot that cannot be read") from error


def _encoded(value: Snapshot | RoleView, leave: str = "") -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != leave}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else value


def _decoded(message: Mapping[str, Any], kind: type[Snapshot | RoleView]) -> dict[str, Any]:
    return {field.name: _rich(field.name, message[field.name]) for field in fields(kind) if field.name in message}


def _rich(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "skew":
        return timedelta(seconds=value)
    if name in _MOMENTS:
        return datetime.fromisoformat(value)
    return _ENUMS[name](value) if name in _ENUMS else value
