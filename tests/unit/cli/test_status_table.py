"""The table of `status`: below it what went wrong, since when, and when traycreds retries."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from traycreds.cli import status_table
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace

BAD = RoleView(
    name=RoleName("dev"),
    profile=ProfileName("dev"),
    status=Status.FAILED,
    error="AWS STS cannot be reached.",
    hint="Check the network.",
)


@pytest.mark.parametrize(
    ("times", "zone", "ending"),
    [
        ({}, timezone.utc, ""),
        ({"failing_since": NOW - 5 * MINUTE}, timezone.utc, " (since 11:55)"),
        ({"retry_at": NOW + MINUTE}, timezone.utc, " (next try at 12:01)"),
        (
            {"failing_since": NOW - 5 * MINUTE, "retry_at": NOW + MINUTE},
            timezone(timedelta(hours=5, minutes=30)),
            " (since 17:25, next try at 17:31)",
        ),
    ],
    ids=["no times", "waits for a person", "tried again", "both, in the user's zone"],
)
def test_a_failure_is_told_whole_with_its_times(times, zone, ending):
    last = status_table.lines(Snapshot(as_of=NOW, roles=(replace(BAD, **times),)), zone)[-1]
    assert last == f"dev: AWS STS cannot be reached. Check the network.{ending}"


def test_a_role_that_does_not_fail_has_no_line_below_the_table():
    fine = replace(BAD, status=Status.FRESH, error=None, hint=None, failing_since=NOW, expires_at=NOW + 43 * MINUTE)
    assert status_table.lines(Snapshot(as_of=NOW, roles=(fine,)), timezone.utc)[-1].endswith(
        "Fresh, 43 min left, until 12:43"
    )


def test_what_is_to_know_of_a_session_stands_below_the_table():
    fine = replace(BAD, status=Status.FRESH, error=None, hint=None, expires_at=NOW + MINUTE, note="It lasts an hour.")
    assert status_table.lines(Snapshot(as_of=NOW, roles=(fine,)), timezone.utc)[-1] == "dev: It lasts an hour."


def test_in_80_columns_names_give_way_to_the_state():
    busy = replace(
        BAD,
        name=RoleName("a-role-with-a-long-name-for-sure"),
        profile=ProfileName("a-role-with-a-long-name-for-sure-session"),
        retry_at=NOW + MINUTE,
        expires_at=NOW + 43 * MINUTE,
        status=Status.FRESH,
    )
    row = status_table.lines(Snapshot(as_of=NOW, roles=(busy,)), timezone.utc, 80)[2]
    assert len(row) <= 80
    assert row.endswith("Fresh, 43 min left, until 12:43, next try at 12:01")
    assert row.split()[0].startswith("a-role")
    wide = status_table.lines(Snapshot(as_of=NOW, roles=(busy,)), timezone.utc, 120)[2]
    assert max(map(len, wide.split()[:2])) == 24, "a name is longer where there is room"


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"kept": True, "keep_until": NOW + 4 * HOUR}, ", kept until 16:00"),
        ({"kept": True, "keep_until": NOW + 76 * HOUR}, f", kept until {NOW + 76 * HOUR:%Y-%m-%d} 16:00"),
        ({"kept": True}, ""),
        ({"keep_until": NOW + HOUR}, ""),
    ],
    ids=["for a while", "for days", "until told otherwise", "no more"],
)
def test_the_end_of_keeping_is_shown(changes, ending):
    fine = replace(BAD, status=Status.FRESH, error=None, hint=None, expires_at=NOW + 43 * MINUTE, **changes)
    row = status_table.lines(Snapshot(as_of=NOW, roles=(fine,)), timezone.utc)[-1]
    assert row.endswith(f"Fresh, 43 min left, until 12:43{ending}")


def test_the_star_is_at_the_default_on_file_and_a_line_says_what_the_wanted_one_waits_for():
    switch = "dev becomes the default once you sign in; until then prod is."
    prod = RoleView(name=RoleName("prod"), profile=ProfileName("prod"), status=Status.FRESH, is_default=True)
    shown = Snapshot(as_of=NOW, roles=(replace(BAD, wanted_default=True), prod), default_switch=switch)
    _, _, first, second, line, _ = status_table.lines(shown, timezone.utc)
    assert (first[0], second[0], line) == (" ", "*", switch)
