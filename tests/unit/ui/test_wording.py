from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import HOUR, MINUTE, NOW, a_session, a_state
from traycreds.core import views
from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import wording

EAST = timezone(timedelta(hours=5, minutes=30))


def view(status=Status.FRESH, left=43 * MINUTE, name="dev", **changes) -> RoleView:
    base = RoleView(
        name=RoleName(name), profile=ProfileName(name), status=status, expires_at=None if left is None else NOW + left
    )
    return replace(base, **changes)


def snapshot(*views, **changes) -> Snapshot:
    return replace(Snapshot(as_of=NOW, roles=views), **changes)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "under 1 min"),
        (timedelta(seconds=-90), "under 1 min"),
        (timedelta(seconds=59), "under 1 min"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (HOUR, "1 h"),
        (HOUR + 12 * MINUTE, "1 h 12 min"),
        (36 * HOUR, "36 h"),
    ],
)
def test_amount(span, words):
    assert wording.amount(span) == words


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        (view(), "dev — 43 min left"),
        (view(error="STS is out of reach."), "dev — 43 min left, refresh failing"),
        (view(Status.EXPIRING, 4 * MINUTE), "dev — ends soon, 4 min left"),
        (view(Status.EXPIRING, 30 * timedelta(seconds=1)), "dev — ends soon, under 1 min left"),
        (view(Status.EXPIRING, MINUTE, error="No network."), "dev — ends soon, 1 min left, refresh failing"),
        (view(Status.REFRESHING), "dev — refreshing, 43 min left"),
        (view(Status.REFRESHING, None), "dev — getting a session"),
        (view(Status.REFRESHING, -MINUTE), "dev — getting a session"),
        (view(Status.EXPIRED, -5 * MINUTE), "dev — expired 5 min ago"),
        (view(Status.EXPIRED, timedelta(seconds=20)), "dev — expired just now"),
        (view(Status.EXPIRED, None), "dev — expired just now"),
        (view(Status.FAILED, None), "dev — failed"),
        (view(Status.FAILED, None, error="Refused."), "dev — failed: Refused"),
        (view(Status.FAILED, None, error="Refused.", retry_at=NOW), "dev — failed: Refused"),
        (
            view(Status.FAILED, None, error="Refused.", retry_at=NOW + 2 * MINUTE),
            "dev — failed: Refused, next try in 2 min",
        ),
        (
            view(Status.FAILED, None, error="Refused.", retry_at=NOW, retrying=True),
            "dev — failed: Refused, trying again",
        ),
        (
            view(Status.FAILED, None, error=f"AWS refused {'x' * 99}.", kind=FailureKind.DENIED, retry_at=NOW + MINUTE),
            "dev — failed: refused by AWS, next try in 1 min",
        ),
        (
            view(Status.FAILED, None, error="Too long.", kind=FailureKind.MFA, needs_user=True),
            "dev — needs you: MFA code needed",
        ),
        (view(Status.FAILED, None, error="Sign in.", needs_user=True), "dev — needs you: Sign in"),
        (view(error="Sign in.", needs_user=True), "dev — 43 min left, needs you: Sign in"),
        (view(Status.OFF, None), "dev"),
        (view(Status.OFF, None, error="Refused."), "dev — failed: Refused"),
    ],
)
def test_role_label(shown, label):
    assert wording.role_label(shown, NOW) == label


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (view(), "Fresh, 43 min left, until 18:13"),
        (view(Status.EXPIRED, -5 * MINUTE), "Expired, ended at 17:25"),
        (view(Status.OFF, None), "Off"),
        (view(Status.FAILED, None, error="No.", retry_at=NOW + MINUTE), "No session, next try at 17:31"),
        (view(Status.FAILED, None, error="No.", retry_at=NOW, retrying=True), "No session, trying again"),
    ],
)
def test_state_line_tells_clock_times_in_the_zone_given(shown, line):
    assert wording.state_line(shown, NOW, EAST) == line


def test_clock_times_follow_the_machine_without_a_zone():
    assert wording.clock(NOW, None) == NOW.astimezone().strftime("%H:%M")


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        (view(), "Keep alive: off"),
        (view(kept=True), "Keep alive: on"),
        (view(kept=True, keep_until=NOW + HOUR), "Keep alive: until 18:30"),
    ],
)
def test_keep_label(shown, label):
    assert wording.keep_label(shown, EAST) == label


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
        (snapshot(view(), view(Status.EXPIRING, name="b")), "b ends soon"),
        (snapshot(view(Status.EXPIRING), view(Status.EXPIRING, name="b")), "2 roles end soon"),
        (snapshot(view(error="No network.")), "dev: refresh failing, trying again"),
        (snapshot(view(), paused=True), "Paused, nothing is renewed"),
        (snapshot(view(Status.EXPIRED, -MINUTE, kept=True), paused=True), "dev: no valid session"),
        (snapshot(view(Status.EXPIRED, -MINUTE)), "No role is active"),
        (snapshot(view(needs_user=True, error="Sign in.")), "dev needs you"),
        (snapshot(view(needs_user=True), view(needs_user=True, name="b")), "2 roles need you"),
        (snapshot(view(needs_user=True), trouble="The file cannot be read."), "The file cannot be read"),
    ],
)
def test_overall_says_the_worst_first(shown, sentence):
    assert wording.overall(shown) == sentence


def test_the_tooltip_names_the_next_expiry():
    shown = snapshot(view(), view(left=7 * MINUTE, name="prod"), view(Status.EXPIRED, -MINUTE, name="old"))
    assert wording.tooltip(shown) == "traycreds: 2 roles fresh\nprod: 7 min left"
    assert wording.tooltip(snapshot()) == "traycreds: No roles configured"


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


@given(NAMES, st.integers(8, 64))
def test_a_long_name_keeps_both_ends(name, width):
    cut = wording.middle_cut(name, width)
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
    assert len(wording.tooltip(snapshot(shown, trouble=trouble))) <= 127
    label = wording.role_label(shown, NOW)
    assert label.startswith(wording.middle_cut(shown.name))
    assert len(label) < 160
    assert not label.endswith(("— ", ", "))


@given(st.integers(0, 59), st.integers(0, 59))
def test_a_label_never_changes_within_a_minute(one, other):
    state = a_state(a_session(expires_in=43 * MINUTE + timedelta(seconds=17)))
    labels = {
        wording.role_label(shown.roles[0], shown.as_of)
        for shown in (views.snapshot(NOW + timedelta(seconds=second), state) for second in (one, other))
    }
    assert labels == {"dev — 43 min left"}
