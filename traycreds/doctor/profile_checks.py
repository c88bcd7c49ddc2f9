"""Checks AWS profiles against each other: what shadows, dangles, or is misplaced. Names no key or token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from traycreds.awsfiles.aws_file import Section, read_sections
from traycreds.awsfiles.ownership import is_ours
from traycreds.awsfiles.profiles import (
    PROFILE_PREFIX,
    ROLE_KINDS,
    AwsProfile,
    AwsProfiles,
    Kind,
    section_name,
    whole_seconds,
)
from traycreds.awsfiles.section_headers import header, header_remedy
from traycreds.config.values import MAX_DURATION, MIN_DURATION
from traycreds.core.lookup import did_you_mean
from traycreds.core.model import DEFAULT_PROFILE, ONE_HOUR, Role
from traycreds.doctor.finding import Finding, Severity, at_key, severity_of
from traycreds.doctor.program_checks import Programs
from traycreds.process.programs.lookup import ProgramError

_PROGRAMS = frozenset({"credential_process", "mfa_process"})
_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"


def profile_findings(aws: AwsProfiles, programs: Programs) -> list[Finding]:
    """Mistakes in the two AWS files, our roles apart. Raises ConfigError: a file cannot be read."""
    # What another program has added since both files were read is looked at the next time.
    config = [
        section
        for section in read_sections(aws.config_file)
        if section_name(section.name)[0] != "profile" or section_name(section.name)[1] in aws.profiles
    ]
    credentials = [section for section in read_sections(aws.credentials_file) if section.name in aws.profiles]
    found = [*_misplaced(aws, config, credentials), *_shadows(aws, config, credentials)]
    by_name = {section.name: section for section in credentials}
    known = set()
    for section in config:
        kind, name = section_name(section.name)
        if kind == "profile":
            known.add(name)
            found += _profile(aws, aws.profiles[name], section, aws.config_file)
            found += _programs(programs, aws.profiles[name], section, aws.config_file)
            found += _half_keys({**section.values, **_values(by_name.get(name))}, name, section, aws.config_file)
            found += _no_keys(section, name, aws.config_file)
    for section in credentials:
        if section.name not in known:
            found += _half_keys(section.values, section.name, section, aws.credentials_file)
        found += _no_keys(section, section.name, aws.credentials_file)
        found += _profile(aws, aws.profiles[section.name], section, aws.credentials_file)
        found += _programs(programs, aws.profiles[section.name], section, aws.credentials_file)
    return found


def _values(section: Section | None) -> Mapping[str, str]:
    return {} if section is None else section.values


def _misplaced(aws: AwsProfiles, config: Sequence[Section], credentials: Sequence[Section]) -> Iterator[Finding]:
    for section in config:
        kind, name = section_name(section.name)
        if not kind and section.name not in {"preview", "plugins"}:
            what = f"[{section.name}] is not a profile to AWS tools in Python"
            yield _at(aws.config_file, section, what, header_remedy(section.name))
        if kind == "profile" and name == DEFAULT_PROFILE and section.name != DEFAULT_PROFILE:
            twin = next((other for other in config if other.name == DEFAULT_PROFILE), None)
            if twin is not None:
                what = f"[{section.name}] and [default] (line {twin.line}) are the same profile; one hides the other"
                yield _at(aws.config_file, section, what, "Keep one of them.")
    for section in credentials:
        if section.name.startswith(PROFILE_PREFIX):
            name = section.name.removeprefix(PROFILE_PREFIX)
            what = (
                f"the profile [{section.name}] has the word profile in its name, "
                f"but the SDK for Ruby reads its keys as those of {name}"
            )
            yield _at(aws.credentials_file, section, what, f"Write [{name}] in this file.")


def _shadows(aws: AwsProfiles, config: Sequence[Section], credentials: Sequence[Section]) -> Iterator[Finding]:
    by_name = {section_name(section.name): section for section in config}
    for section in credentials:
        other = by_name.get(("profile", section.name))
        if other is None:
            continue
        kind = aws.profiles[section.name].kind
        location = f"[{other.name}] ({aws.config_file}, line {other.line})"
        if kind is Kind.ROLE and aws.profiles[section.name].settings.get("source_profile") == section.name:
            # The role is assumed with these keys.
            continue
        if kind in ROLE_KINDS and _ID in section.values:
            what = f"the keys of [{section.name}] are ignored because {location} has {kind.value} settings"
            # traycreds writes the section under the name of its role, so renaming it would not last.
            ours = is_ours(section.values)
            remedy = f"Rename {location}." if ours else "Give one of the two profiles another name."
            yield _at(aws.credentials_file, section, what, remedy, Severity.ERROR)
        elif _ID in section.values and (_ID in other.values or "credential_process" in other.values):
            what = f"the keys of [{section.name}] hide the keys or the credential_process of {location}"
            yield _at(aws.credentials_file, section, what, "Keep one of them, or rename one.")
        for key, value in section.values.items():
            if key not in {_ID, _SECRET} and other.values.get(key, value) != value:
                what = f"{key} of [{section.name}] hides another value of it in {location}"
                line = section.lines[key]
                yield Finding(file=str(aws.credentials_file), line=line, what=what, remedy="Keep one of them.")


def _half_keys(values: Mapping[str, str], name: str, section: Section, file: Path) -> Iterator[Finding]:
    """A key id without its secret, or the other way round: PartialCredentialsError for every use."""
    if (_ID in values) != (_SECRET in values):
        missing = _SECRET if _ID in values else _ID
        remedy = "Add it, or remove the other half of the pair."
        yield _at(file, section, f"the profile {name} has no {missing}", remedy, Severity.ERROR)


def _no_keys(section: Section, name: str, file: Path) -> Iterator[Finding]:
    for key in (_ID, _SECRET):
        value = section.values.get(key, "none")
        if not re.fullmatch("[!-~]+", value):
            wrong = "has spaces or other characters that no key can have" if value else "is empty"
            what = f"{key} of profile {name} {wrong}"
            yield at_key(
                file, section, key, what, "Write the whole key, or remove both lines.", severity=Severity.ERROR
            )


def _profile(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
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
            yield at_key(file, section, "role_arn", what, "Give it one of them.", severity=Severity.ERROR)
    if "web_identity_token_file" in values and "role_arn" not in profile.settings:
        what = f"the profile {profile.name} has a web_identity_token_file, but no role_arn"
        remedy = "Add the role_arn, or remove the setting."
        yield at_key(file, section, "web_identity_token_file", what, remedy, severity=Severity.ERROR)
    for key, kind, words, known in (
        ("sso_session", "sso-session", "an sso-session", aws.sso_sessions.keys()),
        ("services", "services", "a services section", aws.services),
    ):
        named = values.get(key)
        if named is not None and named not in known:
            what = f"the profile {profile.name} names {words} {named or 'without a name'} that does not exist"
            otherwise = f"Add [{header(kind, named)}]." if named else "Name it, or remove the line."
            remedy = did_you_mean(named, known, otherwise=otherwise)
            yield at_key(file, section, key, what, remedy, severity=Severity.ERROR)


def _programs(programs: Programs, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    for key in _PROGRAMS & section.values.keys():
        if (fault := programs.command_fault(section.values[key], key)) is not None:
            yield at_key(file, section, key, _of_program(profile, fault), fault.hint, severity=severity_of(fault))


def _of_program(profile: AwsProfile, fault: ProgramError) -> str:
    what = fault.sentence.rstrip(".")
    return f"the profile {profile.name} cannot work: {what}" if severity_of(fault) is Severity.ERROR else what


def _duration(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    seconds = whole_seconds(section.values["duration_seconds"])
    remedy = f"Write whole seconds from {MIN_DURATION.seconds} to {MAX_DURATION.seconds}."
    if seconds is None:
        what = f"duration_seconds of {profile.name} is not a number, so AWS tools silently use 3600"
        yield at_key(file, section, "duration_seconds", what, remedy)
        return
    if not MIN_DURATION.total_seconds() <= seconds <= MAX_DURATION.total_seconds():
        what = f"duration_seconds of {profile.name} is outside what AWS allows"
        yield at_key(file, section, "duration_seconds", what, remedy, severity=Severity.ERROR)
        return
    if _is_chained(aws, profile) and seconds > ONE_HOUR.total_seconds():
        what = f"duration_seconds of {profile.name} is above 3600, which AWS refuses for a role assumed by a role"
        yield at_key(file, section, "duration_seconds", what, "Write 3600 or less.", severity=Severity.ERROR)


def chained_by(aws: AwsProfiles, role: Role) -> str:
    """Why a role's source is itself temporary, if the files tell; empty if it is not."""
    top = aws.profiles.get(role.from_profile or "")
    source = aws.profiles.get(role.source_profile or "")
    if role.arn is None or (top is not None and top.kind is Kind.WEB_IDENTITY):
        return ""
    if source is not None and _is_temporary(source) and source is not top:
        return f"its source {source.name} is itself temporary"
    return "its MFA code is for a session that all roles of the device share" if role.mfa_serial else ""


