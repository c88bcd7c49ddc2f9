"""How two versions of role tables differ, as text that is safe for a terminal. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from traycreds.core.text import printable
from traycreds.core.value_class import field, value_class

Tables = Mapping[str, Any]
"""Role tables by name."""


@value_class
class Changes:
    """The differences; `changed` has each changed key of a role with its old and new value, None for no key."""

    added: Tables = field(default_factory=dict)
    removed: Tables = field(default_factory=dict)
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def summary(self) -> str:
        """A summary such as "2 added, 1 changed"."""
        counts = ((len(self.added), "added"), (len(self.changed), "changed"), (len(self.removed), "removed"))
        return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing changed"


def between(old: Tables, new: Tables) -> Changes:
    """What makes the new tables of the old ones."""
    changed = {}
    for name in new.keys() & old.keys():
        before, after = _keys(old[name]), _keys(new[name])
        keys = [*after, *(key for key in before if key not in after)]
        differ = {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
        if differ:
            changed[name] = differ
    return Changes(
        added={name: table for name, table in new.items() if name not in old},
        removed={name: table for name, table in old.items() if name not in new},
        changed={name: changed[name] for name in new if name in changed},
    )


def lines(changes: Changes, own: Tables) -> Iterator[str]:
    """The changes as text; keys that the user's `own` tables override are marked."""
    for mark, tables in (("+", changes.added), ("-", changes.removed)):
        for name, table in tables.items():
            yield f"  {mark} role {printable(name)}"
            for key, value in _keys(table).items():
                yield f"        {printable(key)} = {shown(value)}{_yours(own, name, key)}"
    for name, keys in changes.changed.items():
        yield f"  ~ role {printable(name)}"
        for key, (old, new) in keys.items():
            yield f"        {printable(key)}: {shown(old)} -> {shown(new)}{_yours(own, name, key)}"


def shown(value: Any) -> str:
    """A value as TOML has it, more or less."""
    if value is None:
        return "not set"
    return printable(json.dumps(value, ensure_ascii=False, default=str))


def _keys(table: Any) -> Mapping[str, Any]:
    return table if isinstance(table, Mapping) else {"(no table)": table}


def _yours(own: Tables, name: str, key: str) -> str:
    table = own.get(name)
    return f"   (yours wins: {shown(table[key])})" if isinstance(table, Mapping) and key in table else ""
