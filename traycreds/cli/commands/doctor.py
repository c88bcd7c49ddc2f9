"""`traycreds doctor`: prints what is wrong in the files that sessions depend on."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.text import counted
from traycreds.doctor import notice_checks, report
from traycreds.doctor.finding import Finding, faults

UNWELL = 4
"""What `doctor` exits with when it finds more than notes."""


def doctor(parsed: argparse.Namespace) -> int:
    """`traycreds doctor`."""
    if parsed.notify:
        return _send_notice()
    findings = report.examine(options(parsed))
    if parsed.json:
        print(json.dumps(report.as_json(findings, report.included(options(parsed))), indent=2))
    elif parsed.report:
        print(report.report(options(parsed), findings, dict(os.environ)), end="")
    else:
        for source, state in report.included(options(parsed)):
            print(f"Included: {source}: {state}.")
        _print_findings(findings)
    return UNWELL if faults(findings) else 0


def _send_notice() -> int:
    found = notice_checks.send_test()
    who = "The running app" if found.app else "No app is running, so this command"
    if found.sent.by is None:
        complain(f"{who} could not show a notice.", found.sent.hint)
        return UNWELL
    print(f"{who} sent a test notice through {found.sent.by}.")
    if found.sent.hint:
        print(f"    {found.sent.hint}")
    return 0


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        location = finding.file if finding.line is None else f"{finding.file}, line {finding.line}"
        print(f"{finding.severity.value}: {location}: {finding.what}.\n    {finding.remedy}")
    count = len(faults(findings))
    print(f"{counted(count, 'thing')} to look at." if count else "No problems found.")
