"""Owns the check of all files that traycreds depends on: finds what will bite, with line and remedy.

Only reads, asks no network, and names no key and no token.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from traycreds.adapters import awsconfig, config
from traycreds.adapters.awsfile import read_sections
from traycreds.adapters.dialects import notes
from traycreds.adapters.finding import Finding, Severity
from traycreds.adapters.places import Places
from traycreds.adapters.profilecheck import profile_findings, role_findings
from traycreds.core.errors import ConfigError
from traycreds.core.initext import IniText


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
        found += role_findings(aws, loaded.roles)
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
    for line, what, remedy in notes(IniText(path.read_bytes().decode()), config=config):
        yield Finding(file=str(path), line=line, what=what, remedy=remedy)


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
