from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import HOUR, MINUTE, NOW, a_session, a_state
from tests.unit.ui.menu.menu_entries import snapshot
from traycreds.core import text
from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import presentation
from traycreds.ui.menu import labels

EAST = timezone(timedelta(hours=5, minutes=30))


def view(status=Status.FRESH, left=43 * MINUTE, name="dev", **changes) -> RoleView:
    base = RoleView(
        name=RoleName(name), profile=ProfileName(name), status=status, expires_at=None if left is None else NOW + left
    )
    return replace(base, **changes)


def waiting(name="dev", **changes) -> RoleView:
    return view(Status.FAILED, None, name, needs_user=True, error="Do it.", **changes)


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        (view(), "dev — 43 min left"),
        (view(error="STS is out of reach."), "dev — 43 min left, refresh failing"),
        (view(Status.EXPIRING, 4 * MINUTE), "dev — expires soon, 4 min left"),
        (view(Status.EXPIRING, 30 * timedelta(seconds=1)), "dev — expires soon, less than a minute left"),
        (view(Status.EXPIRING, MINUTE, error="No network."), "dev — expires soon, 1 min left, refresh failing"),
        (view(Status.REFRESHING), "dev — refreshing, 43 min left"),
        (view(Status.REFRESHING, None), "dev — refreshing"),
        (view(Status.REFRESHING, -MINUTE), "dev — refreshing"),
        (view(Status.EXPIRED, -5 * MINUTE), "dev — expired 5 min ago"),
        (view(Status.EXPIRED, timedelta(seconds=20)), "dev — expired just now"),
        (view(Status.EXPIRED, None), "dev — expired just now"),
        (view(Status.FAILED, None), "dev — no session"),
        (view(Status.FAILED, None, error="Refused."), "dev — no session: Refused"),
        (view(Status.FAILED, None, error="Refused.", retry_at=NOW), "dev — no session: Refused"),
        (
            view(Status.FAILED, None, error="Refused.", retry_at=NOW + 2 * MINUTE),
            "dev — no session: Refused, next try in 2 min",
        ),
        (
            view(Status.FAILED, None, error="Refused.", retry_at=NOW, retrying=True),
            "dev — no session: Refused, trying again",
        ),
        (
            view(Status.FAILED, None, error=f"AWS refused {'x' * 99}.", kind=FailureKind.DENIED, retry_at=NOW + MINUTE),
            "dev — no session: refused by AWS, next try in 1 min",
        ),
        (
            view(Status.FAILED, None, error="Too long.", kind=FailureKind.MFA, needs_user=True),
            "dev — needs you: MFA code needed",
        ),
        (
            view(Status.FAILED, None, error="x", kind=FailureKind.BAD_CONFIG, reason="a link", needs_user=True),
            "dev — needs you: a link",
        ),
        (view(Status.FAILED, None, error="Sign in.", needs_user=True), "dev — needs you: Sign in"),
        (waiting(mfa_device="x"), "dev — needs a code"),
        (view(error="Sign in.", needs_user=True, sign_in="corp"), "dev — 43 min left, needs a sign-in"),
        (view(error="Sign in.", needs_user=True), "dev — 43 min left, needs you: Sign in"),
        (view(Status.OFF, None), "dev"),
        (view(Status.OFF, None, error="Refused."), "dev — no session: Refused"),
    ],
)
def test_role_label(shown, label):
    assert labels.role_label(shown, NOW) == label


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (view(), "Fresh, 43 min left, until 18:13"),
        (view(Status.EXPIRED, -5 * MINUTE), "Expired at 17:25"),
        (waiting(mfa_device="x"), "Needs a code"),
        (view(Status.OFF, None), "Off"),
        (view(Status.FAILED, None, error="No.", retry_at=NOW + MINUTE), "No session: No, next try at 17:31"),
        (view(Status.FAILED, None, error="No.", retry_at=NOW, retrying=True), "No session: No, trying again"),
    ],
)
def test_state_line_shows_clock_times_in_the_given_zone(shown, line):
    assert labels.state_line(shown, NOW, EAST) == line


