"""The profiles of both AWS files, merged as botocore merges them. Keeps and quotes no key or token; never writes."""

from __future__ import annotations

import enum
import shlex
from collections.abc import Container, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from traycreds.awsfiles.aws_file import Section, read_sections
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Role, RoleName
from traycreds.core.names import free_name, safe_name
from traycreds.core.value_class import field, replace, value_class
from traycreds.state.paths import Paths

REGION_MARKER = "traycreds_region"
"""The key that makes the region beside it in ~/.aws/config ours; AWS tools do not know it."""
_SECRET_KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"})
_DIGITS = 20
_MOST_SECONDS = 10**9
"""A number of seconds that fits a timedelta; AWS refuses it, like anything longer."""


class Kind(enum.Enum):
    """The sources of a profile's credentials, in botocore's order of providers."""

    ROLE = "role"
    WEB_IDENTITY = "web identity"
    SSO = "IAM Identity Center (SSO)"
    KEYS = "long-term keys"
    LOGIN = "login"
    PROCESS = "credential process"
    NOTHING = "settings only"


ROLE_KINDS = frozenset({Kind.ROLE, Kind.WEB_IDENTITY, Kind.SSO})
"""Kinds that can be one of our roles, and that cannot be the target of one: for them botocore ignores keys of the same
profile in the credentials file (docs/aws-behaviour.md#when-the-config-file-shadows-the-credentials-file)."""

OFFERED_KINDS = ROLE_KINDS | {Kind.PROCESS, Kind.LOGIN}
"""Kinds that `from_profile` may name: a credential_process yields whole sessions too, as granted's does, and so does
`aws login`."""


@value_class(kw_only=True)
class AwsProfile:
    """One profile with its settings, those of the credentials file first.

    Attributes:
        settings: all but keys and tokens.
        file, line: where it was found first.
        static, keys_first: it holds a key; in the credentials file, where that wins over a login and a process.
    """

    name: ProfileName
    settings: Mapping[str, str] = field(repr=False)
    file: Path
    line: int
    static: bool = False
    keys_first: bool = False

    @property
    def kind(self) -> Kind:
        """What botocore would do with it."""
        has = self.settings.__contains__
        if has("role_arn"):
            return Kind.WEB_IDENTITY if has("web_identity_token_file") else Kind.ROLE
        if has("sso_role_name") or has("sso_account_id"):
            return Kind.SSO
        if self.keys_first:
            return Kind.KEYS
        if has("login_session"):
            return Kind.LOGIN
        if has("credential_process"):
            return Kind.PROCESS
        return Kind.KEYS if self.static else Kind.NOTHING

    @property
    def hides_keys(self) -> Kind | None:
        """What wins over keys that the credentials file has for it.

        A process does so only in the SDK for Java v2, so it counts only for `default`, which every program may use.
        """
        if self.kind in ROLE_KINDS:
            return self.kind
        return Kind.PROCESS if self.name == DEFAULT_PROFILE and "credential_process" in self.settings else None


@value_class(kw_only=True)
class AwsProfiles:
    """Everything both AWS files define; `services` are non-empty, because botocore takes empty ones as missing."""

    profiles: Mapping[str, AwsProfile] = field(default_factory=dict)
    sso_sessions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    config_file: Path = Path("~/.aws/config")
    credentials_file: Path = Path("~/.aws/credentials")

    def free_name(self, wanted: str, taken: Container[str] = frozenset()) -> str:
        """The wanted name, or the next similar one that is free."""
        # Not their union: it would cost each of many roles a copy of all names.
        return free_name(wanted, taken, self.profiles)


def read(config_file: Path, credentials_file: Path) -> AwsProfiles:
    """Read both files; a missing one is empty. Raises ConfigError with file, line, cause and the file's exit code."""
    profiles: dict[str, AwsProfile] = {}
    sso_sessions: dict[str, Mapping[str, str]] = {}
    services: set[str] = set()
    for section in read_sections(config_file):
        prefix, name = section_name(section.name)
        if prefix == "profile":
            profiles[name] = _profile(name, section, config_file)
        elif prefix == "sso-session":
            sso_sessions[name] = dict(section.values)
        elif prefix == "services" and section.values:
            services.add(name)
    try:
        credentials = read_sections(credentials_file)
    except ConfigError as error:
        error.exit_code = CredentialsFileError.exit_code
        raise
    for section in credentials:
        here = _profile(section.name, section, credentials_file)
        here = replace(here, keys_first=here.static)
        there = profiles.get(section.name)
        if there is not None:
            settings, static = {**there.settings, **here.settings}, there.static or here.static
            here = replace(here, settings=settings, file=there.file, line=there.line, static=static)
        profiles[section.name] = here
    return AwsProfiles(
        profiles=profiles,
        sso_sessions=sso_sessions,
        services=frozenset(services),
        config_file=config_file,
        credentials_file=credentials_file,
    )


