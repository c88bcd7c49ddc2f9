"""What is shown of a state at a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, SECRET, TOKEN, a_failure, a_role, a_session, a_state, credentials
from traycreds.core.errors import FailureKind
from traycreds.core.events import FileChangedOutside, FileMissing
from traycreds.core.model import FileNote, OwnedProfile, StoreView
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.presentation import snapshot

DENIED = a_failure(FailureKind.DENIED, sentence="AWS refused dev.", hint="Ask for the role.")


def status_of(session, **changes):
    return snapshot(NOW, a_state(session, **changes)).roles[0].status


@pytest.mark.parametrize(
    ("session", "changes", "status"),
    [
        pytest.param(a_session(expires_in=HOUR), {}, Status.FRESH, id="an hour left"),
        pytest.param(a_session(expires_in=MINUTE), {}, Status.FRESH, id="about to be renewed"),
        pytest.param(a_session(expires_in=5 * MINUTE, keep=False), {}, Status.EXPIRING, id="nobody renews it"),
        pytest.param(a_session(expires_in=6 * MINUTE, keep=False), {}, Status.FRESH, id="nobody renews it, later"),
        pytest.param(a_session(expires_in=MINUTE, keep=False), {"chosen": "dev"}, Status.FRESH, id="default"),
        pytest.param(a_session(expires_in=MINUTE), {"paused": True}, Status.EXPIRING, id="paused near the end"),
        pytest.param(a_session(expires_in=MINUTE, failure=DENIED), {}, Status.EXPIRING, id="failing near the end"),
        pytest.param(a_session(expires_in=HOUR, failure=DENIED), {}, Status.FRESH, id="failing early"),
        pytest.param(a_session(expires_in=-MINUTE, failure=DENIED), {}, Status.FAILED, id="failing and expired"),
        pytest.param(a_session(failure=DENIED), {}, Status.FAILED, id="failing without a session"),
        pytest.param(a_session(expires_in=timedelta(0)), {}, Status.EXPIRED, id="expired"),
        pytest.param(a_session(), {}, Status.REFRESHING, id="about to be asked for"),
        pytest.param(a_session(), {"paused": True}, Status.OFF, id="paused without a session"),
        pytest.param(a_session(keep=False), {}, Status.OFF, id="not kept"),
        pytest.param(a_session(keep=False, asked=True), {}, Status.REFRESHING, id="asked"),
        pytest.param(a_session(failure=DENIED), {"calls": frozenset({"dev"})}, Status.FAILED, id="retried"),
        pytest.param(a_session(), {"calls": frozenset({"dev"})}, Status.REFRESHING, id="in a call"),
        pytest.param(a_session(unwritten=credentials()), {}, Status.REFRESHING, id="not on file yet"),
    ],
)
def test_the_status_of_a_session(session, changes, status):
    assert status_of(session, **changes) is status


@pytest.mark.parametrize("expires_in", [None, -MINUTE, MINUTE, HOUR])
def test_a_further_try_does_not_hide_a_problem(expires_in):
    """The icon does not flip at each try, and anyone who waits for its outcome still knows that one is in progress."""
    for kept in (True, False):
        failing = a_session(expires_in=expires_in, failure=DENIED, keep=kept)
        waits, tries, asked = (
            snapshot(NOW, state)
            for state in (
                a_state(failing),
                a_state(failing, calls=frozenset({"dev"})),
                a_state(replace(failing, asked=True)),
            )
        )
        assert waits.overall is tries.overall is asked.overall
        assert waits.roles[0].status is tries.roles[0].status is asked.roles[0].status
        assert [shown.roles[0].retrying for shown in (waits, tries, asked)] == [False, True, True]


FRESH = a_session("fresh", expires_in=HOUR)
REFRESHING = a_session("refreshing")
EXPIRING = a_session("expiring", expires_in=MINUTE, failure=DENIED)
FAILED = a_session("failed", failure=DENIED)
EXPIRED = a_session("expired", expires_in=-MINUTE)
OFF = a_session("off", keep=False)


@pytest.mark.parametrize(
    ("sessions", "overall"),
    [
        ((), Status.OFF),
        ((OFF,), Status.OFF),
        ((OFF, FRESH), Status.FRESH),
        ((FRESH, REFRESHING), Status.REFRESHING),
        ((FRESH, REFRESHING, EXPIRING), Status.EXPIRING),
        ((FRESH, REFRESHING, EXPIRING, FAILED), Status.FAILED),
        ((FRESH, REFRESHING, EXPIRING, FAILED, EXPIRED), Status.EXPIRED),
        ((FRESH, a_session("let run out", expires_in=MINUTE, keep=False)), Status.FRESH),
        ((FRESH, a_session("asked for once", failure=DENIED, keep=False)), Status.FAILED),
    ],
)
def test_the_icon_shows_the_worst_of_what_the_user_cares_for(sessions, overall):
    assert snapshot(NOW, a_state(*sessions)).overall is overall


def test_the_default_role_counts_even_when_it_is_not_kept():
    state = a_state(a_session("dev", expires_in=-MINUTE, keep=False), chosen="dev")
    assert snapshot(NOW, state).overall is Status.EXPIRED


@pytest.mark.parametrize("what", ["write_failure", "default_failure"])
def test_trouble_with_the_file_is_shown_whatever_the_roles_are(what):
    failure = a_failure(FailureKind.FILE, sentence="The disk is full.", hint="Make room.")
    shown = snapshot(NOW, a_state(FRESH, **{what: failure}))
    assert shown.overall is Status.FAILED
    assert (shown.trouble, shown.trouble_hint) == ("The disk is full.", "Make room.")


def test_while_the_file_is_missing_no_session_is_fresh_and_none_is_the_default():
    note = FileNote(sentence="The file is missing.", hint="Wait.")
    before = a_state(
        a_session("dev", expires_in=HOUR),
        a_session("ops", keep=False, expires_in=HOUR),
        chosen="dev",
        default_on_file=OwnedProfile(profile="default", role="dev", expires_at=NOW + HOUR),
    )
    state = apply(before, FileMissing(note))
    shown = snapshot(NOW, state, (before, snapshot(NOW, before)))
    assert [(view.status, view.expires_at, view.is_default) for view in shown.roles] == [
        (Status.REFRESHING, None, False),
        (Status.OFF, None, False),
    ]
    assert (shown.trouble, shown.trouble_hint) == (note.sentence, note.hint)
    assert shown.default_switch == "dev becomes the default once its session is written; until then no role is."

    owned = (OwnedProfile(profile="dev-session", role="dev", expires_at=NOW + HOUR),)
    back = apply(state, FileChangedOutside(StoreView(owned=owned), NOW))
    again = snapshot(NOW, back, (state, shown))
    assert [view.status for view in again.roles] == [Status.FRESH, Status.OFF]
    assert again.trouble is None


def test_a_role_is_shown_with_all_that_a_user_asks_about_it():
    role = a_role(region="eu-west-1", group="Work")
    failure = a_failure(FailureKind.NETWORK, first_at=NOW - HOUR, retry_at=NOW + MINUTE)
    session = a_session(expires_in=10 * MINUTE, role=role, failure=failure, keep_until=NOW + HOUR)
    (view,) = snapshot(NOW, a_state(session, chosen="dev")).roles
    assert (view.name, view.profile, view.account_id) == ("dev", "dev-session", "123456789012")
    assert (view.region, view.group) == ("eu-west-1", "Work")
    assert view.expires_at == NOW + 10 * MINUTE
    assert view.kept
    assert view.keep_until == NOW + HOUR
    assert view.is_default
    assert (view.kind, view.error, view.hint) == (FailureKind.NETWORK, failure.sentence, failure.hint)
    assert view.failing_since == NOW - HOUR
    assert view.retry_at == NOW + MINUTE
    assert not view.needs_user


def test_a_failure_that_no_timer_tries_again_needs_the_user():
    shown = snapshot(NOW, a_state(a_session(failure=a_failure(FailureKind.MFA, retry_at=None)), a_session("prod")))
    assert [view.needs_user for view in shown.roles] == [True, False]
    assert shown.roles[1].kind is shown.roles[1].error is shown.roles[1].hint is None


def test_the_next_refresh_is_the_earliest_that_a_timer_will_begin():
    soon, later = a_session("soon", expires_in=HOUR), a_session("later", expires_in=2 * HOUR)
    sessions = (
        later,
        soon,
        a_session("not wanted", expires_in=30 * MINUTE, keep=False),
        a_session("waits for a person", failure=DENIED),
        a_session("in progress", failure=a_failure(retry_at=NOW + MINUTE)),
    )
    state = a_state(*sessions, calls=frozenset({"in progress"}))
    assert snapshot(NOW, state).next_refresh_at == policy.refresh_at(soon)
    assert snapshot(NOW, a_state(*sessions, paused=True)).next_refresh_at is None
    assert snapshot(NOW, a_state(OFF)).next_refresh_at is None


def test_labels_that_count_minutes_change_by_the_minute_and_no_sooner():
    state = a_state(FRESH)
    assert snapshot(NOW, state) == snapshot(NOW + timedelta(seconds=59), state)
    assert snapshot(NOW, state) != snapshot(NOW + MINUTE, state)


def test_no_secret_is_shown():
    shown = repr(snapshot(NOW, a_state(a_session(unwritten=credentials()))))
    assert SECRET not in shown
    assert TOKEN not in shown


def test_views_that_still_hold_are_taken_over():
    state = a_state(a_session("dev", expires_in=HOUR), a_session("prod", expires_in=HOUR), a_session("off", keep=False))
    before = snapshot(NOW, state)
    changed = replace(state, sessions=(replace(state.sessions[0], asked=True), *state.sessions[1:]), chosen="off")
    after = snapshot(NOW, changed, (state, before))
    assert after == snapshot(NOW, changed)
    assert [one is other for one, other in zip(after.roles, before.roles, strict=True)] == [False, True, False]


def test_views_follow_their_roles_when_the_configuration_changes_their_order():
    state = a_state(a_session("dev", expires_in=HOUR), a_session("prod", expires_in=HOUR))
    turned = replace(state, sessions=state.sessions[::-1])
    after = snapshot(NOW, turned, (state, snapshot(NOW, state)))
    assert after == snapshot(NOW, turned)


PROMISED = a_failure(hint="Check the network; traycreds retries.", retry_at=NOW + MINUTE)


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, True),
        ({"paused": True}, False),
        ({"keep": False}, False),
        ({"keep": False, "chosen": "dev"}, True),
        ({"keep": False, "asked": True}, True),
    ],
)
def test_a_next_try_is_shown_only_if_there_is_one(changes, again):
    of_session = {key: changes[key] for key in ("keep", "asked") if key in changes}
    state = a_state(a_session(failure=PROMISED, **of_session), **{k: changes[k] for k in changes.keys() - of_session})
    (view,) = snapshot(NOW, state).roles
    assert view.retry_at == (NOW + MINUTE if again else None)
    assert view.hint == ("Check the network; traycreds retries." if again else "Check the network, then try again.")
    assert not view.needs_user


def test_a_pause_takes_the_next_try_from_what_was_shown():
    running = a_state(a_session(failure=PROMISED))
    shown = snapshot(NOW, running)
    paused = snapshot(NOW, replace(running, paused=True), (running, shown))
    assert (shown.roles[0].retry_at, paused.roles[0].retry_at) == (NOW + MINUTE, None)