def test_clock_times_follow_the_machine_without_a_zone():
    assert labels.clock(NOW, None) == NOW.astimezone().strftime("%H:%M")


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        (view(), "Keep alive"),
        (view(kept=True), "Keep alive"),
        (view(kept=True, keep_until=NOW + HOUR), "Keep alive until 18:30"),
        (view(kept=True, keep_until=NOW + 24 * HOUR), "Keep alive until 2026-11-25 17:30"),
    ],
)
def test_keep_label(shown, label):
    assert labels.keep_label(shown, NOW, EAST) == label


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (snapshot(), "No roles configured"),
        (snapshot(view(Status.OFF, None)), "No role is active"),
        (snapshot(view(), view(name="b")), "2 roles fresh"),
        (snapshot(view(), next_refresh_at=NOW + 9 * MINUTE), "1 role fresh, next refresh in 9 min"),
        (snapshot(view(), next_refresh_at=NOW + MINUTE / 2), "1 role fresh, next refresh soon"),
        (snapshot(view(), view(Status.REFRESHING, name="b")), "Refreshing b"),
        (snapshot(view(Status.REFRESHING), view(Status.REFRESHING, name="b")), "Refreshing 2 roles"),
        (snapshot(view(), view(Status.EXPIRING, name="b")), "b expires soon"),
        (snapshot(view(Status.EXPIRING), view(Status.EXPIRING, name="b")), "2 roles expire soon"),
        (snapshot(view(error="No network.", retry_at=NOW)), "dev: refresh failing, trying again"),
        (snapshot(view(error="No network.", retrying=True)), "dev: refresh failing, trying again"),
        (snapshot(view(error="No network.")), "dev: refresh failed"),
        (snapshot(view(), paused=True), "Paused, nothing is refreshed"),
        (snapshot(view(Status.EXPIRED, -MINUTE, kept=True), paused=True), "dev: no session"),
        (snapshot(view(Status.EXPIRED, -MINUTE)), "No role is active"),
        (snapshot(view(kept=True, needs_user=True, error="Sign in.")), "dev needs you: Sign in"),
        (snapshot(waiting(mfa_device="x"), waiting("b", mfa_device="y")), "2 roles need a code"),
        (snapshot(waiting(mfa_device="x"), waiting("b", sign_in="corp")), "2 roles need a code and a sign-in"),
        (snapshot(waiting(mfa_device="x"), waiting("b", reason="no access")), "2 roles need you: Do it, no access"),
        (snapshot(view(needs_user=True), trouble="The file cannot be read."), "The file cannot be read"),
    ],
)
def test_overall_says_the_worst_first(shown, sentence):
    assert labels.overall(shown) == sentence


@pytest.mark.parametrize(("is_default", "still"), [(True, "prod"), (False, "no role")])
def test_the_tooltip_names_the_default_while_another_is_wanted(is_default, still):
    role = waiting(wanted_default=True, sign_in="corp")
    prod = view(Status.OFF, None, "prod", is_default=is_default)
    shown = snapshot(role, prod, default_switch="dev becomes the default once you sign in.")
    assert labels.tooltip(shown) == f"default: {still}\ntraycreds: dev needs a sign-in"


def test_the_tooltip_begins_with_the_role_and_the_account_that_one_is_in():
    prod = replace(view(name="prod-admin"), is_default=True, account_id="444455556666", label="PROD")
    lines = labels.tooltip(snapshot(view(), prod)).splitlines()
    assert lines[0] == "default: prod-admin (PROD, 4444-5555-6666)"
    assert lines[1].startswith("traycreds: ")
    assert labels.role_label(prod, NOW).startswith("prod-admin (PROD) — ")


def test_the_tooltip_names_the_next_expiry():
    shown = snapshot(view(), view(left=7 * MINUTE, name="prod"), view(Status.EXPIRED, -MINUTE, name="old"))
    assert labels.tooltip(shown) == "traycreds: 2 roles fresh\nprod: 7 min left"
    assert labels.tooltip(snapshot()) == "traycreds: No roles configured"


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@given(NAMES, st.integers(8, 64))
def test_a_long_name_keeps_both_ends(name, width):
    cut = text.middle_cut(name, width)
    assert len(cut) <= width
    head, mark, tail = cut.partition("…")
    if len(name) <= width:
        assert cut == name
    elif "…" not in name:
        assert mark
        assert name.startswith(head)
        assert name.endswith(tail)
        assert abs(len(head) - len(tail)) <= 1


VIEWS = st.builds(
    view,
    st.sampled_from(Status),
    st.none() | st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)),
    name=NAMES,
    error=st.none() | NAMES,
    needs_user=st.booleans(),
    kept=st.booleans(),
)


@given(VIEWS, st.none() | NAMES)
def test_every_snapshot_has_words_that_fit(shown, trouble):
    assert len(labels.tooltip(snapshot(shown, trouble=trouble))) <= 127
    label = labels.role_label(shown, NOW)
    assert label.startswith(text.middle_cut(shown.name))
    assert len(label) < 160
    assert not label.endswith(("— ", ", "))


@given(st.integers(0, 59), st.integers(0, 59))
def test_a_label_never_changes_within_a_minute(one, other):
    state = a_state(a_session(expires_in=43 * MINUTE + timedelta(seconds=17)))
    seen = {
        labels.role_label(shown.roles[0], shown.as_of)
        for shown in (presentation.snapshot(NOW + timedelta(seconds=second), state) for second in (one, other))
    }
    assert seen == {"dev — 43 min left"}


def test_a_time_of_another_day_has_its_date():
    role = view("dev", expires_at=NOW + 24 * HOUR, error="No network.", failing_since=NOW - 24 * HOUR)
    assert labels.default_line(role, NOW, EAST).endswith(", until 2026-11-25 17:30")
    assert labels.since_line(role, NOW, EAST) == "Failing since 2026-11-23 17:30"
