"""Checks all files that traycreds depends on, with line and remedy. Only reads; names no key or token."""

from __future__ import annotations

import functools
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from traycreds.awsfiles import profiles
from traycreds.awsfiles.aws_file import encoding, read_ini
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.awsfiles.settings import values as setting_values
from traycreds.config import loaded_files, loader, review
from traycreds.config.loader import Config
from traycreds.core.errors import ConfigError
from traycreds.core.events import ConfigChanged
from traycreds.core.model import ONE_HOUR, Role
from traycreds.core.text import span
from traycreds.core.value_class import replace
from traycreds.doctor.finding import Finding, Severity
from traycreds.doctor.notice_checks import notice_findings
from traycreds.doctor.profile_checks import chained_by, profile_findings
from traycreds.doctor.program_checks import Programs, program_findings
from traycreds.doctor.role_checks import (
    Places,
    expired_findings,
    region_findings,
    role_findings,
    sign_in_findings,
    target_findings,
    unusable_findings,
    without_region,
)
from traycreds.doctor.sdk_differences import notes
from traycreds.doctor.setting_checks import chain_of, missing_key_findings, setting_findings, top_of, variable_findings
from traycreds.doctor.write_checks import write_findings
from traycreds.files import attributes
from traycreds.lifecycle.due_sessions import wanted
from traycreds.shell.quoting import shell_word
from traycreds.state import choices
from traycreds.state.paths import Paths
from traycreds.usecases.load import first_state

Lines: TypeAlias = Mapping[tuple[str, ...], int]
"""The line of each table and key of our TOML."""


def examine(paths: Paths) -> tuple[Finding, ...]:
    """All findings, by file and line; an empty tuple when everything is well."""
    found = [
        *notice_findings(),
        *_modes(paths),
        *write_findings(paths),
        *_text(paths.aws_config_file, config=True),
        *_text(paths.credentials_file),
    ]
    try:
        aws = profiles.read_at(paths)
    except ConfigError:
        # `_text` reports this error, and without the file nothing can be said about the rest.
        return _in_order(found)
    programs = Programs()
    try:
        loaded = loaded_files.load_ours(paths, aws).config
    except ConfigError as error:
        return _in_order([*found, *profile_findings(aws, programs), *_from_error(paths.config_file, error)])
    lines = loader.line_numbers(loader.text_of(paths.config_file) or "")
    places = functools.partial(_place_of, paths, lines, aws)
    found += profile_findings(aws, programs)
    found += [*_configured(paths, lines, aws, loaded, places), *program_findings(paths, lines, loaded, programs)]
    # An error found so far is most likely the cause of unusable roles.
    if not any(finding.severity is Severity.ERROR for finding in found):
        found += unusable_findings(aws, loaded.roles, places)
    return _in_order(found)


def _configured(paths: Paths, lines: Lines, aws: AwsProfiles, loaded: Config, places: Places) -> list[Finding]:
    roles = loaded.roles
    state = first_state(ConfigChanged(roles=roles, settings=loaded.settings), choices.load(paths.state_dir))
    regions = {each.role.name: each.region or each.role.region for each in state.sessions}
    found = [*role_findings(aws, roles), *target_findings(aws, state), *without_region(aws, state, places)]
    found += region_findings(aws, {name: region for name, region in regions.items() if region}, roles)
    found += [*_too_long(paths, lines, aws, roles), *_regions(paths, lines, aws, roles), *_included(paths)]
    found += _unused(paths, lines, aws, loaded)
    found += [*setting_findings(aws, roles), *variable_findings(aws, roles, os.environ)]
    found += _key_age_settings(paths, lines, loaded)
    now = datetime.now(timezone.utc)
    if loaded.settings.max_key_age is not None:
        from traycreds.doctor.key_checks import key_findings

        found += key_findings(aws, roles, loaded.settings, now)
    found += [*sign_in_findings(aws, state, places, now), *expired_findings(aws, state, now)]
    found += missing_key_findings(aws, [each.role for each in state.sessions if wanted(each, state)], os.environ)
    return found


def _key_age_settings(paths: Paths, lines: Lines, loaded: Config) -> Iterator[Finding]:
    """One of the two settings about the age of keys without the other."""
    settings, file = loaded.settings, str(paths.config_file)
    if settings.max_key_age is not None and not settings.list_access_keys:
        what = "max_key_age has no effect, because traycreds may not ask IAM for the age of keys"
        remedy = "Add list_access_keys = true to [settings] to allow it, or remove max_key_age."
        yield Finding(file=file, line=lines.get(("settings", "max_key_age")), what=what, remedy=remedy)
    if settings.list_access_keys and settings.max_key_age is None:
        what = "list_access_keys has no effect without max_key_age"
        remedy = 'Add max_key_age = "90d" to [settings], or remove list_access_keys.'
        yield Finding(file=file, line=lines.get(("settings", "list_access_keys")), what=what, remedy=remedy)


def _place_of(paths: Paths, lines: Lines, aws: AwsProfiles, role: Role) -> tuple[Path, int | None]:
    line = lines.get(("roles", role.name))
    profile = aws.profiles.get(role.from_profile or "")
    return (paths.config_file, line) if line or profile is None else (profile.file, profile.line)


def _in_order(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: (finding.file, finding.line or 0)))