def _is_temporary(source: AwsProfile) -> bool:
    return not source.static and source.kind in {*ROLE_KINDS, Kind.LOGIN}


def _is_chained(aws: AwsProfiles, profile: AwsProfile) -> bool:
    source = aws.profiles.get(profile.settings.get("source_profile", ""))
    return source is not None and source.name != profile.name and source.kind in ROLE_KINDS and not source.static


def _source(aws: AwsProfiles, profile: AwsProfile, section: Section, file: Path) -> Iterator[Finding]:
    name = profile.settings["source_profile"]
    source = aws.profiles.get(name)
    problem = ""
    if source is None:
        problem = "which does not exist"
    elif name == profile.name and not profile.static:
        problem = "the same profile, which has no keys"
    elif source.kind is Kind.NOTHING:
        problem = "which has no credentials"
    elif _loops(aws, profile):
        problem = "which leads back to itself"
    if problem:
        what = f"source_profile of {profile.name} names {name}, {problem}"
        remedy = "Name a profile that has credentials."
        yield at_key(file, section, "source_profile", what, remedy, severity=Severity.ERROR)


def _loops(aws: AwsProfiles, profile: AwsProfile) -> bool:
    """Whether the chain of sources comes back. As in botocore, keys end it, but not those of the profile itself."""
    seen = {profile.name}
    at = aws.profiles.get(profile.settings.get("source_profile", ""))
    if at is not None and at.name == profile.name:
        return not at.static
    while at is not None and at.kind is Kind.ROLE:
        if at.name in seen:
            return True
        if at.static:
            return False
        seen.add(at.name)
        at = aws.profiles.get(at.settings.get("source_profile", ""))
    return False


def _at(file: Path, section: Section, what: str, remedy: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(file=str(file), line=section.line, what=what, remedy=remedy, severity=severity)
