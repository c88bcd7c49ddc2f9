"""The click that checks the configuration: its findings in a notice, and all of them in a text window."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.events import Button, Notify
from traycreds.core.text import counted, notice_body
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop import open_file
from traycreds.doctor import checks
from traycreds.doctor.finding import Finding, faults
from traycreds.files import private_files
from traycreds.state.paths import Paths

_REPORT = "check.txt"


def check(paths: Paths, notify: Callable[[Notify], None]) -> None:
    """Check it, and show what was found. Raises TraycredsError: the window cannot be opened."""
    findings = checks.examine(paths)
    wrong = faults(findings)
    if not wrong:
        body = notice_body(f"{findings[0].what}.", findings[0].remedy) if findings else "Nothing to do."
        notify(Notify(key="check", title="Configuration checked: no problems", body=body))
        return
    report = paths.state_dir / _REPORT
    private_files.make_folder(report.parent)
    private_files.write(report, "\n".join(map(_lines, findings)).encode())
    count = counted(len(wrong), "finding")
    body = notice_body(f"{wrong[0].what}.", wrong[0].remedy)
    button = Button("Open configuration", UiCommand.OPEN_CONFIG)
    notify(Notify(key="check", title=f"Configuration checked: {count}", body=body, buttons=(button,)))
    error = open_file.open_file(report)
    if error is not None:
        raise error


def _lines(finding: Finding) -> str:
    line = "" if finding.line is None else f", line {finding.line}"
    return f"{finding.file}{line}\n  {finding.severity.value}: {finding.what}.\n  {finding.remedy}\n"
