"""Owns the value that a check of the user's files gives: where, what, and what to do."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import Path

from traycreds.awsfiles.aws_file import Section
from traycreds.core.value_class import value_class
from traycreds.process.programs.app_path import AppOnlyError, LoginShellOnlyError, TerminalOnlyError
from traycreds.process.programs.lookup import ProgramError


class Severity(enum.Enum):
    """How much it hurts."""

    ERROR = "error"
    """Something does not work."""
    WARNING = "warning"
    """Something works differently from how it looks, or only in some tools."""
    NOTE = "note"
    """Something works as it must, but may not be what the user wants."""


ENVIRONMENT = "environment"
"""The `file` of a finding about this process's variables."""


NOTICES = "notices"
"""The `file` of a finding about notices."""


def severity_of(fault: ProgramError) -> Severity:
    """How much a fault of a program hurts: what a terminal or an app finds works there, by the login shell anywhere."""
    if isinstance(fault, LoginShellOnlyError):
        return Severity.NOTE
    return Severity.WARNING if isinstance(fault, (TerminalOnlyError, AppOnlyError)) else Severity.ERROR


@value_class(kw_only=True)
class Finding:
    """One mistake; holds no key and no token.

    Attributes:
        file: the path, or `ENVIRONMENT` or `NOTICES`.
        line: from 1; None for the whole file.
        what: a sentence without its full stop.
    """

    file: str
    line: int | None
    what: str
    remedy: str
    severity: Severity = Severity.WARNING


def faults(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that are more than notes."""
    return tuple(finding for finding in findings if finding.severity is not Severity.NOTE)


def at_key(
    file: Path, section: Section, key: str, what: str, remedy: str, *, severity: Severity = Severity.WARNING
) -> Finding:
    """A finding at a key of a section."""
    return Finding(file=str(file), line=section.lines[key], what=what, remedy=remedy, severity=severity)
