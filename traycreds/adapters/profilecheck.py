"""Owns the check of AWS profiles against each other and against our roles: what shadows, dangles, or is left over.

Works on both AWS files as read; names no key and no token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from traycreds.adapters.awsconfig import ROLE_KINDS, AwsProfile, AwsProfiles, Kind, section_name
from traycreds.adapters.awsfile import Section, read_sections
from traycreds.adapters.configvalues import MAX_DURATION, MIN_DURATION
from traycreds.adapters.finding import Finding, Severity
from traycreds.adapters.regionfile import is_ours as has_ours
from traycreds.adapters.sections import MARKER, is_ours
from traycreds.core.model import DEFAULT_PROFILE, Role, RoleName

CHAIN_LIMIT = timedelta(hours=1)
"""What AWS allows a session whose source is itself a role (aws-facts.md, "STS facts")."""

_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"


def profile_findings(aws: AwsProfiles) -> list[Finding]:
    """What will bite in the two AWS files, our roles apart.

    Raises:
        ConfigError: a file cannot be read.
    """
    config, credentials = read_sections(aws.config_file), read_sections(aws.credentials_file)
    found = [*_misplaced(aws, config, credentials), *_shadows(aws, config, credentials)]
    by_name = {section.name: section for section in credentials}
    for section in config:
        kind, name = section_name(section.name)
        if kind == "profile":
            found += _profile(aws, aws.profiles[name], section, aws.config_file)
            found += _half_keys({**section.values, **_values(by_name.get(name))}, name, section, aws.config_file)
    known = {section_name(section.name)[1] for section in config}
    for section in credentials:
        if section.name not in known:
            found += _half_keys(section.values, section.name, section, aws.credentials_file)
        found += _profile(aws, aws.profiles[section.name], section, aws.credentials_file)
    return found


def role_findings(aws: AwsProfiles, roles: Sequence[Role]) -> list[Finding]:
    """Sections of ours that no role of the configuration writes any more.

    Raises:
        ConfigError: the credentials file cannot be read.
    """
    writes = {(role.profile, role.name) for role in roles}
    names = {role.name for role in roles}
    found = []
    for section in read_sections(aws.credentials_file):
        if not is_ours(section.values):
            continue
        name = section.values[MARKER]
        if (section.name, name) in writes or (section.name == DEFAULT_PROFILE and name in names):
            continue
        what = f"[{section.name}] is left over from the role {name}, which is not configured to write it"
        remedy = f"Remove the section, or configure the role {name} with that profile again."
        found.append(Finding(file=str(aws.credentials_file), line=section.line, what=what, remedy=remedy))
    return found


def region_findings(aws: AwsProfiles, regions: Mapping[RoleName, str], roles: Sequence[Role]) -> list[Finding]:
    """Regions of the user's own that hold for profiles of ours whose role says another one.

    Args:
        aws: both AWS files.
        regions: what each role says, or the user chose for it.
        roles: of the configuration.

    Raises:
        ConfigError: a file cannot be read.
    """
    of_profile = {str(role.profile): role.name for role in roles}
    for section in read_sections(aws.credentials_file):
        if section.name == DEFAULT_PROFILE and is_ours(section.values):
            of_profile[section.name] = RoleName(section.values[MARKER])
    found = []
    for section in read_sections(aws.config_file):
        kind, name = section_name(section.name)
        role = of_profile.get(name) if kind == "profile" else None
        if role is None or role not in regions:
            continue
        theirs, ours = section.values.get("region", regions[role]), regions[role]
        if theirs != ours and not has_ours(section.values):
            what = f"the region {theirs} of [{section.name}] holds, not {ours}, which is that of the role {role}"
            remedy = f"Take the line out, and traycreds writes {ours}; or give the role the region {theirs}."
            found.append(_on(aws.config_file, section, "region", what, remedy))
    return found


def _values(section: Section | None) -> Mapping[str, str]:
    return {} if section is None else section.values


def _misplaced(aws: AwsProfiles, config: Sequence[Section], credentials: Sequence[Section]) -> Iterator[Finding]:
    """Sections that are not where, or not called as, AWS tools look for them."""
    for section in config:
        kind, name = section_name(section.name)
        if not kind and not section.name.startswith("services ") and section.name not in {"preview", "plugins"}:
            what = f"[{section.name}] is no profile to any AWS tool"
            yield _at(aws.config_file, section, what, f"Write [profile {section.name}].")
        if kind == "profile" and name == DEFAULT_PROFILE and section.name != DEFAULT_PROFILE:
            twin = next((other for other in config if other.name == DEFAULT_PROFILE), None)
            if twin is not None:
                what = f"[{section.name}] and [default] (line {twin.line}) are the same profile; one hides the other"
                yield _at(aws.config_file, section, what, "Keep one of them.")
    for section in credentials:
        if section.name.startswith("profile "):
            name = section.name.removeprefix("profile ")
            what = f"the profile of [{section.name}] is called with the word profile before its name"
            yield _at(aws.credentials_file, section, what, f"Write [{name}] in this file.")


def _shadows(aws: AwsProfiles, config: Sequence[Section], credentials: Sequence[Section]) -> Iterator[Finding]:
    """Profiles of one name in both files of which one part is ignored."""
    by_name = {section_name(section.name)[1]: section for section in config if section_name(section.name)[0]}
    for section in credentials:
        other = by_name.get(section.name)
        if other is None or section_name(other.name)[0] != "profile":
            continue
        kind = aws.profiles[section.name].kind
        where = f"[{other.name}] ({aws.config_file}, line {other.line})"
        if kind in ROLE_KINDS and _ID in section.values:
            what = f"the keys of [{section.name}] are ignored, since {where} has {kind.value} settings"
            yield _at(aws.credentials_file, section, what, "Give one of the two profiles another name.", Severity.ERROR)
        elif _ID in section.values and (_ID in other.values or "credential_process" in other.values):
            what = f"the keys of [{section.name}] hide the keys or the credential_process of {where}"
            yield _at(aws.credentials_file, section, what, "Keep one of them, or rename one.")
        for key, value in section.values.items():
            if key not in {_ID, _SECRET} and other.values.get(key, value) != value:
                what = f"{key} of [{section.name}] hides another value of it in {where}"
                line = section.lines[key]
                yield Finding(file=str(aws.credentials_file), line=line, what=what, remedy="Keep one of them.")


def _half_keys(values: Mapping[str, str], name: str, section: Section, file: Path) -> Iterator[Finding]:
    """A key id without its secret, or the other way round: PartialCredentialsError for every use."""
    if (_ID in values) != (_SECRET in values):
        missing = _SECRET if _ID in values else _ID
        remedy = "Add it, or remove the other half of the pair."
        yield _at(file, section, f"the profile {name} has no {missing}", remedy, Severity.ERROR)


def _profile(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    """What is wrong with the settings that stand in this section of a profile."""
    values = section.values
    if "duration_seconds" in values:
        yield from _duration(aws, profile, section, file)
    if "source_profile" in values and profile.kind is Kind.ROLE:
        yield from _source(aws, profile, section, file)
    if "role_arn" in values and profile.kind is Kind.ROLE:
        has_source = {"source_profile", "credential_source"} & set(profile.settings)
        if len(has_source) != 1:
            both = (
                "both source_profile and credential_source"
                if has_source
                else "neither source_profile nor credential_source"
            )
            what = f"the role profile {profile.name} has {both}"
            yield _on(file, section, "role_arn", what, "Give it one of them.", Severity.ERROR)
    session = values.get("sso_session")
    if session is not None and session not in aws.sso_sessions:
        what = f"the profile {profile.name} names an sso-session {session} that does not exist"
        yield _on(file, section, "sso_session", what, f"Add [sso-session {session}].", Severity.ERROR)


def _duration(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    text = section.values["duration_seconds"]
    remedy = f"Write whole seconds from {MIN_DURATION.seconds} to {MAX_DURATION.seconds}."
    if not (text.isascii() and text.isdigit()):
        what = f"duration_seconds of {profile.name} is no number, so AWS tools silently take 3600"
        yield _on(file, section, "duration_seconds", what, remedy)
        return
    if not MIN_DURATION.total_seconds() <= int(text) <= MAX_DURATION.total_seconds():
        what = f"duration_seconds of {profile.name} is outside what AWS allows"
        yield _on(file, section, "duration_seconds", what, remedy, Severity.ERROR)
        return
    if _is_chained(aws, profile) and int(text) > CHAIN_LIMIT.total_seconds():
        what = f"duration_seconds of {profile.name} is above 3600, which AWS refuses for a role assumed by a role"
        yield _on(file, section, "duration_seconds", what, "Write 3600 or less.", Severity.ERROR)


def chained_by(aws: AwsProfiles, role: Role) -> str:
    """Why a role is assumed with what is temporary itself, as far as the files tell; empty where it is not."""
    top = aws.profiles.get(role.from_profile or "")
    source = aws.profiles.get(role.source_profile or "")
    if role.arn is None or (top is not None and top.kind is Kind.WEB_IDENTITY):
        return ""
    if source is not None and _is_temporary(source) and source is not top:
        return f"its source {source.name} is temporary itself"
    return "its MFA code is for a session that all roles of the device share" if role.mfa_serial else ""


def _is_temporary(source: AwsProfile) -> bool:
    return not source.static and source.kind in {*ROLE_KINDS, Kind.LOGIN}


def _is_chained(aws: AwsProfiles, profile: AwsProfile) -> bool:
    source = aws.profiles.get(profile.settings.get("source_profile", ""))
    return source is not None and source.name != profile.name and source.kind in ROLE_KINDS and not source.static


def _source(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    """A source profile that gives no credentials, now or ever."""
    name = profile.settings["source_profile"]
    source = aws.profiles.get(name)
    trouble = ""
    if source is None:
        trouble = "which does not exist"
    elif name == profile.name and not profile.static:
        trouble = "which is itself and has no keys"
    elif source.kind is Kind.NOTHING:
        trouble = "which has no credentials"
    elif _loops(aws, profile):
        trouble = "which leads back to itself"
    if trouble:
        what = f"source_profile of {profile.name} names {name}, {trouble}"
        yield _on(file, section, "source_profile", what, "Name a profile that has credentials.", Severity.ERROR)


def _loops(aws: AwsProfiles, profile: AwsProfile) -> bool:
    """Whether the chain of sources comes back; a profile with keys of its own ends it, as in botocore."""
    seen = {profile.name}
    at = aws.profiles.get(profile.settings.get("source_profile", ""))
    while at is not None and at.kind is Kind.ROLE and not at.static:
        if at.name in seen:
            return True
        seen.add(at.name)
        at = aws.profiles.get(at.settings.get("source_profile", ""))
    return False


def _at(file: Path, section: Section, what: str, remedy: str, severity: Severity = Severity.WARNING) -> Finding:
    """A finding at the header of a section."""
    return Finding(file=str(file), line=section.line, what=what, remedy=remedy, severity=severity)


def _on(  # noqa: PLR0917 - the same order as _at, with the key
    file: Path, section: Section, key: str, what: str, remedy: str, severity: Severity = Severity.WARNING
) -> Finding:
    """A finding at a key."""
    return Finding(file=str(file), line=section.lines[key], what=what, remedy=remedy, severity=severity)
