"""Owns our TOML file: finds every fault of it at once, and makes Roles and Settings of it.

Only reads; which keys there are is in `configschema`, what a value must look like in `configvalues`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traycreds.adapters.awsconfig import OFFERED_KINDS, ROLE_KINDS, AwsProfiles, Kind, discover, offered_values
from traycreds.adapters.configlines import lines_of
from traycreds.adapters.configschema import (
    ROLE_KEYS,
    SETTING_KEYS,
    nearest,
    read_table,
    unknown_key,
)
from traycreds.adapters.configvalues import SAFE_NAME, Fault
from traycreds.core.errors import ConfigError, Problem
from traycreds.core.model import ProfileName, Role, RoleName, Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What is configured.

    Attributes:
        roles: in the order of the file.
        settings: the `[settings]` table.
        discovered: the file names no role, so these are the profiles of ~/.aws/config.
    """

    roles: tuple[Role, ...]
    settings: Settings = field(default_factory=Settings)
    discovered: bool = False


def load(path: Path, aws: AwsProfiles, *, named: bool = False) -> Config:
    """Read the configuration; without a file, or without any role in it, the roles are those of ~/.aws/config.

    Raises:
        ConfigError: with every problem of the file, in the order of its lines.
    """
    text = text_of(path)
    if text is None and named:
        hint = "Correct --config or TRAYCREDS_CONFIG, or make one with `traycreds import`."
        raise ConfigError(f"There is no configuration file {path}.", hint)
    return Config(roles=discover(aws), discovered=True) if text is None else parse(path, text, aws)


def parse(path: Path, text: str, aws: AwsProfiles) -> Config:
    """What a text means that is, or is to be, the configuration at `path`.

    Raises:
        ConfigError: with every problem of the text, in the order of its lines.
    """
    reading = _Reading(aws)
    config = reading.config(document(path, text))
    if reading.faults:
        raise _error(path, text, reading.faults)
    return config


def document(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text, whatever they hold.

    Raises:
        ConfigError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, error) from error


def line_numbers(text: str) -> Mapping[tuple[str, ...], int]:
    """The line of each table and key of a text that is TOML, by its path."""
    return lines_of(text, tomllib.loads)


