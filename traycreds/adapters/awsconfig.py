"""Owns what ~/.aws/config and the profile names of the credentials file say, merged the way botocore merges them.

Reads only; never writes either file, keeps no key and no token of them, and quotes no value in an error.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from traycreds.adapters.awsfile import Section, read_sections
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Role, RoleName

_UNSAFE = re.compile(r"[^A-Za-z0-9_\-/.%@:+]+")
"""What some SDKs cannot read in a profile's name (see configvalues.SAFE_NAME)."""

_SECRET_KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"})


class Kind(enum.Enum):
    """Where botocore takes a profile's credentials from, in botocore's own order of providers."""

    ROLE = "role"
    WEB_IDENTITY = "web identity"
    SSO = "IAM Identity Center (SSO)"
    KEYS = "static keys"
    LOGIN = "login"
    PROCESS = "credential process"
    NOTHING = "settings only"


ROLE_KINDS = frozenset({Kind.ROLE, Kind.WEB_IDENTITY, Kind.SSO})
"""Kinds that can be a role of ours, and that cannot be the target of one: for them botocore ignores keys of the same
profile in the credentials file (aws-facts.md 2.4)."""

OFFERED_KINDS = ROLE_KINDS | {Kind.PROCESS, Kind.LOGIN}
"""Kinds that `from_profile` may name: a credential_process yields whole sessions too, as granted's does, and so does
`aws login`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsProfile:
    """One profile with its settings, those of the credentials file on top.

    Attributes:
        name: of the profile.
        settings: all but the keys and tokens.
        file: where it was found first.
        line: of its header in that file.
        static: whether it holds an access key.
    """

    name: ProfileName
    settings: Mapping[str, str] = field(repr=False)
    file: Path
    line: int
    static: bool = False

    @property
    def kind(self) -> Kind:
        """What botocore would do with it."""
        has = self.settings.__contains__
        if has("role_arn"):
            return Kind.WEB_IDENTITY if has("web_identity_token_file") else Kind.ROLE
        if has("sso_role_name") or has("sso_account_id"):
            return Kind.SSO
        if self.static:
            return Kind.KEYS
        if has("login_session"):
            return Kind.LOGIN
        return Kind.PROCESS if has("credential_process") else Kind.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsProfiles:
    """Everything both AWS files define.

    Attributes:
        profiles: by name, in the order of the files.
        sso_sessions: the settings of each `[sso-session NAME]`.
        config_file: the path of ~/.aws/config.
        credentials_file: the path of ~/.aws/credentials.
    """

    profiles: Mapping[str, AwsProfile] = field(default_factory=dict)
    sso_sessions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    config_file: Path = Path("~/.aws/config")
    credentials_file: Path = Path("~/.aws/credentials")

    def free_name(self, wanted: str, taken: frozenset[str] = frozenset()) -> str:
        """The wanted name, or the next like it that no profile and none of the taken names has."""
        name, number = wanted, 1
        while name in taken or name in self.profiles:
            number += 1
            name = f"{wanted}-{number}"
        return name


def read(config_file: Path, credentials_file: Path) -> AwsProfiles:
    """Read both files; one that does not exist is an empty one.

    Raises:
        ConfigError: a file that botocore could not read either, with file, line and cause; where it is the credentials
            file, with that one's exit code.
    """
    profiles: dict[str, AwsProfile] = {}
    sso_sessions: dict[str, Mapping[str, str]] = {}
    for section in read_sections(config_file):
        prefix, name = section_name(section.name)
        if prefix == "profile":
            profiles[name] = _profile(name, section, config_file)
        elif prefix == "sso-session":
            sso_sessions[name] = dict(section.values)
    try:
        credentials = read_sections(credentials_file)
    except ConfigError as error:
        error.exit_code = CredentialsFileError.exit_code
        raise
    for section in credentials:
        here = _profile(section.name, section, credentials_file)
        there = profiles.get(section.name)
        if there is not None:
            here = AwsProfile(
                name=here.name,
                settings={**there.settings, **here.settings},
                file=there.file,
                line=there.line,
                static=there.static or here.static,
            )
        profiles[section.name] = here
    return AwsProfiles(
        profiles=profiles, sso_sessions=sso_sessions, config_file=config_file, credentials_file=credentials_file
    )


def offered_values(profile: AwsProfile) -> dict[str, Any]:
    """What a Role takes from a profile of ~/.aws/config: fields of `Role` by name, only those the profile has."""
    settings = profile.settings
    names = {
        "arn": "role_arn",
        "source_profile": "source_profile",
        "region": "region",
        "external_id": "external_id",
        "mfa_serial": "mfa_serial",
        "mfa_process": "mfa_process",
        "session_name": "role_session_name",
    }
    values: dict[str, Any] = {ours: settings[theirs] for ours, theirs in names.items() if settings.get(theirs)}
    seconds = settings.get("duration_seconds", "")
    if seconds.isascii() and seconds.isdigit():  # botocore ignores what is no number, and so do we (doctor tells)
        values["duration"] = timedelta(seconds=int(seconds))
    return values


def discover(aws: AwsProfiles) -> tuple[Role, ...]:
    """One offered role for each profile with a role or SSO settings; none is kept."""
    roles: list[Role] = []
    names: set[str] = set()
    targets: set[str] = set()
    for profile in aws.profiles.values():
        if profile.kind not in ROLE_KINDS:
            continue
        name = _next_free(safe_name(profile.name), names)
        target = f"{name}-session"
        there = aws.profiles.get(target)
        if target in targets or (there is not None and there.kind in ROLE_KINDS):
            target = aws.free_name(target, frozenset(targets))
        names.add(name)
        targets.add(target)
        roles.append(
            Role(
                name=RoleName(name),
                profile=ProfileName(target),
                from_profile=profile.name,
                **offered_values(profile),
            )
        )
    return tuple(roles)


def safe_name(name: str) -> str:
    """A name that every SDK reads alike, as near as can be to the given one."""
    return _UNSAFE.sub("-", name).strip("-") or "role"


def _next_free(wanted: str, taken: set[str]) -> str:
    return AwsProfiles().free_name(wanted, frozenset(taken))


def section_name(section: str) -> tuple[str, str]:
    """Kind and name of a section of ~/.aws/config, as botocore's build_profile_map splits them; ("", "") if neither."""
    if section == DEFAULT_PROFILE:
        return "profile", section
    import shlex  # noqa: PLC0415 - only ~/.aws/config needs it

    try:
        parts = shlex.split(section)
    except ValueError:  # an unclosed quote: botocore skips the section
        return "", ""
    # botocore asks only how the section begins, so that "profiles x" is a profile too.
    prefix = next((kind for kind in ("profile", "sso-session") if section.startswith(kind)), "")
    return (prefix, parts[1]) if prefix and len(parts) == 2 else ("", "")  # noqa: PLR2004 - [profile NAME]


def _profile(name: str, section: Section, file: Path) -> AwsProfile:
    return AwsProfile(
        name=ProfileName(name),
        settings={key: value for key, value in section.values.items() if key not in _SECRET_KEYS},
        file=file,
        line=section.line,
        static="aws_access_key_id" in section.values,
    )
