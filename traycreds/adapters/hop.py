"""The last hop to a role: what the configuration says and what its profile adds. Pure: reads no file, calls nobody.

The rules are botocore's own (shared/aws-facts.md 1.2): options such as region and endpoint come from the top profile,
a source profile that holds keys ends the chain, and either `source_profile` or `credential_source` names the source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from traycreds.adapters import regionfile
from traycreds.adapters.configschema import nearest
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import Role

Profile: TypeAlias = Mapping[str, Any]

CHAIN_CAP = 3600
"""Seconds that a session may last when its source is itself temporary (STS API reference, AssumeRole)."""

LONGEST = 43200
"""The most seconds that any role may allow for a session (the same)."""

DEFAULT_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where STS is asked when nothing names a region, by partition of the role's ARN; us-east-1 for all others."""

OF_THE_TOKEN = ("tags", "transitive_tag_keys", "source_identity")
OURS = (*OF_THE_TOKEN, "policy", "policy_arns")
"""Fields of a Role that only AssumeRole takes; those of the token are in it for a web identity."""

KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key"})
OF_ONE_HOP = KEYS | {
    "role_arn",
    "source_profile",
    "credential_source",
    "external_id",
    "mfa_serial",
    "role_session_name",
    "duration_seconds",
    "aws_session_token",
    "aws_security_token",
    "region",
    "output",
}
"""Options that say nothing about how STS is reached, so that roles that differ in them alone share a client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """How the session of a role is got.

    Attributes:
        top: the profile whose options (endpoint, services, FIPS) hold for every call.
        arn: the role to assume; None when the profile itself yields the session.
        source_profile: whose credentials assume it; the profile itself when `arn` is None.
        token_file: the web identity token that assumes it instead of a source's keys.
        credential_source: where credentials come from instead: Environment, Ec2InstanceMetadata, EcsContainer.
        region: of STS.
        duration: seconds; None leaves it to AWS.
        login: whose sign-in stands behind the source, if any does: the sso-session, or the profile that has it.
        login_session: what `aws login` calls that sign-in; None for one of another kind.
        options: the top profile's options that a client depends on, as text.
        fingerprint: everything in the files that the source depends on, as text: holds keys, so never to be shown.
    """

    top: str
    arn: str | None
    source_profile: str | None
    credential_source: str | None
    token_file: str | None
    region: str
    external_id: str | None
    mfa_serial: str | None
    session_name: str | None
    duration: int | None
    login: str
    login_session: str | None
    options: str
    fingerprint: str

    def __repr__(self) -> str:
        """Leave the keys out."""
        return f"Hop(top={self.top!r}, arn={self.arn!r})"

    @property
    def source(self) -> str:
        """The source, in the words of a sentence."""
        return f"profile {self.source_profile}" if self.source_profile else f"the {self.credential_source} credentials"


def hop_to(role: Role, config: Mapping[str, Any]) -> Hop:
    """Merge a role with its profile.

    Args:
        role: as configured; what it leaves open comes from its `from_profile`.
        config: botocore's merged view of both files: profiles, sso_sessions, services.

    Raises:
        IssueError: BAD_CONFIG, when a profile is missing or the two contradict each other.
    """
    profiles: Mapping[str, Profile] = config.get("profiles", {})
    top = role.from_profile or role.source_profile
    if top is None:
        raise _bad(f"Role {role.name} has no source profile.", "Give it a source_profile in the configuration.")
    options = _find(role, profiles, top)
    profile = options if role.from_profile else {}
    arn: str | None = role.arn or profile.get("role_arn")
    source: str | None = role.source_profile or profile.get("source_profile")
    credential_source: str | None = profile.get("credential_source")
    if credential_source and source:
        hint = "Remove one of them from ~/.aws/config."
        raise _bad(f"Profile {top} has both source_profile and credential_source.", hint)
    token_file: str | None = None
    if arn is None:
        source, credential_source = top, None
        _refuse_extras(role, OURS, f"Profile {top} gives its session as it is")
    elif "web_identity_token_file" in profile and arn == profile.get("role_arn"):  # goes before any other source
        source, credential_source, token_file = top, None, profile["web_identity_token_file"]
        _refuse_extras(role, OF_THE_TOKEN, f"The web identity token of profile {top} says this itself")
    elif source is None and credential_source is None:
        if arn == profile.get("role_arn"):
            hint = "Add a source_profile to it in ~/.aws/config."
            raise _bad(f"Profile {top} has a role_arn but no source_profile.", hint)
        source = top
    if source is not None:
        _find(role, profiles, source)
    chain = _chain(profiles, source)
    login, login_session = _login(chain)
    return Hop(
        top=top,
        arn=arn,
        source_profile=source,
        credential_source=credential_source,
        token_file=token_file,
        region=role.region or _region(options) or _default_region(arn),
        external_id=role.external_id or profile.get("external_id"),
        mfa_serial=role.mfa_serial or profile.get("mfa_serial"),
        session_name=role.session_name or profile.get("role_session_name"),
        duration=_seconds(role, profile),
        login=login or source or top,
        login_session=login_session,
        options=_text({key: value for key, value in options.items() if key not in OF_ONE_HOP}),
        fingerprint=_text([chain, config.get("sso_sessions"), config.get("services")]),
    )


def _region(profile: Profile) -> str | None:
    """The region of a profile, unless we wrote it there: what the user chose for other programs is not for STS."""
    return None if regionfile.is_ours(profile) else profile.get("region")


def has_keys(profile: Profile) -> bool:
    """Whether a profile holds keys, even if only half of them: then they are its credentials as a source."""
    return any(key in profile for key in KEYS)


def assume_role_arguments(role: Role, hop: Hop, *, session_name: str, seconds: int | None) -> dict[str, Any]:
    """The parameters of AssumeRole and AssumeRoleWithWebIdentity, but for the MFA code and the token."""
    arguments: dict[str, Any] = {"RoleArn": hop.arn, "RoleSessionName": hop.session_name or session_name}
    optional: dict[str, Any] = {
        "DurationSeconds": seconds,
        "ExternalId": None if hop.token_file else hop.external_id,
        "SourceIdentity": role.source_identity,
        "Policy": role.policy,
        "PolicyArns": [{"arn": arn} for arn in role.policy_arns],
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags],
        "TransitiveTagKeys": list(role.transitive_tag_keys),
    }
    return arguments | {name: value for name, value in optional.items() if value}


def _find(role: Role, profiles: Mapping[str, Profile], name: str) -> Profile:
    if name in profiles:
        return profiles[name]
    near = nearest(name, profiles)
    hint = f"Did you mean {near}?" if near else "Add it there, or name another profile in the configuration."
    raise _bad(
        f"Profile {name}, which role {role.name} needs, is in neither ~/.aws/config nor ~/.aws/credentials.", hint
    )


def _refuse_extras(role: Role, fields: tuple[str, ...], why: str) -> None:
    extras = ", ".join(name for name in fields if getattr(role, name))
    if extras:
        raise _bad(f"Role {role.name} cannot have {extras}.", f"{why}: remove the setting from the role.")


def _default_region(arn: str | None) -> str:
    partition = arn.split(":")[1] if arn and arn.count(":") else ""
    return DEFAULT_REGIONS.get(partition, "us-east-1")


def _seconds(role: Role, profile: Profile) -> int | None:
    if role.duration is not None:
        return int(role.duration.total_seconds())
    text = str(profile.get("duration_seconds", ""))
    return int(text) if text.isascii() and text.isdigit() else None  # botocore ignores what is no number


def _chain(profiles: Mapping[str, Profile], name: str | None) -> list[tuple[str, Profile]]:
    """A profile and all that it depends on, each once."""
    chain: dict[str, Profile] = {}
    while name in profiles and name not in chain:
        assert name is not None
        chain[name] = profiles[name]
        name = profiles[name].get("source_profile")
    return list(chain.items())


def _login(chain: list[tuple[str, Profile]]) -> tuple[str | None, str | None]:
    """The first sign-in of a chain: its sso-session or profile, and what `aws login` calls it."""
    for name, profile in chain:
        if "sso_session" in profile:
            return profile["sso_session"], None
        if "sso_start_url" in profile or "login_session" in profile:
            return name, profile.get("login_session")
    return None, None


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _bad(sentence: str, hint: str) -> IssueError:
    return IssueError(FailureKind.BAD_CONFIG, sentence, hint)