def _modes(paths: Paths) -> Iterator[Finding]:
    # Windows protects the profile folder with access lists.
    if sys.platform == "win32":
        return
    secret, plain = (paths.credentials_file,), (paths.aws_config_file, paths.config_file)
    for path, refused, what, mode in (
        *((path, 0o077, "other users of this machine can read the keys in it", "600") for path in secret),
        *((path, 0o022, "other users of this machine can change it", "go-w") for path in plain),
        *((path.parent, 0o022, "other users can put their own files into this folder", "go-w") for path in secret),
    ):
        try:
            bits = attributes.mode(path)
        # It is missing, or another check reports that it cannot be read.
        except OSError:
            continue
        fits = stat.S_ISDIR if path == paths.credentials_file.parent else stat.S_ISREG
        # `_text` reports what it is. The system sets the mode of a device such as /dev/null.
        if not fits(bits):
            continue
        if bits & refused:
            yield Finding(
                file=str(path),
                line=None,
                what=what,
                remedy=f"Run: chmod {mode} {shell_word(str(path))}",
                severity=Severity.ERROR,
            )


def _text(path: Path, *, config: bool = False) -> Iterator[Finding]:
    try:
        ini = read_ini(path)
    except ConfigError as error:
        yield from _from_error(path, error)
        return
    if ini is None:
        return
    for line, what, remedy in notes(ini, config=config, encoding=encoding()):
        yield Finding(file=str(path), line=line, what=what, remedy=remedy)


def _regions(paths: Paths, lines: Lines, aws: AwsProfiles, roles: Sequence[Role]) -> Iterator[Finding]:
    for role in roles:
        line = lines.get(("roles", role.name, "region"))
        if role.region is None:
            continue
        file, owner = paths.config_file, None
        if line is None:
            owner = next((name for name in chain_of(aws, role) if _has_region(aws, name, role.region)), None)
        # The check of the profile reports this region.
        if owner == top_of(role):
            continue
        if owner is not None:
            file, line = profiles.place(aws, owner, "region") or (file, line)
        for rule, severity in (
            (setting_values.region, Severity.ERROR),
            (setting_values.unknown_region, Severity.NOTE),
        ):
            if wrong := rule(role.region):
                what = f"the region of the role {role.name} {wrong.what}"
                yield Finding(file=str(file), line=line, what=what, remedy=wrong.remedy, severity=severity)


def _has_region(aws: AwsProfiles, name: str, region: str) -> bool:
    return aws.profiles[name].settings.get("region") == region


def _too_long(paths: Paths, lines: Lines, aws: AwsProfiles, roles: Sequence[Role]) -> Iterator[Finding]:
    """Durations that AWS cuts to an hour, since the session of the role is not got with keys that last."""
    for role in roles:
        line = lines.get(("roles", role.name, "duration"))
        why = chained_by(aws, role)
        if line is not None and why and role.duration is not None and role.duration > ONE_HOUR:
            yield Finding(
                file=str(paths.config_file),
                line=line,
                what=f"the role {role.name} gets sessions of one hour, not {span(role.duration)}, because {why}",
                remedy='Write "1h", the most that AWS allows there; sessions are still renewed silently.',
            )


def _unused(paths: Paths, lines: Lines, aws: AwsProfiles, loaded: Config) -> Iterator[Finding]:
    own_pages = {name for name, profile in aws.profiles.items() if "sso_start_url" in profile.settings}
    no_session = [name for name in loaded.sign_in_browsers if name not in own_pages | aws.sso_sessions.keys()]
    no_role = "no known role is in that account"
    no_file = "no included file that you accepted has that role"
    correct = "Fix its name, give it a role_arn or from_profile, or accept the file: traycreds import team."
    for table, kind, names, why, remedy in (
        ("accounts", "account", loaded.unused_accounts, no_role, "Fix the account ID, or remove the table."),
        ("roles", "role", loaded.unused, no_file, correct),
        (
            "sign_ins",
            "sign-in",
            no_session,
            "no sso-session has that name",
            "Fix the name of the session, or remove the table.",
        ),
    ):
        for name in names:
            what = f"the table of {kind} {name} has no effect: {why}"
            yield Finding(file=str(paths.config_file), line=lines.get((table, name)), what=what, remedy=remedy)


def _included(paths: Paths) -> Iterator[Finding]:
    try:
        found = review.find(paths)
    except ConfigError:
        # The check of that file reports this error.
        return
    for each in found:
        file, file_status = each.source.label, each.included.file_status
        if isinstance(each.error, ConfigError):
            shown = _from_error(Path(file), each.error)
            yield from (replace(finding, severity=Severity.WARNING) for finding in shown)
        elif each.waiting:
            remedy = "Run traycreds import team, or choose Review team roles in the menu."
            yield Finding(file=file, line=None, what=f"{file_status.value}: {each.changes.summary()}", remedy=remedy)


def _from_error(path: Path, error: ConfigError) -> Iterator[Finding]:
    if not error.problems:
        sentence = error.sentence.rstrip(".").removeprefix(f"{path} ")
        yield Finding(file=str(path), line=None, what=sentence, remedy=error.hint, severity=Severity.ERROR)
    for problem in error.problems:
        number = problem.location.removeprefix("line ").split(",")[0]
        line = int(number) if number.isdigit() else None
        what = problem.what if line else f"{problem.location}: {problem.what}"
        file = problem.file or str(path)
        yield Finding(file=file, line=line, what=what, remedy=problem.hint, severity=Severity.ERROR)
