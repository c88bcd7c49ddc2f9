"""What becomes of a refresh, told as it comes: by what is known, or by what changes in snapshots."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from tests.unit.ui.menu.menu_entries import snapshot, view
from traycreds.cli.display import streams
from traycreds.cli.display.refresh_report import RefreshReport
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome, Status
from traycreds.core.value_class import replace
from traycreds.usecases.result import Result

OLD = NOW + 5 * MINUTE
NEW = NOW + HOUR
BUSY = view("dev", Status.REFRESHING, expires_at=OLD)
DONE = view("dev", expires_at=NEW)
REFUSED = view("dev", error="AWS refused.", hint="Ask.", expires_at=OLD)
OTHER = view("other", Status.REFRESHING, expires_at=None)


@pytest.fixture(autouse=True)
def _in_terminal(monkeypatch):
    monkeypatch.setattr(streams, "takes_sequences", lambda _: True)


def watched(capsys, *snapshots, as_json=False):
    """The roles that are printed after each snapshot, and stderr."""
    report = RefreshReport(as_json=as_json)
    coming = iter(snapshots)
    poll = report.watch(lambda: next(coming))
    printed = []
    for _ in snapshots:
        poll()
        printed.append(sorted(report.printed))
    return printed, capsys.readouterr()


def test_a_role_is_reported_once_it_is_no_longer_in_progress(capsys):
    still, done = snapshot(BUSY, OTHER), snapshot(DONE, OTHER)
    printed, shown = watched(capsys, still, done, done)
    assert printed == [[], ["dev"], ["dev"]]
    assert shown.out.startswith("dev: written to profile dev, expires at ")
    assert shown.out.count("\n") == 1
    assert "1 of 2 roles" in shown.err


def test_a_failure_is_reported_too(capsys):
    printed, shown = watched(capsys, snapshot(BUSY, OTHER), snapshot(REFUSED, OTHER))
    assert printed == [[], ["dev"]]
    assert "dev: AWS refused. Ask.\n" in shown.err


@pytest.mark.parametrize(
    "later",
    [
        snapshot(replace(DONE, expires_at=OLD), OTHER),
        snapshot(replace(DONE, expires_at=None), OTHER),
        snapshot(replace(REFUSED, retrying=True), OTHER),
        snapshot(DONE, OTHER, trouble="The file cannot be written."),
    ],
    ids=["the same session", "none", "a further try", "trouble with the file"],
)
def test_what_is_not_sure_is_left_to_the_answer_of_the_app(capsys, later):
    printed, shown = watched(capsys, snapshot(BUSY, OTHER), later)
    assert (printed, shown.out) == ([[], []], "")


def test_what_was_never_seen_in_progress_is_left_to_it_as_well(capsys):
    printed, _ = watched(capsys, snapshot(DONE, OTHER), snapshot(DONE, OTHER))
    assert printed == [[], []]


def test_for_programs_nothing_is_printed_but_the_progress(capsys):
    printed, shown = watched(capsys, snapshot(BUSY, OTHER), snapshot(DONE, OTHER), as_json=True)
    assert (printed, shown.out) == ([[], []], "")
    assert "1 of 2 roles" in shown.err


def test_what_is_known_is_reported_at_once_and_trouble_at_the_end(capsys):
    report = RefreshReport(as_json=False)
    report.take(Result(views=(), outcome=RefreshOutcome({})), 2)
    report.take(Result(views=(DONE,), outcome=RefreshOutcome({"dev": RoleOutcome.WRITTEN})), 2)
    assert report.printed == {"dev"}
    trouble = RefreshOutcome({"other": RoleOutcome.UNFINISHED}, ("It cannot be written.", "Look."))
    report.take(Result(views=(OTHER,), outcome=trouble), 2)
    assert report.printed == {"dev"}
    shown = capsys.readouterr()
    assert shown.out.count("\n") == 1
    assert "0 of 2 roles" in shown.err
    assert "1 of 2 roles" in shown.err
    assert "cannot be written" not in shown.err
