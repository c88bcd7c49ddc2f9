"""Owns the check of all files that traycreds depends on: finds what will bite, with line and remedy.

Only reads, asks no network, and names no key and no token.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from traycreds.adapters import awsconfig, choices, config, files, review
from traycreds.adapters.awsconfig import AwsProfiles
from traycreds.adapters.awsfile import decoded, encoding, read_sections
from traycreds.adapters.dialects import notes
from traycreds.adapters.finding import Finding, Severity
from traycreds.adapters.places import Places
from traycreds.adapters.profilecheck import (
    CHAIN_LIMIT,
    chained_by,
    profile_findings,
    region_findings,
    role_findings,
)
from traycreds.core.errors import ConfigError
from traycreds.core.initext import IniText
from traycreds.core.model import Role
from traycreds.core.notices import span


def examine(places: Places) -> tuple[Finding, ...]:
    """All findings, by file and line; an empty tuple when everything is well."""
    found = [*_modes(places), *_text(places.aws_config_file, config=True), *_text(places.credentials_file)]
    try:
        aws = awsconfig.read(places.aws_config_file, places.credentials_file)
    except ConfigError:
        return _in_order(found)  # told by _text; nothing true can be said of the rest
    found += profile_findings(aws)
    try:
        loaded = config.load(places, aws)
    except ConfigError as error:
        found += _from_error(places.config_file, error)
    else:
        found += [*role_findings(aws, loaded.roles), *_too_long(places, aws, loaded.roles)]
        chosen = choices.load(places.state_dir)
        regions = {role.name: chosen.region_of(role) or role.region for role in loaded.roles}
        found += region_findings(aws, {name: region for name, region in regions.items() if region}, loaded.roles)
        found += [*_unused(places, loaded.unused), *_included(places)]
    return _in_order(found)


def _in_order(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: (finding.file, finding.line or 0)))


def _modes(places: Places) -> Iterator[Finding]:
    """Files that others may read or write."""
    if sys.platform == "win32":  # Windows protects the profile folder by its access lists
        return
    secret, plain = (places.credentials_file,), (places.aws_config_file, places.config_file)
    for path, refused, what, mode in (
        *((path, 0o077, "other users of this machine can get at the keys in it", "600") for path in secret),
        *((path, 0o022, "other users of this machine can change it", "go-w") for path in plain),
        *((path.parent, 0o022, "other users can put files of theirs into this folder", "go-w") for path in secret),
    ):
        try:
            bits = path.stat().st_mode
        except OSError:  # not there, or told as unreadable
            continue
        if bits & refused:
            yield Finding(
                file=str(path), line=None, what=what, remedy=f"Run: chmod {mode} {path}", severity=Severity.ERROR
            )


def _text(path: Path, *, config: bool = False) -> Iterator[Finding]:
    """What is wrong with the file itself, or read differently by other SDKs."""
    try:
        read_sections(path)
    except ConfigError as error:
        yield from _from_error(path, error)
        return
    if not path.exists():
        return
    text = IniText(decoded(files.read(path).data or b""))
    for line, what, remedy in notes(text, config=config, encoding=encoding()):
        yield Finding(file=str(path), line=line, what=what, remedy=remedy)


def _too_long(places: Places, aws: AwsProfiles, roles: Sequence[Role]) -> Iterator[Finding]:
    """Durations that AWS cuts to an hour, since the session of the role is not got with keys that last."""
    lines = config.line_numbers(config.text_of(places.config_file) or "")
    for role in roles:
        line = lines.get(("roles", role.name, "duration"))
        why = chained_by(aws, role)
        if line is not None and why and role.duration is not None and role.duration > CHAIN_LIMIT:
            yield Finding(
                file=str(places.config_file),
                line=line,
                what=f"the role {role.name} gets sessions of one hour, not {span(role.duration)}, since {why}",
                remedy='Write "1h", the most that AWS allows there; sessions are renewed silently all the same.',
            )


def _unused(places: Places, names: Sequence[str]) -> Iterator[Finding]:
    """Tables of the user's own for roles that no included file has, as far as it counts."""
    lines = config.line_numbers(config.text_of(places.config_file) or "") if names else {}
    for name in names:
        yield Finding(
            file=str(places.config_file),
            line=lines.get(("roles", name)),
            what=f"the table of role {name} changes nothing: no included file that you have accepted has that role",
            remedy="Correct its name, give it a role_arn or from_profile, or accept the file: traycreds import --team.",
        )


def _included(places: Places) -> Iterator[Finding]:
    """Included files that wait for the user's word or cannot be used; what was accepted counts meanwhile."""
    try:
        found = review.find(places)
    except ConfigError:  # told of the file that it stands in
        return
    for each in found:
        file, standing = each.source.label, each.included.standing
        if isinstance(each.error, ConfigError):
            told = _from_error(Path(file), each.error)
            yield from (replace(finding, severity=Severity.WARNING) for finding in told)
        elif each.waiting:
            remedy = "Run traycreds import --team, or choose Review team roles in the menu."
            yield Finding(file=file, line=None, what=f"{standing.value}: {each.changes.summary()}", remedy=remedy)


def _from_error(path: Path, error: ConfigError) -> Iterator[Finding]:
    """A finding for each problem that an error carries."""
    if not error.problems:
        sentence = error.sentence.rstrip(".").removeprefix(f"{path} ")
        yield Finding(file=str(path), line=None, what=sentence, remedy=error.hint, severity=Severity.ERROR)
    for problem in error.problems:
        number = problem.where.removeprefix("line ").split(",")[0]
        line = int(number) if number.isdigit() else None
        what = problem.what if line else f"{problem.where}: {problem.what}"
        file = problem.file or str(path)
        yield Finding(file=file, line=line, what=what, remedy=problem.hint, severity=Severity.ERROR)
