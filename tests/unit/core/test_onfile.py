"""What the credentials file says, folded into the state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state, a_view, credentials
from traycreds.core.errors import FailureKind
from traycreds.core.facts import apply
from traycreds.core.messages import FileChangedOutside, WriteFailed, Written
from traycreds.core.model import DEFAULT_PROFILE, Batch, OwnedProfile, ProfileWrite, Refusal, StoreView, WriteReport

NOT_OURS = "It is not ours."


def a_batch(*sessions, default=None, removes=()):
    sets = tuple(ProfileWrite(profile=s.role.profile, role=s.role.name, credentials=s.unwritten) for s in sessions)
    return Batch(sets=sets, copy_default_from=default, removes=removes)


def wrote(batch, view, *refused):
    refusals = tuple(Refusal(profile=profile, sentence=NOT_OURS, hint="Take it over.") for profile in refused)
    return Written(batch, WriteReport(view=view, refused=refusals), NOW)


def saw(view, at=NOW):
    return FileChangedOutside(view, at)


def in_hand(name="dev", **changes):
    return a_session(name, unwritten=credentials(), issued_at=NOW, **changes)


# our own writes


def test_a_written_session_stands_on_file():
    session = in_hand()
    on_file = replace(session, expires_at=NOW + HOUR)
    state = apply(a_state(session, writing=True), wrote(a_batch(session), a_view(on_file)))
    after = state.session("dev")
    assert not state.writing
    assert after.unwritten is None
    assert after.expires_at == NOW + HOUR
    assert after.issued_at == NOW


def test_a_longer_session_that_the_store_kept_is_the_one_that_counts():
    session = in_hand()
    kept = replace(session, expires_at=NOW + 5 * HOUR)
    after = apply(a_state(session, writing=True), wrote(a_batch(session), a_view(kept))).session("dev")
    assert after.expires_at == NOW + 5 * HOUR
    assert after.unwritten is None


def test_a_session_that_is_gone_right_after_the_write_is_not_on_file():
    session = in_hand()
    after = apply(a_state(session, writing=True), wrote(a_batch(session), StoreView())).session("dev")
    assert after.expires_at is None
    assert after.unwritten is None


def test_credentials_that_came_during_the_write_still_wait():
    session = in_hand()
    newer = replace(session, unwritten=credentials(NOW + 2 * HOUR, n=2))
    on_file = replace(session, expires_at=NOW + HOUR)
    after = apply(a_state(newer, writing=True), wrote(a_batch(session), a_view(on_file))).session("dev")
    assert after.unwritten == newer.unwritten
    assert after.expires_at == NOW + HOUR


def test_a_refused_profile_fails_for_the_file_and_waits_for_it_to_change():
    session, other = in_hand("dev"), in_hand("prod")
    report = wrote(a_batch(session, other), a_view(replace(other, expires_at=NOW + HOUR)), "dev-session")
    state = apply(a_state(session, other, writing=True), report)
    failure = state.session("dev").failure
    assert (failure.kind, failure.sentence, failure.hint) == (FailureKind.FILE, NOT_OURS, "Take it over.")
    assert failure.retry_at is None
    assert state.session("dev").unwritten is None
    assert state.session("prod").failure is None
    assert state.session("prod").expires_at == NOW + HOUR
    changed = apply(state, saw(StoreView(), NOW + MINUTE)).session("dev")
    assert changed.failure.retry_at == NOW + MINUTE


def test_a_removed_session_is_dropped_no_more():
    session = a_session(expires_in=HOUR, drop=True)
    after = apply(a_state(session, writing=True), wrote(a_batch(removes=("dev-session",)), StoreView())).session("dev")
    assert not after.drop
    assert after.expires_at is None


def test_a_write_that_brought_a_dropped_session_leaves_the_drop_to_be_done():
    session = in_hand()
    dropped = a_session(drop=True)
    on_file = replace(session, expires_at=NOW + HOUR)
    after = apply(a_state(dropped, writing=True), wrote(a_batch(session), a_view(on_file))).session("dev")
    assert after.drop
    assert after.expires_at == NOW + HOUR


def test_a_write_ends_the_failure_of_the_file():
    state = a_state(writing=True, write_failure=a_failure(FailureKind.FILE, told=True))
    assert apply(state, wrote(Batch(), StoreView())).write_failure is None


def test_a_failed_write_keeps_what_is_unwritten_for_the_next():
    state = apply(a_state(in_hand(), writing=True), WriteFailed("The disk is full.", "Make room.", NOW))
    assert not state.writing
    assert state.session("dev").unwritten == credentials()
    assert state.write_failure.kind is FailureKind.FILE
    assert state.write_failure.retry_at > NOW
    assert not state.write_failure.told


def test_writes_that_fail_in_a_row_are_tried_ever_less_often_and_told_once():
    state = apply(a_state(), WriteFailed("The disk is full.", "Make room.", NOW))
    first = state.write_failure
    state = replace(state, write_failure=replace(first, told=True))
    again = apply(state, WriteFailed("The disk is full.", "Make room.", NOW + MINUTE)).write_failure
    assert again.attempts == 2
    assert again.first_at == NOW
    assert again.told
    assert again.retry_at - (NOW + MINUTE) > first.retry_at - NOW


# the default profile


def test_a_copy_of_the_chosen_role_settles_default():
    session = a_session(expires_in=HOUR)
    state = a_state(session, chosen="dev", default_due=True, writing=True, default_failure=a_failure(FailureKind.FILE))
    after = apply(state, wrote(a_batch(default="dev-session"), a_view(session, default="dev")))
    assert not after.default_due
    assert after.default_failure is None


def test_a_default_that_is_not_ours_is_a_failure_of_its_own():
    session = a_session(expires_in=HOUR)
    state = a_state(session, chosen="dev", default_due=True, writing=True)
    view = a_view(session, foreign=(DEFAULT_PROFILE,))
    after = apply(state, wrote(a_batch(default="dev-session"), view, DEFAULT_PROFILE))
    assert after.default_failure.sentence == NOT_OURS
    assert after.default_failure.retry_at is None
    assert not after.default_failure.told
    assert after.session("dev").failure is None


@pytest.mark.parametrize(("sentence", "told"), [(NOT_OURS, True), ("Another reason.", False)])
def test_the_same_refusal_of_default_is_told_once(sentence, told):
    before = a_failure(FailureKind.FILE, sentence=sentence, told=True)
    state = a_state(a_session(expires_in=HOUR), chosen="dev", writing=True, default_failure=before)
    after = apply(state, wrote(a_batch(default="dev-session"), StoreView(), DEFAULT_PROFILE))
    assert after.default_failure.told is told


def test_a_choice_taken_back_during_the_write_needs_no_reason_why_default_was_refused():
    state = a_state(a_session(expires_in=HOUR), remove_default=True, writing=True)
    after = apply(state, wrote(a_batch(default="dev-session"), StoreView(), DEFAULT_PROFILE))
    assert after.default_failure is None


def test_default_is_due_when_it_is_not_what_the_chosen_role_has():
    dev, prod = a_session("dev", expires_in=HOUR), a_session("prod", expires_in=2 * HOUR)
    state = a_state(dev, prod, chosen="dev")
    assert not apply(state, saw(a_view(dev, prod, default="dev"))).default_due
    assert apply(state, saw(a_view(dev, prod, default="prod"))).default_due, "another role's"
    older = OwnedProfile(profile=DEFAULT_PROFILE, role=dev.role.name, expires_at=NOW)
    assert apply(state, saw(StoreView(owned=(*a_view(dev, prod).owned, older)))).default_due, "an older session"
    assert apply(state, saw(a_view(dev, prod))).default_due, "gone"
    assert not apply(replace(state, chosen=None), saw(a_view(dev, prod))).default_due


def test_the_role_that_default_is_on_file_is_taken_over():
    dev = a_session(expires_in=HOUR)
    assert apply(a_state(a_session()), saw(a_view(dev, default="dev"))).chosen == "dev"


def test_a_default_of_a_role_that_is_not_configured_is_let_be():
    dev = a_session(expires_in=HOUR)
    after = apply(a_state(a_session("prod")), saw(a_view(dev, default="dev")))
    assert after.chosen is None
    assert not after.default_due


def test_a_default_that_shall_go_is_not_taken_over_and_is_done_when_it_is_gone():
    dev = a_session(expires_in=HOUR)
    state = apply(a_state(dev, remove_default=True), saw(a_view(dev, default="dev")))
    assert state.chosen is None
    assert state.remove_default
    state = apply(replace(state, writing=True), wrote(a_batch(removes=(DEFAULT_PROFILE,)), a_view(dev)))
    assert not state.remove_default


# other people's changes


def test_a_fresh_session_found_at_the_start_is_taken_over():
    state = apply(a_state(a_session(), file_known=False), saw(a_view(a_session(expires_in=HOUR))))
    assert state.file_known
    assert state.session("dev").expires_at == NOW + HOUR
    assert state.session("dev").issued_at is None


def test_a_section_of_our_profile_that_another_role_owns_is_not_this_roles_session():
    mine = OwnedProfile(profile=a_role().profile, role=a_role("other").name, expires_at=NOW + HOUR)
    assert apply(a_state(a_session()), saw(StoreView(owned=(mine,)))).session("dev").expires_at is None


def test_a_session_that_somebody_removed_is_on_file_no_more():
    after = apply(a_state(a_session(expires_in=HOUR)), saw(StoreView())).session("dev")
    assert after.expires_at is None
    assert after.issued_at is None


def test_a_change_elsewhere_in_the_file_leaves_a_session_as_it_is():
    session = a_session(expires_in=HOUR)
    assert apply(a_state(session), saw(a_view(session, foreign=("theirs",)))).session("dev") == session


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_a_change_of_the_file_tries_again_what_a_file_can_cure(kind):
    cured = kind in {FailureKind.SOURCE_EXPIRED, FailureKind.BAD_CONFIG, FailureKind.FILE, FailureKind.SIGN_IN}
    after = apply(a_state(a_session(failure=a_failure(kind))), saw(StoreView())).session("dev")
    assert after.failure.retry_at == (NOW if cured else None)


def test_a_change_elsewhere_does_not_try_again_a_profile_that_is_still_not_ours():
    session = a_session(failure=a_failure(FailureKind.FILE))
    after = apply(a_state(session), saw(StoreView(foreign=(session.role.profile,))))
    assert after.session("dev") == session


def test_a_change_of_the_file_tries_the_write_and_default_again():
    failure = a_failure(FailureKind.FILE, retry_at=None, told=True)
    session = a_session(expires_in=HOUR)
    state = a_state(session, chosen="dev", write_failure=failure, default_failure=failure)
    after = apply(state, saw(a_view(session, foreign=(DEFAULT_PROFILE,))))
    assert after.write_failure == replace(failure, retry_at=NOW), "default is still to be written"
    assert after.default_failure == replace(failure, retry_at=NOW)
    assert after.default_due


@pytest.mark.parametrize(
    ("session", "changes", "waits"),
    [
        pytest.param(a_session(), {}, False, id="nothing"),
        pytest.param(in_hand(), {}, True, id="credentials in hand"),
        pytest.param(a_session(drop=True), {}, True, id="a section to be removed"),
        pytest.param(a_session(expires_in=HOUR), {"chosen": "dev"}, True, id="default"),
        pytest.param(a_session(), {"remove_default": True}, True, id="default to be removed"),
    ],
)
def test_a_file_that_can_be_read_ends_its_failure_unless_something_waits_to_be_written(session, changes, waits):
    failure = a_failure(FailureKind.FILE, retry_at=NOW + HOUR, told=True)
    default = a_role("prod").name if changes.get("remove_default") else None
    view = a_view(session, a_session("prod", expires_in=HOUR), default=default)
    after = apply(a_state(session, write_failure=failure, **changes), saw(view))
    assert after.write_failure == (replace(failure, retry_at=NOW) if waits else None), "told once, and tried at once"


def test_a_default_that_is_as_it_should_be_has_no_failure():
    session = a_session(expires_in=HOUR)
    state = a_state(session, chosen="dev", default_failure=a_failure(FailureKind.FILE))
    assert apply(state, saw(a_view(session, default="dev"))).default_failure is None
