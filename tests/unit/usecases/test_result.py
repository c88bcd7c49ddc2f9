"""What a command prints and exits with for roles that it should refresh."""

from __future__ import annotations

import pytest

from tests.unit.ui.menu.menu_entries import view
from traycreds.cli.display.role_results import print_refreshed
from traycreds.core.errors import FailureKind
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome, Status
from traycreds.usecases.result import Result


@pytest.mark.parametrize(
    ("shown", "became", "code", "out", "err"),
    [
        (view(), RoleOutcome.WRITTEN, 0, "dev: written to profile dev, expires at ", ""),
        (view(), RoleOutcome.LONGER_KEPT, 3, "", "dev: profile dev keeps its session until "),
        (view(), RoleOutcome.MFA_KEPT, 0, "dev: profile dev keeps its session until ", ""),
        (view(status=Status.REFRESHING), RoleOutcome.UNFINISHED, 3, "", "dev: not refreshed in time; try again."),
        (
            view(status=Status.OFF, expires_at=None),
            RoleOutcome.UNFINISHED,
            3,
            "",
            "dev: not refreshed in time; try again.",
        ),
        (view(kind=FailureKind.FILE, error="No.", hint="Look."), RoleOutcome.FAILED, 4, "", "dev: No. Look."),
    ],
    ids=["written", "a longer one was kept", "an MFA session was kept", "still busy", "nothing there", "failed"],
)
def test_only_a_session_that_was_written_is_called_written(capsys, shown, became, code, out, err):
    assert print_refreshed(Result(views=(shown,), outcome=RefreshOutcome({"dev": became}))) == code
    printed = capsys.readouterr()
    assert printed.out.startswith(out)
    assert printed.err.startswith(err)
    assert bool(printed.out) is bool(out)
    assert bool(printed.err) is bool(err)


def test_what_is_wrong_with_the_file_is_reported_once_and_nothing_is_called_written(capsys):
    outcome = RefreshOutcome({"dev": RoleOutcome.UNFINISHED}, ("It is locked.", "Try again."))
    found = Result(views=(view(status=Status.REFRESHING),), outcome=outcome)
    assert print_refreshed(found) == 4
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "It is locked.\nTry again.\n")


def test_roles_that_fail_with_the_file_do_not_repeat_its_cause(capsys):
    failed = view(kind=FailureKind.FILE, error="It is missing.", hint="Make it.")
    other = view(name="ops", kind=FailureKind.DENIED, error="No.", hint="Ask.")
    outcome = RefreshOutcome({"dev": RoleOutcome.FAILED, "ops": RoleOutcome.FAILED}, ("It is missing.", "Make it."))
    assert print_refreshed(Result(views=(failed, other), outcome=outcome)) == 4
    assert capsys.readouterr().err == "ops: No. Ask.\nIt is missing.\nMake it.\n"
