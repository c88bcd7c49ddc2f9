"""How to get a role's session: the configuration, completed from its profile. Pure.

The rules are botocore's (docs/aws-behaviour.md#how-botocore-resolves-a-profile): options come from the top profile, a
source profile with keys ends the chain, and `source_profile` or `credential_source` names the source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from traycreds.aws.error_table import EXCEPTIONS
from traycreds.aws.keys import HOUR
from traycreds.awsfiles import ownership
from traycreds.awsfiles.profiles import is_our_region, whole_seconds
from traycreds.awsfiles.settings import values
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.lookup import did_you_mean
from traycreds.core.model import Role
from traycreds.core.value_class import value_class

Profile: TypeAlias = Mapping[str, Any]

DEFAULT_REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The default region of STS, by partition of the role's ARN; us-east-1 for all others."""

SET_BY_TOKEN = ("tags", "transitive_tag_keys", "source_identity")
ASSUME_ROLE_ONLY = (*SET_BY_TOKEN, "policy", "policy_arns")
"""Fields of a Role that only AssumeRole takes; of a web identity the token holds the first three."""

KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key"})
ROLE_OPTIONS = KEYS | {
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
    # What traycreds writes with each session, also into `default`, whose options count where no profile is named.
    ownership.MARKER,
    ownership.EXPIRY,
    ownership.WRITTEN_KEY,
    ownership.SESSION_OF,
    ownership.ACCOUNT,
}
"""Options that do not affect STS, so that roles that differ only in them share a client."""
TEXTS = ROLE_OPTIONS | {
    "credential_process",
    "login_session",
    "services",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
}
"""Settings that must be texts."""


@value_class(kw_only=True)
class AssumeRoleSettings:
    """How to get a role's session.

    Attributes:
        top: the profile whose options (endpoint, services, FIPS) apply to every call; None without a profile, where
            those of `default` do.
        arn: the role to assume; None when the profile itself yields the session.
        source_profile: whose credentials assume it; the profile itself when `arn` is None.
        chain: that profile and those that its credentials come from.
        token_file: the web identity token that assumes it instead of a source's keys.
        credential_source: the other source: Environment, Ec2InstanceMetadata, EcsContainer.
        duration: seconds; None leaves it to AWS.
        login, login_session: the sign-in that the source needs: its sso-session or profile; its name for `aws login`.
        client_options: the top profile's options that a client depends on, as text.
        fingerprint: everything in the files that the source depends on; secret, because it holds keys.
    """

    role: Role
    top: str | None
    arn: str | None
    source_profile: str | None
    chain: tuple[str, ...]
    credential_source: str | None
    token_file: str | None
    region: str
    external_id: str | None
    mfa_serial: str | None
    session_name: str | None
    duration: int | None
    login: str
    login_session: str | None
    client_options: str
    fingerprint: str

    def __repr__(self) -> str:
        """Leave the keys out."""
        return f"AssumeRoleSettings(top={self.top!r}, arn={self.arn!r})"

    @property
    def source(self) -> str:
        """The source, in the words of a sentence."""
        if self.role.token_setting is not None:
            return f"its {self.role.token_setting}"
        return f"profile {self.source_profile}" if self.source_profile else f"the {self.credential_source} credentials"

    @property
    def source_key(self) -> tuple[str | None, ...]:
        """What roles that share a source and its clients have in common."""
        return (self.client_options, self.source_profile, self.credential_source, self.region)

    @property
    def is_long(self) -> bool:
        """Whether the configured session is longer than a chained role's may be."""
        return self.duration is not None and self.duration > HOUR

    def arguments(self, *, session_name: str, seconds: int | None) -> dict[str, Any]:
        """The parameters of AssumeRole and AssumeRoleWithWebIdentity, without MFA code and token."""
        role = self.role
        arguments: dict[str, Any] = {"RoleArn": self.arn, "RoleSessionName": self.session_name or session_name}
        optional: dict[str, Any] = {
            "DurationSeconds": seconds,
            "ExternalId": None if self.token_file else self.external_id,
            "SourceIdentity": role.source_identity,
            "Policy": role.policy,
            "PolicyArns": [{"arn": arn} for arn in role.policy_arns],
            "Tags": [{"Key": key, "Value": value} for key, value in role.tags],
            "TransitiveTagKeys": list(role.transitive_tag_keys),
        }
        return arguments | {name: value for name, value in optional.items() if value}


