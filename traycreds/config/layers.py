"""Merges the role tables of included files and the user's own, key by key; the user's win. Judges no role.

Remembers which text a key comes from, for error messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from traycreds.config.schema import COMMAND_KEYS, ROLE_KEYS, ConfigKey, read_table, unknown_key
from traycreds.config.team_files.includes import INCLUDE
from traycreds.config.values import ValueFault
from traycreds.core.model import TOKEN_SETTINGS
from traycreds.core.value_class import field, value_class

ROLES, SETTINGS, ACCOUNTS, SIGN_INS = "roles", "settings", "accounts", "sign_ins"
_TOP = (ROLES, SETTINGS, INCLUDE, ACCOUNTS, SIGN_INS)
SOURCE_KEYS = ("source_profile", *TOKEN_SETTINGS)
"""Keys that say where the credentials or the token come from that assume the role."""
_EXCLUDED = {
    "from_profile": (*SOURCE_KEYS, "saml_provider", "role_arn"),
    **{
        key: ("from_profile", *SOURCE_KEYS, *(() if key == "saml_process" else ("saml_provider",)))
        for key in SOURCE_KEYS
    },
}
"""Keys whose place a key of the user's own takes as well."""
_WHOLE = frozenset({"role_arn", "from_profile"})
"""Without one of these a table can only change a role that another text has."""


@value_class
class Layer:
    """One text with what it says; `commands` are programs that its roles may run (the user's own need no consent)."""

    label: str
    text: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    commands: frozenset[str] = frozenset()


@value_class
class LayerFault:
    """A fault and its place: a text, and in it the path of a table or key."""

    layer: Layer
    path: tuple[str, ...]
    what: str
    hint: str


class Layers:
    """The role tables of all texts, merged.

    Attributes:
        tables: by role, those of included files first; without programs that lack consent.
        faults: of the texts' shape; the reader of the tables adds those of values.
        unused: own tables that change a role of no included file.
    """

    def __init__(self, own: Layer, included: Sequence[Layer]) -> None:
        """Merge."""
        self.own = own
        self.faults: list[LayerFault] = []
        self._bases: dict[str, Layer] = {}
        for key in own.document:
            if key not in _TOP:
                self.fault((key,), f"{key} is an unknown key", unknown_key(key, _TOP).hint)
        self._ours = self._roles(own)
        theirs = self._included(included)
        self.unused = {
            name: table
            for name, table in self._ours.items()
            if INCLUDE in own.document and name not in theirs and not _WHOLE & table.keys()
        }
        merged = {name: _merged(theirs.get(name, {}), table) for name, table in self._ours.items()}
        self.tables = {name: table for name, table in {**theirs, **merged}.items() if name not in self.unused}

    def fault(self, path: tuple[str, ...], what: str, hint: str, layer: Layer | None = None) -> None:
        """Keep a fault; without a layer, it belongs to the text of the key or role."""
        self.faults.append(LayerFault(layer or self._holder(path), path, what, hint))

    def table(self, layer: Layer, path: tuple[str, ...]) -> Mapping[str, Any]:
        """A table of a text; an empty one, and a fault, for anything else."""
        found: Any = layer.document
        for name in path:
            found = found.get(name, {})
        if isinstance(found, dict):
            return found
        dotted = ".".join(path)
        self.fault(path, f"{dotted} is not a table", f"Write [{dotted}] and its keys below.", layer)
        return {}

    def own_values(self, path: tuple[str, ...], keys: Mapping[str, ConfigKey], where: str) -> dict[str, Any]:
        """The good values of a table of the user's own, and a fault for each other key; `where` names the table."""
        good, faults = read_table(self.table(self.own, path), keys)
        for key, fault in faults:
            self.fault((*path, key), f"{key} {where} {fault.what}", fault.hint)
        return good

    def _roles(self, layer: Layer) -> dict[str, Mapping[str, Any]]:
        tables = self.table(layer, (ROLES,))
        read = {name: self.table(layer, (ROLES, name)) for name in tables}
        return {name: table for name, table in read.items() if isinstance(tables[name], dict)}

    def _included(self, included: Sequence[Layer]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for layer in included:
            for key in layer.document:
                if key != ROLES:
                    self.fault((key,), *_misplaced(key), layer)
            for name, table in self._roles(layer).items():
                if name in self._bases:
                    what = f"role {name} is in {self._bases[name].label} too"
                    hint = "Remove it from one of the two, or remove one of them from include."
                    self.fault((ROLES, name), what, hint, layer)
                    continue
                self._bases[name] = layer
                if not _has_source(table, self._ours.get(name, {}), layer.commands):
                    continue
                found[name] = {key: value for key, value in table.items() if is_allowed(key, value, layer.commands)}
        return found

    def _holder(self, path: tuple[str, ...]) -> Layer:
        if path[0] != ROLES or len(path) == 1:
            return self.own
        name, *keys = path[1:]
        return self.own if keys and keys[0] in self._ours.get(name, {}) else self._bases.get(name, self.own)


def _has_source(table: Mapping[str, Any], own: Mapping[str, Any], commands: frozenset[str]) -> bool:
    """Whether a role of an included file does not depend on a program that lacks the user's consent."""
    if own.keys() & {*SOURCE_KEYS, "from_profile"}:
        return True
    return all(is_allowed(key, table[key], commands) for key in TOKEN_SETTINGS if key in table)


def is_allowed(key: str, value: object, commands: frozenset[str]) -> bool:
    """Whether a key of an included role may take effect: one that runs a program needs the user's leave for it."""
    command = command_of(key, value)
    return command is None or command in commands


def command_of(key: str, value: object) -> str | None:
    """The program that a key would run, for the user's consent; None for other keys and faults."""
    if key not in COMMAND_KEYS:
        return None
    try:
        ROLE_KEYS[key].rule(value)
    except ValueFault:
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _merged(theirs: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """One role; the source of its session counts as one setting, although it has several keys."""
    displaced = {displaced for key, others in _EXCLUDED.items() if key in own for displaced in others}
    return {**{key: value for key, value in theirs.items() if key not in displaced}, **own}


def _misplaced(key: str) -> tuple[str, str]:
    if key in {SETTINGS, ACCOUNTS, SIGN_INS}:
        return (
            f"an included file has [{key}]",
            f"Put {key} in your own file; included files can have only roles.",
        )
    if key == INCLUDE:
        return "an included file includes another", "Add that file to include in your own configuration."
    return f"{key} is an unknown key", unknown_key(key, (ROLES,)).hint
