"""Converts a Snapshot and the result of a refresh to JSON and back. No secret is in it.

Fields of other versions are dropped or take defaults. No control character or wrong type gets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from traycreds.control.protocol import WireError
from traycreds.core.errors import FailureKind
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome, RoleView, Snapshot, Status
from traycreds.core.text import from_rfc_3339, printable, sensible
from traycreds.core.value_class import as_dict

_MOMENTS = frozenset({"as_of", "expires_at", "keep_until", "failing_since", "retry_at", "next_refresh_at"})
_SPANS = frozenset({"skew", "lifetime"})
_LONGEST = 4096
"""Characters of a text; a sentence has some hundred."""
_ENUMS: Mapping[str, type[Enum]] = {"status": Status, "overall": Status, "kind": FailureKind}


def encode(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as JSON can hold it."""
    return {**_encoded(snapshot, leave="roles"), "roles": [_encoded(view) for view in snapshot.roles]}


def decode(message: object) -> Snapshot:
    """The snapshot in a reply. Raises WireError: not valid."""
    if not isinstance(message, dict) or not isinstance(message.get("roles"), list):
        raise WireError("a snapshot without roles")
    try:
        roles = tuple(RoleView(**_decoded(view, RoleView)) for view in message["roles"])
        return Snapshot(**{**_decoded(message, Snapshot), "roles": roles})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise WireError("a snapshot that cannot be read") from error


def encode_outcome(outcome: RefreshOutcome) -> dict[str, Any]:
    """What became of a refresh, as JSON can hold it."""
    return {"roles": {name: each.value for name, each in outcome.roles.items()}, "trouble": outcome.trouble}


def decode_outcome(reply: Mapping[str, Any]) -> RefreshOutcome:
    """What became of a refresh, by a reply. Raises WireError: it does not say."""
    try:
        if "outcome" not in reply:
            return _outcome_of_0_2(reply["snapshot"])
        roles, trouble = reply["outcome"]["roles"], reply["outcome"]["trouble"]
        if trouble is not None:
            sentence, hint = trouble
            trouble = _text(sentence), _text(hint)
        return RefreshOutcome({name: RoleOutcome(value) for name, value in roles.items()}, trouble)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError("an outcome that cannot be read") from error


def _outcome_of_0_2(snapshot: Mapping[str, Any]) -> RefreshOutcome:
    """The same from the snapshot of an app of version 0.2.0 that was not restarted yet."""

    def of_role(view: Mapping[str, Any]) -> RoleOutcome:
        if view["kind"] is not None:
            return RoleOutcome.FAILED
        if view["refreshed"] and view["expires_at"] is not None:
            return RoleOutcome.WRITTEN
        lasts = view["expires_at"] is not None and view["status"] in {Status.FRESH.value, Status.EXPIRING.value}
        return RoleOutcome.LONGER_KEPT if lasts else RoleOutcome.UNFINISHED

    of_file = snapshot["trouble"] is not None and not snapshot["default_refused"]
    trouble = (_text(snapshot["trouble"]), _text(snapshot["trouble_hint"] or "")) if of_file else None
    return RefreshOutcome({view["name"]: of_role(view) for view in snapshot["roles"]}, trouble)


def names(message: object) -> tuple[str, ...]:
    """The names of roles in a reply. Raises WireError."""
    if not isinstance(message, list) or not all(isinstance(name, str) for name in message):
        raise WireError("roles that are not names")
    return tuple(message)


def _encoded(value: Snapshot | RoleView, leave: str = "") -> dict[str, Any]:
    return {name: _plain(field) for name, field in as_dict(value).items() if name != leave}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else value


def _decoded(message: Mapping[str, Any], kind: type[Snapshot | RoleView]) -> dict[str, Any]:
    return {
        name: _rich(name, needed, message[name])
        for name, needed in kind.__annotations__.items()
        if name in message and name != "roles"
    }


def _rich(name: str, needed: str, value: Any) -> Any:
    """The value of a field from JSON; `needed` is its type as written. Raises TypeError, ValueError, OverflowError."""
    if value is None and needed.endswith("| None"):
        return None
    if name in _SPANS:
        return timedelta(seconds=value)
    if name in _MOMENTS:
        return _moment(value)
    if name in _ENUMS:
        return _ENUMS[name](value)
    expected = {"bool": bool, "int": int}.get(needed.removesuffix(" | None"), str)
    if type(value) is not expected:
        raise TypeError
    return _text(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return printable(value)[:_LONGEST]


def _moment(value: Any) -> datetime:
    moment = from_rfc_3339(value)
    if moment is None or not sensible(moment):
        raise ValueError
    return moment