def tools_that_ignore(kind: Kind) -> str:
    """Which tools take what `AwsProfile.hides_keys` says before keys in the credentials file."""
    return "the SDK for Java" if kind is Kind.PROCESS else "AWS tools"


def read_at(paths: Paths) -> AwsProfiles:
    """Read the two AWS files of this process; see `read`."""
    return read(paths.aws_config_file, paths.credentials_file)


def place(aws: AwsProfiles, profile: str, key: str) -> tuple[Path, int] | None:
    """The file and line of a setting of a profile; None if unknown. Raises ConfigError."""
    # Botocore uses the same order, and the first file with the setting counts.
    for file in (aws.credentials_file, aws.config_file):
        for section in read_sections(file):
            kind, name = section_name(section.name) if file == aws.config_file else ("profile", section.name)
            if kind == "profile" and name == profile and key in section.lines:
                return file, section.lines[key]
    return None


def location(config_file: Path, credentials_file: Path, profile: str, key: str) -> str:
    """Where a setting of a profile is, as " (FILE, line N)" to follow it in a sentence; empty if unknown."""
    files = AwsProfiles(config_file=config_file, credentials_file=credentials_file)
    try:
        found = place(files, profile, key)
    except ConfigError:
        return ""
    return "" if found is None else f" ({found[0]}, line {found[1]})"


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
    if profile.kind is Kind.SSO:
        values["permission_set"] = f"{settings.get('sso_account_id', '')}/{settings.get('sso_role_name', '')}"
    seconds = whole_seconds(settings.get("duration_seconds", ""))
    if seconds is not None:
        values["duration"] = timedelta(seconds=seconds)
    return values


def whole_seconds(text: str) -> int | None:
    """The number in `duration_seconds`; None if it is not a number, which botocore ignores (doctor says so)."""
    return min(int(text[:_DIGITS]), _MOST_SECONDS) if text.isascii() and text.isdigit() else None


def discover(aws: AwsProfiles) -> tuple[Role, ...]:
    """One offered role for each profile with a role or SSO settings; none is kept."""
    roles: list[Role] = []
    names: set[str] = set()
    targets: set[str] = set()
    for profile in aws.profiles.values():
        if profile.kind not in ROLE_KINDS:
            continue
        name = free_name(safe_name(profile.name), names)
        target = f"{name}-session"
        there = aws.profiles.get(target)
        if target in targets or (there is not None and there.kind in ROLE_KINDS):
            target = aws.free_name(target, targets)
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


PROFILE_PREFIX = "profile "
"""Comes before the name in a header of ~/.aws/config, except for the default profile."""


def config_header(name: str) -> str:
    """The header text of a profile in ~/.aws/config, as we write it."""
    return name if name == DEFAULT_PROFILE else f"{PROFILE_PREFIX}{name}"


def section_name(section: str) -> tuple[str, str]:
    """Kind and name of a section of ~/.aws/config, as botocore's build_profile_map splits them; ("", "") if neither."""
    if section == DEFAULT_PROFILE:
        return "profile", section

    try:
        parts = shlex.split(section)
    except ValueError:
        # Botocore skips a section with an unclosed quote.
        return "", ""
    # botocore asks only how the section begins, so that "profiles x" is a profile too.
    prefix = next((kind for kind in ("profile", "sso-session", "services") if section.startswith(kind)), "")
    return (prefix, parts[1]) if prefix and len(parts) == 2 else ("", "")  # noqa: PLR2004 - [profile NAME]


def _profile(name: str, section: Section, file: Path) -> AwsProfile:
    return AwsProfile(
        name=ProfileName(name),
        settings={key: value for key, value in section.values.items() if key not in _SECRET_KEYS},
        file=file,
        line=section.line,
        static="aws_access_key_id" in section.values,
    )


def is_our_region(own: Mapping[str, str]) -> bool:
    """Whether the region of a section is the one that we wrote there."""
    return REGION_MARKER in own and own.get("region") == own[REGION_MARKER]
