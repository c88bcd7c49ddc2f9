"""Makes Roles of merged role tables, and collects every fault with its text. Knows no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traycreds.awsfiles.profiles import (
    OFFERED_KINDS,
    AwsProfiles,
    Kind,
    is_our_region,
    offered_values,
    tools_that_ignore,
)
from traycreds.config.layers import ROLES, SOURCE_KEYS, Layers
from traycreds.config.schema import ROLE_KEYS, read_table
from traycreds.core.lookup import did_you_mean
from traycreds.core.model import ProfileName, Role, RoleName
from traycreds.core.names import SAFE_NAME, unusable

_WHOLE = frozenset({Kind.SSO, Kind.PROCESS, Kind.LOGIN})
"""Kinds whose session is used as is, so `from_profile` cannot assume another role with it."""


_OF_ASSUMED = frozenset(
    {
        "duration",
        "external_id",
        "policy",
        "policy_arns",
        "session_name",
        "source_identity",
        "tags",
        "transitive_tag_keys",
    }
)
"""Keys that only a role to assume can have, not the MFA session of a user."""


_ONLY_ASSUME_ROLE = frozenset(
    {"external_id", "mfa_process", "mfa_serial", "source_identity", "tags", "transitive_tag_keys"}
)
_REFUSED_BESIDE = {
    "saml_process": _ONLY_ASSUME_ROLE | {"session_name"},
    "web_identity_process": _ONLY_ASSUME_ROLE,
}
"""Keys that have no place beside a program which prints a token (STS API reference)."""


class Roles:
    """One reading of role tables: collects faults instead of stopping at the first."""

    def __init__(self, aws: AwsProfiles, layers: Layers) -> None:
        """Read nothing yet; faults are added to those of the layers."""
        self.aws = aws
        self._layers = layers
        self._writers: dict[str, str] = {}

    def read(self) -> tuple[Role, ...]:
        """The roles without a fault."""
        tables = self._layers.tables
        targets = frozenset(_target(name, table) for name, table in tables.items())
        for name, table in self._layers.unused.items():
            self._values(name, table)
        found = [self._role(name, table, targets) for name, table in tables.items()]
        return tuple(role for role in found if role is not None)

    def _values(self, name: str, table: Mapping[str, Any]) -> dict[str, Any]:
        values, faults = read_table(table, ROLE_KEYS)
        for key, fault in faults:
            self._role_fault(name, key, f"{key} of role {name} {fault.what}", fault.hint)
        return values

    def _role(self, name: str, table: Mapping[str, Any], targets: frozenset[str]) -> Role | None:
        before = len(self._layers.faults)
        values = self._values(name, table)
        if not SAFE_NAME.fullmatch(name):
            self._role_fault(name, "", f'the role name "{name}" is not safe', "Use letters, digits and _-/.%@:+ only.")
        elif why := unusable(name):
            self._role_fault(name, "", f'the role name "{name}" {why}', "Choose another name.")
        self._check_origin(name, table, values, targets)
        self._check_target(name, table, values, targets)
        if len(self._layers.faults) > before:
            return None
        if "role_arn" in values:
            values["arn"] = values.pop("role_arn")
        base = self.aws.profiles.get(values.get("from_profile", ""))
        values = {**({} if base is None else offered_values(base)), **values}
        if "region" not in values and (region := self._source_region(values)) is not None:
            values["region"] = region
        target = ProfileName(_target(name, table))
        return Role(**{**values, "name": RoleName(name), "profile": target})

    def _source_region(self, values: Mapping[str, Any]) -> str | None:
        """The region of the source profile, also for STS; not one that we wrote for other programs."""
        source = self.aws.profiles.get(values.get("source_profile", ""))
        if source is None or is_our_region(source.settings):
            return None
        return source.settings.get("region")

    def _check_origin(
        self, name: str, table: Mapping[str, Any], values: Mapping[str, Any], targets: frozenset[str]
    ) -> None:
        sources = [key for key in SOURCE_KEYS if key in table]
        if sources and "from_profile" in table:
            self._role_fault(
                name,
                "from_profile",
                f"role {name} has both {sources[0]} and from_profile",
                f"Keep {sources[0]} beside role_arn, or from_profile alone.",
            )
            return
        if len(sources) > 1:
            what = f"role {name} has both {sources[0]} and {sources[1]}"
            self._role_fault(name, sources[1], what, "Keep the one whose credentials or token assume the role.")
            return
        if "saml_provider" in values and "saml_process" not in table:
            what = f"saml_provider of role {name} has no saml_process beside it"
            self._role_fault(name, "saml_provider", what, "Add saml_process, or remove saml_provider.")
        if "from_profile" in table:
            self._check_from_profile(name, table, values)
        elif sources and sources[0] in _REFUSED_BESIDE:
            self._check_token(name, table, sources[0])
        elif "role_arn" not in table and {"source_profile", "mfa_serial"} <= table.keys():
            self._check_mfa_session(name, table)
        elif "role_arn" not in table:
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
                "Set it to the profile whose credentials may assume the role.",
            )
        source = values.get("source_profile")
        if source is not None and source not in self.aws.profiles and source not in targets:
            self._unknown_profile(name, "source_profile", source, frozenset(self.aws.profiles) | targets)

    def _check_token(self, name: str, table: Mapping[str, Any], setting: str) -> None:
        """A role whose token a program prints."""
        if "role_arn" not in table:
            what = f"role {name} has {setting}, but no role_arn"
            self._role_fault(name, setting, what, "Add the ARN of the role that the token is for.")
        for key in sorted(_REFUSED_BESIDE[setting] & table.keys()):
            what = f"role {name} cannot have {key} beside {setting}"
            self._role_fault(name, key, what, f"Remove it: AWS does not accept {key} with such a token.")

    def _check_mfa_session(self, name: str, table: Mapping[str, Any]) -> None:
        """The MFA session of a user has nothing that belongs to a role."""
        for key in _OF_ASSUMED & table.keys():
            hint = "Remove it, or add the role_arn."
            if key == "duration":
                hint = "Remove it: mfa_session in [settings] says how long the session lasts. Or add the role_arn."
            self._role_fault(name, key, f"{name} has no role_arn, so it cannot have {key}", hint)

    def _check_from_profile(self, name: str, table: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        wanted = values.get("from_profile")
        # An earlier check has already reported this.
        if wanted is None:
            return
        profile = self.aws.profiles.get(wanted)
        if profile is None:
            offers = {known.name for known in self.aws.profiles.values() if known.kind in OFFERED_KINDS}
            self._unknown_profile(name, "from_profile", wanted, offers)
        elif profile.kind not in OFFERED_KINDS or ("role_arn" in table and profile.kind in _WHOLE):
            hint = f'Write source_profile = "{wanted}" beside a role_arn if it is the source of the role.'
            if "sso_session" in profile.settings:
                missing = [key for key in ("sso_account_id", "sso_role_name") if key not in profile.settings]
                hint = f"Add {' and '.join(missing)} to profile {wanted}." if missing else hint
            what = f"profile {wanted}, the from_profile of role {name}, has no role"
            self._role_fault(name, "from_profile", what, hint)

    def _unknown_profile(self, name: str, key: str, wanted: str, known: Iterable[str]) -> None:
        files = f"{self.aws.config_file} and {self.aws.credentials_file}"
        hint = did_you_mean(wanted, known, otherwise=f"Add the profile, or name one of {files}.")
        self._role_fault(name, key, f'{key} of role {name} names "{wanted}", a profile that does not exist', hint)

    def _check_target(
        self, name: str, table: Mapping[str, Any], values: Mapping[str, Any], targets: frozenset[str]
    ) -> None:
        # An earlier check has already reported this.
        if "profile" in table and "profile" not in values:
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
        elif there is not None and (kind := there.hides_keys) is not None:
            self._role_fault(
                name,
                "profile",
                f"the profile {target} of role {name} is itself a profile with {kind.value} settings "
                f"({there.file}, line {there.line}), so {tools_that_ignore(kind)} would ignore the keys written to it",
                f'Give it another profile, such as profile = "{free}".',
            )
        self._writers.setdefault(target, name)

    def _role_fault(self, name: str, key: str, what: str, hint: str) -> None:
        self._layers.fault((ROLES, name, key), what, hint)


def _target(name: str, table: Mapping[str, Any]) -> str:
    given = table.get("profile")
    return given if isinstance(given, str) else f"{name}-session"
