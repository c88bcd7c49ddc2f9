"""Checks what our roles write: obstacles, leftovers, and regions. Names no key or token."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from traycreds.aws.assume_role import effective_settings
from traycreds.aws.sso import aws_login
from traycreds.aws.sso.session import OfAwsCliError, of_role
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.awsfiles import ownership
from traycreds.awsfiles.aws_file import read_ini, read_sections
from traycreds.awsfiles.hidden_profiles import HiddenProfiles
from traycreds.awsfiles.ownership import MARKER, is_ours
from traycreds.awsfiles.profiles import AwsProfiles, Kind, is_our_region, section_name
from traycreds.awsfiles.settings.values import Value, nested
from traycreds.core.engine_state import State
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.core.model import DEFAULT_PROFILE, Refusal, Role, RoleName
from traycreds.core.text import from_rfc_3339
from traycreds.doctor.finding import Finding, Severity, at_key
from traycreds.doctor.setting_checks import chain_of
from traycreds.lifecycle.due_sessions import wanted
from traycreds.shell.quoting import shell_word
from traycreds.usecases import sign_in_status

Places: TypeAlias = Callable[[Role], tuple[Path, int | None]]
"""The file and line in which a role is configured."""


def role_findings(aws: AwsProfiles, roles: Sequence[Role]) -> list[Finding]:
    """Our sections that no configured role writes. Raises ConfigError."""
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


def sign_in_findings(aws: AwsProfiles, state: State, places: Places, now: datetime) -> Iterator[Finding]:
    """IAM Identity Center sign-ins that kept roles and the default need, and whose files say that they ended."""
    folder = TokenFolder.of_this_user()
    roles = {session.role.name: session.role for session in state.sessions if wanted(session, state)}
    sessions = sign_in_status.sessions_of(tuple(roles.values()), aws)
    for session, name in sign_in_status.first_roles(sessions, roles).items():
        end = sign_in_status.end_of(session, folder, now).at(now)
        if end is None or end <= now:
            file, line = places(roles[name])
            what = f"you are not signed in to {session.label}, which the role {name} needs"
            remedy = f"Run: traycreds login {shell_word(session.label)}"
            yield Finding(file=str(file), line=line, what=what, remedy=remedy)
    yield from _of_aws_cli(aws, roles.values(), places)


def _of_aws_cli(aws: AwsProfiles, roles: Iterable[Role], places: Places) -> Iterator[Finding]:
    """Missing `aws login` sign-ins; an expired one is not reported, because traycreds renews it while AWS allows it."""
    found: set[str] = set()
    for role in roles:
        missing = _not_signed_in(role, aws)
        if missing is not None and missing.profile not in found:
            found.add(missing.profile)
            file, line = places(role)
            what = f"the AWS CLI is not signed in to profile {missing.profile}, which the role {role.name} needs"
            yield Finding(file=str(file), line=line, what=what, remedy=missing.hint)


def _not_signed_in(role: Role, aws: AwsProfiles) -> OfAwsCliError | None:
    try:
        of_role(role, aws)
    except OfAwsCliError as error:
        return error if aws_login.refresh_token(error.session) is None else None
    except UsageError:
        # Another check reports this error.
        return None
    return None


def region_findings(aws: AwsProfiles, regions: Mapping[RoleName, str], roles: Sequence[Role]) -> list[Finding]:
    """Regions of the user's own that override a role's, which `regions` gives. Raises ConfigError."""
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
        if theirs != ours and not is_our_region(section.values):
            what = f"the region {theirs} of [{section.name}] applies, not {ours}, the region of the role {role}"
            remedy = f"Remove the line, and traycreds writes {ours}; or give the role the region {theirs}."
            found.append(at_key(aws.config_file, section, "region", what, remedy))
    return found


def target_findings(aws: AwsProfiles, state: State) -> Iterator[Finding]:
    """Profiles that a wanted session cannot be written to, or that AWS tools would ignore. Raises ConfigError."""
    targets = [session.role.profile for session in state.sessions if wanted(session, state)]
    if state.chosen is not None:
        targets.append(DEFAULT_PROFILE)
        if hidden := HiddenProfiles(aws.config_file).refusals().get(DEFAULT_PROFILE):
            # The profile may have come only after both files were read.
            default = aws.profiles.get(DEFAULT_PROFILE)
            yield _refused(aws.config_file, default.line if default else None, hidden)
    ini = read_ini(aws.credentials_file)
    if ini is None:
        return
    for profile in targets:
        if refusal := ownership.refusal_of(profile, {}, ini.own()):
            yield _refused(aws.credentials_file, ini.sections[profile].row + 1, refusal)


def _refused(file: Path, line: int | None, refusal: Refusal) -> Finding:
    what = refusal.sentence.rstrip(".")
    return Finding(file=str(file), line=line, what=what, remedy=refusal.hint, severity=Severity.ERROR)


def unusable_findings(aws: AwsProfiles, roles: Sequence[Role], places: Places) -> Iterator[Finding]:
    """Roles that cannot get a session, for a cause that no other check found. Raises ConfigError."""
    known: dict[str, dict[str, Value]] = {}
    for file in (aws.config_file, aws.credentials_file):
        for section in read_sections(file):
            kind, name = section_name(section.name) if file == aws.config_file else ("profile", section.name)
            if kind == "profile":
                known.setdefault(name, {}).update({key: nested(value) for key, value in section.values.items()})
    written = frozenset(role.profile for role in roles)
    for role in roles:
        error = _cause(role, known) or _no_credentials(role, aws, written)
        if error is not None:
            file, line = places(role)
            what = error.sentence.rstrip(".")
            yield Finding(file=str(file), line=line, what=what, remedy=error.hint, severity=Severity.ERROR)


def _cause(role: Role, known: Mapping[str, Mapping[str, Value]]) -> IssueError | None:
    # A role with a token of its own needs no profile.
    if role.token_setting is not None:
        return None
    try:
        effective_settings(role, {"profiles": known})
    except IssueError as error:
        return error
    return None


def _no_credentials(role: Role, aws: AwsProfiles, written: Container[str]) -> IssueError | None:
    for name in chain_of(aws, role):
        if aws.profiles[name].kind is Kind.NOTHING and name not in written:
            sentence = f"Profile {name}, which role {role.name} needs, holds no credentials."
            hint = "Add keys or another source of credentials to it."
            return IssueError(FailureKind.BAD_CONFIG, sentence, hint)
    return None


def expired_findings(aws: AwsProfiles, state: State, now: datetime) -> Iterator[Finding]:
    """Expired sessions that other tools wrote and that kept roles or the default need. Raises ConfigError."""
    written = {session.role.profile for session in state.sessions}
    needed = {
        name: session.role.name
        for session in state.sessions
        if wanted(session, state)
        for name in chain_of(aws, session.role)
        if name not in written
    }
    for section in read_sections(aws.credentials_file):
        theirs = section.name in needed and "aws_session_token" in section.values
        end = from_rfc_3339(section.values.get(ownership.EXPIRY, "")) if theirs else None
        if end is not None and end <= now:
            what = f"the session of profile {section.name}, which the role {needed[section.name]} needs, has expired"
            remedy = f"Renew the credentials of profile {section.name}."
            yield Finding(file=str(aws.credentials_file), line=section.line, what=what, remedy=remedy)


def without_region(aws: AwsProfiles, state: State, places: Places) -> Iterator[Finding]:
    """Our profiles without a region, so that each program must name one."""
    for session in state.sessions:
        profile = aws.profiles.get(session.role.profile)
        ours = wanted(session, state) or (profile is not None and MARKER in profile.settings)
        known = session.region or session.role.region or (profile is not None and profile.settings.get("region"))
        if ours and not known:
            file, line = places(session.role)
            what = f"the profile {session.role.profile} has no region, so each program that uses it must name one"
            remedy = f"Give the role {session.role.name} one, such as eu-west-1, or leave it as it is."
            yield Finding(file=str(file), line=line, what=what, remedy=remedy, severity=Severity.NOTE)