def _nowhere(_profile: str, _key: str) -> str:
    return ""


def effective_settings(
    role: Role, config: Mapping[str, Any], location: Callable[[str, str], str] = _nowhere
) -> AssumeRoleSettings:
    """Merge a role with its profile; `config` is botocore's view of both files, `location` says where a setting is.

    Raises IssueError: BAD_CONFIG, when a profile is missing or the two contradict each other.
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
    token_file: str | None = None
    if arn is None:
        source, credential_source = top, None
        _refuse_extras(role, ASSUME_ROLE_ONLY, f"Profile {top} provides its session as is")
    elif "web_identity_token_file" in profile and arn == profile.get("role_arn"):
        # A web identity token goes before any other source.
        source, credential_source, token_file = top, None, profile["web_identity_token_file"]
        _refuse_extras(role, SET_BY_TOKEN, f"The web identity token of profile {top} already sets this")
    elif credential_source and source:
        hint = "Remove one of them from ~/.aws/config."
        raise _bad(f"Profile {top} has both source_profile and credential_source.", hint)
    elif source is None and credential_source is None:
        if arn == profile.get("role_arn"):
            hint = "Add a source_profile to it in ~/.aws/config."
            raise _bad(f"Profile {top} has a role_arn but no source_profile.", hint)
        source = top
    if source is not None:
        _find(role, profiles, source)
    links = _chain(profiles, source)
    if source != top and _is_circle(top, links):
        row = EXCEPTIONS["InfiniteLoopConfigError"]
        raise IssueError(row.kind, row.sentence.format(role=role.name), row.hint.format(who=f"profile {top}"))
    _check_arns({top: profile} if arn == profile.get("role_arn") else {}, links, location)
    login, login_session = _login(links)
    settings = AssumeRoleSettings(
        role=role,
        top=top,
        arn=arn,
        source_profile=source,
        chain=tuple(name for name, _ in links),
        credential_source=credential_source,
        token_file=token_file,
        region=role.region or _region(options) or default_region(arn),
        external_id=role.external_id or profile.get("external_id"),
        mfa_serial=role.mfa_serial or profile.get("mfa_serial"),
        session_name=role.session_name or profile.get("role_session_name"),
        duration=_seconds(role, profile),
        login=login or source or top,
        login_session=login_session,
        client_options=client_options(options),
        fingerprint=as_text([links, config.get("sso_sessions"), config.get("services")]),
    )
    _check_devices(settings, links)
    if role.is_mfa_session and _gives_session(options):
        raise needs_long_term_keys(role.name, top)
    return settings


def client_options(options: Profile) -> str:
    """The options of a profile that a client depends on."""
    return as_text({key: value for key, value in options.items() if key not in ROLE_OPTIONS})


def needs_long_term_keys(role: str, source: str) -> IssueError:
    """What to say of the MFA session of a user whose source is itself a session."""
    return _bad(
        f"The MFA session {role} needs long-term keys, but profile {source} provides a session.",
        "Set its source_profile to the profile with the keys of your user.",
    )


def _gives_session(profile: Profile) -> bool:
    """Whether a source profile certainly gives a session, not keys that last."""
    if has_keys(profile):
        return "aws_session_token" in profile or "aws_security_token" in profile
    return not {"role_arn", "sso_session", "sso_account_id", "login_session"}.isdisjoint(profile)


def _region(profile: Profile) -> str | None:
    """The region of a profile, unless we wrote it there: that choice is for other programs, not for STS."""
    return None if is_our_region(profile) else profile.get("region")


def has_keys(profile: Profile) -> bool:
    """Whether a profile has keys, even half a pair: then they are its credentials as a source."""
    return any(key in profile for key in KEYS)


def _find(role: Role, profiles: Mapping[str, Profile], name: str) -> Profile:
    if name in profiles:
        return _without_blocks(name, profiles[name])
    hint = did_you_mean(name, profiles, otherwise="Add it there, or choose another profile in the configuration.")
    raise _bad(
        f"Profile {name}, which role {role.name} needs, is in neither ~/.aws/config nor ~/.aws/credentials.", hint
    )


def _without_blocks(name: str, profile: Profile) -> Profile:
    """The profile, with text settings checked: botocore turns a value on new lines into a block."""
    for key in sorted(TEXTS & profile.keys()):
        if wrong := values.block(profile[key]):
            raise _bad(f"{key} of profile {name} {wrong.what}.", wrong.remedy)
    return profile


def _check_arns(
    top: Mapping[str, Profile], links: Sequence[tuple[str, Profile]], location: Callable[[str, str], str]
) -> None:
    used = [*top.items(), *((name, link) for name, link in links if not has_keys(link))]
    for name, profile in used:
        wrong = values.role_arn(profile["role_arn"]) if "role_arn" in profile else None
        if wrong is not None:
            raise _bad(f"role_arn of profile {name} {wrong.what}{location(name, 'role_arn')}.", wrong.remedy)


def _check_devices(settings: AssumeRoleSettings, links: list[tuple[str, Profile]]) -> None:
    """Refuse MFA devices that AWS would only call a wrong code."""
    serials = {
        f"profile {name}": link.get("mfa_serial")
        for name, link in links
        if "role_arn" in link and "web_identity_token_file" not in link and not has_keys(link)
    }
    if settings.role.is_mfa_session or (settings.arn is not None and settings.token_file is None):
        serials[f"role {settings.role.name}"] = settings.mfa_serial
    for where, serial in serials.items():
        wrong = values.mfa_serial(serial) if serial is not None else None
        if wrong is not None:
            raise _bad(f"mfa_serial of {where} {wrong.what}.", wrong.remedy)


def _refuse_extras(role: Role, fields: tuple[str, ...], why: str) -> None:
    extras = ", ".join(name for name in fields if getattr(role, name))
    if extras:
        raise _bad(f"Role {role.name} cannot have {extras}.", f"{why}: remove the setting from the role.")


def default_region(arn: str | None) -> str:
    """The region of STS for a role that names none."""
    partition = arn.split(":")[1] if arn and arn.count(":") else ""
    return DEFAULT_REGIONS.get(partition, "us-east-1")


def _seconds(role: Role, profile: Profile) -> int | None:
    if role.duration is not None:
        return int(role.duration.total_seconds())
    return whole_seconds(str(profile.get("duration_seconds", "")))


def _chain(profiles: Mapping[str, Profile], name: str | None) -> list[tuple[str, Profile]]:
    links: dict[str, Profile] = {}
    while name in profiles and name not in links:
        assert name is not None
        links[name] = _without_blocks(name, profiles[name])
        name = _next_source(profiles[name])
    return list(links.items())


def _next_source(profile: Profile) -> str | None:
    """The profile whose credentials assume the role of a source; None for a source that has credentials itself."""
    if "role_arn" not in profile or "web_identity_token_file" in profile or has_keys(profile):
        return None
    return None if "credential_source" in profile else profile.get("source_profile")


def _is_circle(top: str, links: list[tuple[str, Profile]]) -> bool:
    """Whether the sources of a profile lead back to one of them. As in botocore, keys end a chain, but not at `top`."""
    names = [name for name, _ in links]
    return top in names or (bool(links) and _next_source(links[-1][1]) in names)


def _login(links: list[tuple[str, Profile]]) -> tuple[str | None, str | None]:
    """The first sign-in of a chain: its sso-session or profile, and what `aws login` calls it."""
    for name, profile in links:
        if "sso_session" in profile:
            return profile["sso_session"], None
        if "sso_start_url" in profile or "login_session" in profile:
            return name, profile.get("login_session")
    return None, None


def as_text(value: Any) -> str:
    """A value in a form to compare by."""
    return json.dumps(value, sort_keys=True)


def _bad(sentence: str, hint: str) -> IssueError:
    return IssueError(FailureKind.BAD_CONFIG, sentence, hint)
