"""Checks the settings that roles use: values that no refresh can work with, and gaps of a sign-in."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from traycreds.aws.assume_role import TEXTS
from traycreds.awsfiles.aws_file import Section, read_sections
from traycreds.awsfiles.profiles import AwsProfile, AwsProfiles, Kind, section_name
from traycreds.awsfiles.settings import blame
from traycreds.awsfiles.settings import values as setting_values
from traycreds.awsfiles.settings.values import SETTINGS, Value, WrongValue, nested
from traycreds.config import values
from traycreds.config.values import Rule, ValueFault
from traycreds.core.model import Role
from traycreds.doctor.finding import ENVIRONMENT, Finding, Severity, at_key
from traycreds.process import install_hint

_SIGN_IN = {
    "sso_start_url": "Add sso_start_url = https://..., the address of your sign-in page.",
    "sso_region": "Add sso_region, the region of your IAM Identity Center.",
    "sso_account_id": "Add sso_account_id, the 12-digit account ID.",
    "sso_role_name": "Add sso_role_name, the permission set.",
}
"""What a sign-in of IAM Identity Center needs, and what to add."""
_OF_SESSION = ("sso_start_url", "sso_region")
_OF_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")


def _as_ours(rule: Rule) -> setting_values.Rule:
    def as_ours(value: Value) -> WrongValue | None:
        try:
            rule(value)
        except ValueFault as fault:
            return WrongValue(fault.what, fault.hint)
        return None

    return as_ours


_OF_ROLE: dict[str, setting_values.Rule] = {
    "role_arn": setting_values.role_arn,
    "role_session_name": _as_ours(values.session_text),
}
_OF_ASSUMED = {
    "mfa_serial": setting_values.mfa_serial,
    "external_id": _as_ours(values.external_id),
    "credential_source": setting_values.credential_source,
}
_OF_KIND: Mapping[Kind, Mapping[str, setting_values.Rule]] = {
    Kind.ROLE: _OF_ROLE | _OF_ASSUMED,
    Kind.WEB_IDENTITY: _OF_ROLE | {"web_identity_token_file": setting_values.token_file},
    Kind.SSO: setting_values.SIGN_IN,
}
"""Settings that count for where the credentials of a profile come from."""
_OF_TOP: Mapping[str, setting_values.Rule] = {
    **{name: setting.rule for name, setting in SETTINGS.items()},
    "region": setting_values.region,
}
"""Settings of the profile whose options hold for every call."""


def setting_findings(
    aws: AwsProfiles, roles: Sequence[Role], environ: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """What is wrong with settings of profiles that roles use. Raises ConfigError."""
    tops = {top_of(role) for role in roles}
    used = {name for role in roles for name in chain_of(aws, role)}
    sessions, services = (
        {aws.profiles[name].settings.get(key) for name in names & aws.profiles.keys()}
        for key, names in (("sso_session", used), ("services", tops))
    )
    own = {role.from_profile for role in roles}
    asked: set[str] = set()
    for file in (aws.config_file, aws.credentials_file):
        for section in read_sections(file):
            kind, name = section_name(section.name) if file == aws.config_file else ("profile", section.name)
            if kind == "profile" and name in used:
                profile = aws.profiles[name]
                unused = profile.kind is Kind.ROLE and not _is_assumed(profile, own)
                rules = {} if unused else _OF_KIND.get(profile.kind, {})
                if profile.kind is Kind.WEB_IDENTITY and name in own:
                    rules = {**rules, "web_identity_token_file": setting_values.own_token_file}
                if name in tops:
                    rules = {**rules, **_OF_TOP}
                    if blame.port_of_monitoring(environ, profile.settings) == "csm_port":
                        rules["csm_port"] = setting_values.port
                yield from _values(file, section, name, rules)
                if name not in asked:
                    asked.add(name)
                    yield from _sign_in(aws, profile, file, section)
            elif kind == "sso-session" and name in sessions:
                yield from _session(file, section, name)
            elif kind == "services" and name in services:
                yield from _services(file, section, name)


def variable_findings(aws: AwsProfiles, roles: Sequence[Role], environ: Mapping[str, str]) -> Iterator[Finding]:
    """Variables of this process that no call for a role can work with."""
    wrong = {
        suspect: None
        for role in roles
        if top_of(role) in aws.profiles
        for suspect in blame.wrong_variables(
            environ,
            aws.profiles[top_of(role)].settings,
            sign_in=any(aws.profiles[name].kind is Kind.SSO for name in chain_of(aws, role)),
        )
    }
    for place, fault in wrong:
        assert fault is not None
        what = f"{place} {fault.what}"
        yield Finding(file=ENVIRONMENT, line=None, what=what, remedy=fault.remedy, severity=Severity.ERROR)


def missing_key_findings(aws: AwsProfiles, roles: Sequence[Role], environ: Mapping[str, str]) -> Iterator[Finding]:
    """Profiles that take their keys from the environment of this process, or its container, which has none."""
    lacking = {}
    if not environ.keys() >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}:
        what = "takes its keys from the environment, but this process has none"
        remedy = "Start traycreds with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, or change credential_source."
        lacking["Environment"] = what, remedy
    if environ.keys().isdisjoint(_OF_CONTAINER):
        what = "takes its keys from a container, but this process is in none that has them"
        remedy = f"Start traycreds in ECS or EKS, which set {' or '.join(_OF_CONTAINER)}, or change credential_source."
        lacking["EcsContainer"] = what, remedy
    for name in sorted({name for role in roles for name in chain_of(aws, role) if _is_assumed_by(aws, role, name)}):
        if found := lacking.get(aws.profiles[name].settings.get("credential_source", "")):
            what, remedy = found
            yield Finding(file=ENVIRONMENT, line=None, what=f"the profile {name} {what}", remedy=remedy)


def _is_assumed_by(aws: AwsProfiles, role: Role, name: str) -> bool:
    return _is_assumed(aws.profiles[name], {role.from_profile})


def _is_assumed(profile: AwsProfile, own: Container[str | None]) -> bool:
    """Whether the role of a profile is assumed; as in botocore, keys go before it where the profile is a source."""
    return profile.kind is Kind.ROLE and (profile.name in own or not profile.static)


def top_of(role: Role) -> str:
    """The profile whose options hold for every call for a role."""
    return role.from_profile or role.source_profile or ""


def chain_of(aws: AwsProfiles, role: Role) -> Iterator[str]:
    """The profiles that the session of a role depends on."""
    seen: set[str] = set()
    waiting: list[str | None] = [role.from_profile, role.source_profile]
    while waiting:
        name = waiting.pop()
        if name is None or name in seen or name not in aws.profiles:
            continue
        seen.add(name)
        yield name
        profile = aws.profiles[name]
        if _is_assumed(profile, {role.from_profile}):
            waiting.append(profile.settings.get("source_profile"))


def _values(file: Path, section: Section, name: str, rules: Mapping[str, setting_values.Rule]) -> Iterator[Finding]:
    for key, text in section.values.items():
        value = nested(text)
        wrong = setting_values.block(value) if key in TEXTS else None
        if wrong is None and key in rules:
            wrong = rules[key](value)
        if wrong is not None:
            yield _wrong(file, section, key, f"{key} of profile {name}", wrong)
        elif key == "region" and key in rules and (unknown := setting_values.unknown_region(value)):
            what = f"region of profile {name} {unknown.what}"
            yield at_key(file, section, key, what, unknown.remedy, severity=Severity.NOTE)


def _wrong(file: Path, section: Section, key: str, place: str, wrong: WrongValue) -> Finding:
    return at_key(file, section, key, f"{place} {wrong.what}", wrong.remedy, severity=Severity.ERROR)


def _services(file: Path, section: Section, name: str) -> Iterator[Finding]:
    for key in section.values.keys() & blame.SERVICES.keys():
        lines = nested(section.values[key])
        if text := setting_values.lines(lines):
            yield _wrong(file, section, key, f"{key} in [services {name}]", text)
        if not isinstance(lines, Mapping) or "endpoint_url" not in lines:
            continue
        if wrong := setting_values.address(lines["endpoint_url"]):
            yield _wrong(file, section, key, f"endpoint_url of {key} in [services {name}]", wrong)


def _sign_in(aws: AwsProfiles, profile: AwsProfile, file: Path, section: Section) -> Iterator[Finding]:
    settings = profile.settings
    if profile.kind is Kind.LOGIN and "login_session" in section.values and find_spec("awscrt") is None:
        what = f"the profile {profile.name} uses aws login, which needs a package that is not installed"
        remedy = install_hint.advice("botocore[crt]")
        yield at_key(file, section, "login_session", what, remedy, severity=Severity.ERROR)
    if profile.kind is not Kind.SSO:
        return
    name = settings.get("sso_session")
    session = aws.sso_sessions.get(name or "")
    # Another check reports an sso-session that does not exist.
    if name is not None and session is None:
        return
    for key, theirs in (session or {}).items():
        if settings.get(key, theirs) != theirs:
            what = f"{key} of profile {profile.name} differs from that of sso-session {name}"
            yield Finding(
                file=str(file),
                line=section.lines.get(key, section.line),
                what=what,
                remedy="Remove it from the profile.",
                severity=Severity.ERROR,
            )
    for key, remedy in _SIGN_IN.items():
        if not ((session or {}).get(key) or settings.get(key)) and (session is None or key not in _OF_SESSION):
            what = f"the profile {profile.name} has no {key}"
            yield Finding(file=str(file), line=section.line, what=what, remedy=remedy, severity=Severity.ERROR)


def _session(file: Path, section: Section, name: str) -> Iterator[Finding]:
    for key in _OF_SESSION:
        if key not in section.values:
            what, remedy = f"the sso-session {name} has no {key}", _SIGN_IN[key]
            yield Finding(file=str(file), line=section.line, what=what, remedy=remedy, severity=Severity.ERROR)
    for key in section.values.keys() & set(_OF_SESSION):
        if wrong := setting_values.SIGN_IN[key](nested(section.values[key])):
            yield _wrong(file, section, key, f"{key} of sso-session {name}", wrong)
