"""The table of `status`: below it what went wrong, since when, and when traycreds retries."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from traycreds.cli import status_table
from traycreds.cli.display import colors
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
    ids=["no times", "waits for a person", "retried", "both, in the user's zone"],
)
def test_a_failure_is_reported_in_full_with_its_times(times, zone, ending):
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
    wide = status_table.lines(Snapshot(as_of=NOW, roles=(busy,)), timezone.utc, 132)[2]
    assert wide.split()[:2] == [busy.name, busy.profile], "a name is whole where there is a place for it"


def test_one_long_column_gives_way_before_a_short_one():
    one = replace(BAD, name=RoleName("short"), profile=ProfileName("p" * 60), status=Status.OFF, error=None, hint=None)
    row = status_table.lines(Snapshot(as_of=NOW, roles=(one,)), timezone.utc, 60)[2]
    assert (len(row), row.split()[0]) == (60 - 3, "short")
    other = replace(one, name=RoleName("r" * 60), profile=ProfileName("short"))
    row = status_table.lines(Snapshot(as_of=NOW, roles=(other,)), timezone.utc, 60)[2]
    assert (len(row), row.split()[1]) == (60 - 3, "short")


def test_where_nothing_limits_the_width_nothing_is_cut():
    """As in a pipe, whose reader looks for names."""
    name = "r" * 64
    shown = replace(BAD, name=RoleName(name), profile=ProfileName(f"{name}-session"), retry_at=NOW + MINUTE)
    switch = f"{name} becomes the default once AWS answers; until then {name}-too is."
    snapshot = Snapshot(as_of=NOW, roles=(shown, replace(shown, wanted_default=True)), default_switch=switch)
    text = "\n".join(status_table.lines(snapshot, timezone.utc, None))
    assert "…" not in text
    assert switch in text
    assert text.count(f"{name}-session") == 2
    alone = Snapshot(as_of=NOW, roles=(replace(shown, kept=True),))
    assert status_table.lines(alone, timezone.utc, None)[0] == f"{name}: no session"
    trouble = replace(alone, trouble=f"{'A long sentence' * 9}.")
    assert status_table.lines(trouble, timezone.utc, None)[0] == "A long sentence" * 9


def test_what_is_wrong_with_the_file_is_reported_once():
    error, hint = "The file is missing.", "Make it."
    failed = replace(BAD, error=error, hint=hint)
    shown = Snapshot(as_of=NOW, roles=(failed, failed, BAD), trouble=error, trouble_hint=hint)
    found = status_table.problems(shown, timezone.utc)
    assert found[0] == f"{error} {hint}"
    assert len(found) == 2
    assert found[1].startswith(f"{BAD.name}: {BAD.error}")


def test_a_style_is_around_the_state_alone_also_of_a_line_that_is_cut():
    text = status_table.lines(Snapshot(as_of=NOW, roles=(BAD,)), timezone.utc, 40, colors.painted)
    assert text[1].startswith("\x1b[1m")
    assert text[2] == "  dev   \x1b[31mNo session: AWS STS cannot be…\x1b[0m", "profiles give way"


def test_the_heading_of_the_states_is_whole_however_short_they_are():
    off = replace(BAD, name=RoleName("x" * 64), profile=ProfileName("y" * 64), status=Status.OFF, error=None, hint=None)
    for width in (50, 80):
        assert status_table.table(Snapshot(as_of=NOW, roles=(off,)), timezone.utc, width)[0].state.endswith("  STATE")


def test_in_a_narrow_window_similar_names_differ():
    names = [f"prod-team{number:04}-ReadOnly" for number in range(3)]
    fine = replace(BAD, status=Status.FRESH, error=None, hint=None, expires_at=NOW + HOUR)
    shown = Snapshot(as_of=NOW, roles=tuple(replace(fine, name=RoleName(name)) for name in names))
    assert [line.names.strip() for line in status_table.table(shown, timezone.utc, 48)[1:]] == names
    assert status_table.table(shown, timezone.utc, 40)[1].state == "Fresh, 1 h…"


@pytest.mark.parametrize(
    ("hours", "zone", "time"),
    [
        (11, timezone.utc, "23:00"),
        (12, timezone.utc, "2026-11-25 00:00"),
        (11, timezone(timedelta(hours=2)), "2026-11-25 01:00"),
        (-13, timezone.utc, "2026-11-23 23:00"),
    ],
)
def test_a_time_of_another_day_has_its_date(hours, zone, time):
    at = NOW + hours * HOUR
    fine = replace(BAD, status=Status.FRESH, expires_at=at, failing_since=at, retry_at=at, kept=True, keep_until=at)
    *_, row, problem = status_table.lines(Snapshot(as_of=NOW, roles=(fine,)), zone, None)
    word = "until" if hours > 0 else "expired at"
    assert row.endswith(f"{word} {time}, next try at {time}, kept until {time}")
    assert problem.endswith(f"(since {time}, next try at {time})")


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"kept": True, "keep_until": NOW + 4 * HOUR}, ", kept until 16:00"),
        ({"kept": True, "keep_until": NOW + 76 * HOUR}, f", kept until {NOW + 76 * HOUR:%Y-%m-%d} 16:00"),
        ({"kept": True}, ""),
        ({"keep_until": NOW + HOUR}, ""),
    ],
    ids=["for a while", "for days", "until told otherwise", "not kept"],
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