def text_of(path: Path) -> str | None:
    """The text of the file, None if there is none; a byte order mark, which Windows editors add, is taken off.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"{path} cannot be read: {why}.", "Make the file readable for your user.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what, hint = "a byte that is not UTF-8", "Save the file as UTF-8."
        raise ConfigError(f"{path}, line {line}: {what}.", hint, (Problem(f"line {line}", what, hint),)) from error


def _syntax_error(path: Path, text: str, error: Exception) -> ConfigError:
    """The message of tomllib ends with "(at line 3, column 5)" or "(at end of document)"."""
    what, _, at = str(error).rpartition(" (at ")
    where = at.rstrip(")")
    if not where.startswith("line "):
        where = f"line {len(text.splitlines())}"
    what, hint = (
        f"no valid TOML: {what[:1].lower()}{what[1:]}",
        "Texts need quotes, lists [ ], and a table one [header].",
    )
    return ConfigError(f"{path}, {where}: {what}.", hint, (Problem(where, what, hint),))


def _error(path: Path, text: str, faults: list[tuple[tuple[str, ...], str, str]]) -> ConfigError:
    """One error of all faults; looks up the lines, which is only worth it now."""
    lines = line_numbers(text)
    placed: list[tuple[int, Problem]] = []
    for at, what, hint in faults:
        known = next((at[:depth] for depth in range(len(at), 0, -1) if at[:depth] in lines), ())
        where = f"line {lines[known]}" if known else " ".join(at[:2]).replace("roles ", "role ")
        placed.append((lines.get(known, 0), Problem(where, what, hint)))
    problems = tuple(problem for _, problem in sorted(placed, key=lambda pair: pair[0]))
    first = problems[0]
    if len(problems) == 1:
        return ConfigError(f"{path}, {first.where}: {first.what}.", first.hint, problems)
    sentence = f"{path} has {len(problems)} problems, the first in {first.where}: {first.what}."
    return ConfigError(sentence, first.hint, problems)


_WHOLE = frozenset({Kind.SSO, Kind.PROCESS})
"""Kinds whose session is taken as it is, so that no other role can be assumed with it by `from_profile`."""

_NO_TABLE: Mapping[str, Any] = {}
"""Stands for a value that should have been a table; that was told, so nothing is said of its missing keys."""


class _Reading:
    """One reading of a document: collects faults by the path they stand at, instead of stopping at the first."""

    def __init__(self, aws: AwsProfiles) -> None:
        self.aws = aws
        self.faults: list[tuple[tuple[str, ...], str, str]] = []
        self._writers: dict[str, str] = {}

    def config(self, document: Mapping[str, Any]) -> Config:
        """Make a Config, which only counts if there are no faults."""
        for key in document:
            if key not in {"roles", "settings"}:
                self._fault((key,), key, unknown_key(key, ("roles", "settings")))
        settings = self._settings(self._table(document, ("settings",)))
        tables = self._table(document, ("roles",))
        if not tables:
            return Config(roles=discover(self.aws), settings=settings, discovered=True)
        targets = frozenset(_target(name, table) for name, table in tables.items())
        roles = tuple(self._role(name, self._table(tables, ("roles", name)), targets) for name in tables)
        return Config(roles=tuple(role for role in roles if role is not None), settings=settings)

    def _table(self, parent: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
        table = parent.get(path[-1], {})
        if isinstance(table, dict):
            return table
        self._fault(path, ".".join(path), Fault("is no table", f"Write [{'.'.join(path)}] and its keys below."))
        return _NO_TABLE

    def _settings(self, table: Mapping[str, Any]) -> Settings:
        values, faults = read_table(table, SETTING_KEYS)
        for key, fault in faults:
            self._fault(("settings", key), f"{key} in [settings]", fault)
        return Settings(**values)

    def _role(self, name: str, table: Mapping[str, Any], targets: frozenset[str]) -> Role | None:
        """The role of one table; None when something that it cannot be without is wrong."""
        before = len(self.faults)
        if table is _NO_TABLE:
            return None
        values, faults = read_table(table, ROLE_KEYS)
        for key, fault in faults:
            self._fault(("roles", name, key), f"{key} of role {name}", fault)
        if not SAFE_NAME.fullmatch(name):
            self._role_fault(name, "", f'the role name "{name}" is not safe', "Use letters, digits and _-/.%@:+ only.")
        self._check_origin(name, table, values, targets)
        self._check_target(name, table, values, targets)
        if len(self.faults) > before:
            return None
        if "role_arn" in values:
            values["arn"] = values.pop("role_arn")
        base = self.aws.profiles.get(values.get("from_profile", ""))
        copied = {} if base is None else offered_values(base)
        target = ProfileName(_target(name, table))
        return Role(**{**copied, **values, "name": RoleName(name), "profile": target})

    def _check_origin(
        self, name: str, table: Mapping[str, Any], values: Mapping[str, Any], targets: frozenset[str]
    ) -> None:
        """Where the role and the credentials that assume it come from."""
        if "source_profile" in table and "from_profile" in table:
            self._role_fault(
                name,
                "from_profile",
                f"role {name} has both source_profile and from_profile",
                "Keep source_profile beside role_arn, or from_profile alone.",
            )
            return
        if "from_profile" in table:
            self._check_from_profile(name, table, values)
            return
        if "role_arn" not in table:
            self._role_fault(
                name,
                "",
                f"role {name} has neither role_arn nor from_profile",
                "Add role_arn and source_profile, or from_profile with a profile of ~/.aws/config.",
            )
        elif "source_profile" not in table:
            self._role_fault(
                name,
                "",
                f"role {name} has no source_profile",
                "Name the profile whose credentials may assume the role.",
            )
        source = values.get("source_profile")
        if source is not None and source not in self.aws.profiles and source not in targets:
            self._unknown_profile(name, "source_profile", source, frozenset(self.aws.profiles) | targets)

    def _check_from_profile(self, name: str, table: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        wanted = values.get("from_profile")
        if wanted is None:  # its own fault is told already
            return
        profile = self.aws.profiles.get(wanted)
        if profile is None:
            offers = {known.name for known in self.aws.profiles.values() if known.kind in OFFERED_KINDS}
            self._unknown_profile(name, "from_profile", wanted, offers)
        elif profile.kind not in OFFERED_KINDS or ("role_arn" in table and profile.kind in _WHOLE):
            self._role_fault(
                name,
                "from_profile",
                f"profile {wanted}, which role {name} is to be taken from, names no role",
                f'Write source_profile = "{wanted}" beside a role_arn if it is the source of the role.',
            )

    def _unknown_profile(self, name: str, key: str, wanted: str, known: Iterable[str]) -> None:
        meant = nearest(wanted, known)
        where = f"{self.aws.config_file} and {self.aws.credentials_file}"
        hint = f"Did you mean {meant}?" if meant else f"Add the profile, or name one of {where}."
        self._role_fault(name, key, f'{key} of role {name} names "{wanted}", a profile that does not exist', hint)

    def _check_target(
        self, name: str, table: Mapping[str, Any], values: Mapping[str, Any], targets: frozenset[str]
    ) -> None:
        """The profile that is to be written."""
        if "profile" in table and "profile" not in values:  # its own fault is told already
            return
        target = _target(name, table)
        free = self.aws.free_name(f"{name}-session", targets)
        there = self.aws.profiles.get(target)
        base = self.aws.profiles.get(values.get("from_profile", ""))
        source = values.get("source_profile") or (base.settings.get("source_profile") if base else None)
        if target in self._writers:
            self._role_fault(
                name,
                "profile",
                f"roles {self._writers[target]} and {name} would both write the profile {target}",
                f'Give one of them another profile, such as profile = "{free}".',
            )
        elif target == source:
            self._role_fault(
                name,
                "profile",
                f"role {name} would write its session over its own source profile {target}",
                f'Give it another profile, such as profile = "{free}".',
            )
        elif there is not None and there.kind in ROLE_KINDS:
            self._role_fault(
                name,
                "profile",
                f"the profile {target} of role {name} is itself a profile with {there.kind.value} settings "
                f"({there.file}, line {there.line}), so AWS tools would ignore the keys written to it",
                f'Give it another profile, such as profile = "{free}".',
            )
        self._writers.setdefault(target, name)

    def _role_fault(self, name: str, key: str, what: str, hint: str) -> None:
        self.faults.append((("roles", name, key), what, hint))

    def _fault(self, path: tuple[str, ...], subject: str, fault: Fault) -> None:
        self.faults.append((path, f"{subject} {fault.what}", fault.hint))


def _target(name: str, table: object) -> str:
    """The profile that a role writes."""
    given = table.get("profile") if isinstance(table, dict) else None
    return given if isinstance(given, str) else f"{name}-session"
