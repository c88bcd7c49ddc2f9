"""One of our profiles gets settings in ~/.aws/config that AWS tools prefer to the session in it."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state, a_view, credentials
from traycreds.core.errors import FailureKind
from traycreds.core.events import FileChangedOutside, Issue, Notify, Written
from traycreds.core.model import Batch, ProfileWrite, Refusal, WriteReport
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import apply, policy
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.presentation import snapshot

HIDDEN = Refusal(profile="dev-session", sentence="Profile dev-session has role settings.", hint="Rename it.")


def seen(state, *, hidden=(HIDDEN,), at=NOW):
    return apply.apply(state, FileChangedOutside(replace(a_view(*state.sessions), hidden=hidden), at))


@pytest.mark.parametrize("keep", [True, False])
def test_a_role_whose_session_tools_ignore_needs_the_user_at_once(keep):
    state = seen(a_state(a_session(keep=keep, expires_in=HOUR)))
    outcome = plan(NOW, state)
    (shown,) = snapshot(NOW, outcome.state).roles
    assert (shown.error, shown.hint, shown.kind) == (HIDDEN.sentence, HIDDEN.hint, FailureKind.FILE)
    assert shown.needs_user
    assert [each for each in outcome.actions if isinstance(each, Issue | Notify)] == [], (
        "the configuration's notice says it"
    )
    later = plan(NOW + policy.SHOW_UNWANTED + MINUTE, outcome.state)
    (shown,) = snapshot(NOW, later.state).roles
    assert shown.error == HIDDEN.sentence, "it does not pass by itself"


def test_a_role_without_a_session_that_nobody_wants_is_no_trouble():
    (shown,) = snapshot(NOW, seen(a_state(a_session(keep=False)))).roles
    assert (shown.status, shown.error) == (Status.OFF, None)


def test_a_read_that_says_the_same_changes_nothing():
    state = seen(a_state(a_session(keep=True, expires_in=HOUR)))
    assert seen(state, at=NOW + MINUTE).session("dev").failure.first_at == NOW


def test_once_the_settings_are_gone_it_is_fresh_without_a_call_or_a_word():
    state = seen(a_state(a_session(keep=True, expires_in=HOUR)))
    after = seen(state, hidden=())
    outcome = plan(NOW, after)
    assert outcome.actions == ()
    (shown,) = snapshot(NOW, outcome.state).roles
    assert (shown.status, shown.error) == (Status.FRESH, None)


def test_another_failure_of_the_role_outlasts_the_settings():
    state = seen(a_state(a_session(keep=True, expires_in=HOUR)))
    state = state.map(lambda s: replace(s, failure=a_failure(FailureKind.DENIED)))
    assert seen(state, hidden=()).session("dev").failure.kind is FailureKind.DENIED


def test_a_write_that_is_refused_for_it_is_reported_with_its_cause():
    new = credentials(NOW + HOUR * 2)
    session = a_session(keep=True, expires_in=HOUR, unwritten=new)
    write = ProfileWrite(profile="dev-session", role="dev", credentials=new)
    view = replace(a_view(a_session(expires_in=HOUR)), hidden=(HIDDEN,))
    written = Written(batch=Batch(sets=(write,)), report=WriteReport(view=view, refused=(HIDDEN,)), at=NOW)
    after = apply.apply(replace(a_state(session), writing=True), written)
    assert after.session("dev").failure.sentence == HIDDEN.sentence
    assert after.session("dev").refreshed is False
