"""What the credentials file says, folded into the state."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_role, a_session, a_state, a_view, credentials
from tests.unit.lifecycle.plan_outcomes import in_hand
from traycreds.core.errors import FailureKind
from traycreds.core.events import ConfigChanged, FileChangedOutside, Issue, WriteFailed, Written
from traycreds.core.model import (
    DEFAULT_PROFILE,
    Batch,
    FileNote,
    OwnedProfile,
    ProfileWrite,
    Refusal,
    Settings,
    StoreView,
    WriteReport,
)
from traycreds.core.value_class import replace
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.status import default_switch

NOT_OURS = "It is not ours."


def a_batch(*sessions, default=None, removes=()):
    sets = tuple(ProfileWrite(profile=s.role.profile, role=s.role.name, credentials=s.unwritten) for s in sessions)
    return Batch(sets=sets, copy_default_from=default, removes=removes)


def wrote(batch, view, *refused):
    refusals = tuple(Refusal(profile=profile, sentence=NOT_OURS, hint="Take it over.") for profile in refused)
    return Written(batch, WriteReport(view=view, refused=refusals), NOW)


def saw(view, at=NOW):
    return FileChangedOutside(view, at)


# Our own writes


def test_a_written_session_stands_on_file():
    session = in_hand()
    on_file = replace(session, expires_at=NOW + HOUR)
    state = apply(a_state(session, writing=True), wrote(a_batch(session), a_view(on_file)))
    after = state.session("dev")
    assert not state.writing
    assert after.unwritten is None
    assert after.expires_at == NOW + HOUR
    assert after.issued_at == NOW


@pytest.mark.parametrize(
    ("before", "after", "ended"),
    [(None, HOUR, True), (MINUTE, HOUR, True), (HOUR, MINUTE, False), (HOUR, None, False), (None, -MINUTE, False)],
)
def test_a_new_session_of_another_process_ends_what_failed_here(before, after, ended):
    session = a_session(expires_in=before, failure=a_failure(FailureKind.MFA))
    view = StoreView() if after is None else a_view(replace(session, expires_at=NOW + after))
    now = apply(a_state(session), saw(view)).session("dev")
    assert now.expires_at == (None if after is None else NOW + after)
    assert (now.failure is None) is ended


def test_a_session_that_was_on_file_already_was_not_refreshed():
    session = in_hand()
    report = WriteReport(view=a_view(replace(session, expires_at=NOW + HOUR)), unchanged=frozenset({"dev-session"}))
    after = apply(a_state(session, writing=True), Written(a_batch(session), report, NOW)).session("dev")
    assert (after.refreshed, after.expires_at, after.unwritten) == (False, NOW + HOUR, None)


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
    state = a_state(writing=True, write_failure=a_failure(FailureKind.FILE, announced=True))
    assert apply(state, wrote(Batch(), StoreView())).write_failure is None


def test_a_failed_write_keeps_what_is_unwritten_for_the_next():
    state = apply(a_state(in_hand(), writing=True), WriteFailed("The disk is full.", "Make room.", NOW))
    assert not state.writing
    assert state.session("dev").unwritten == credentials()
    assert state.write_failure.kind is FailureKind.FILE
    assert state.write_failure.retry_at > NOW
    assert not state.write_failure.announced


def test_writes_that_fail_in_a_row_are_tried_ever_less_often_and_reported_once():
    state = apply(a_state(), WriteFailed("The disk is full.", "Make room.", NOW))
    first = state.write_failure
    state = replace(state, write_failure=replace(first, announced=True))
    again = apply(state, WriteFailed("The disk is full.", "Make room.", NOW + MINUTE)).write_failure
    assert again.attempts == 2
    assert again.first_at == NOW
    assert again.announced
    assert again.retry_at - (NOW + MINUTE) > first.retry_at - NOW


# The default profile


def test_a_copy_of_the_chosen_role_is_the_default_on_file():
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
    assert not after.default_failure.announced
    assert after.session("dev").failure is None


@pytest.mark.parametrize(("sentence", "announced"), [(NOT_OURS, True), ("Another reason.", False)])
def test_the_same_refusal_of_default_is_reported_once(sentence, announced):
    before = a_failure(FailureKind.FILE, sentence=sentence, announced=True)
    state = a_state(a_session(expires_in=HOUR), chosen="dev", writing=True, default_failure=before)
    after = apply(state, wrote(a_batch(default="dev-session"), StoreView(), DEFAULT_PROFILE))
    assert after.default_failure.announced is announced


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


# Other people's changes


def test_a_fresh_session_found_at_the_start_is_taken_over():
    state = apply(a_state(a_session(), file_known=False), saw(a_view(a_session(expires_in=HOUR))))
    assert state.file_known
    assert state.session("dev").expires_at == NOW + HOUR
    assert state.session("dev").issued_at is None


def test_a_section_of_our_profile_that_another_role_owns_is_not_this_roles_session():
    mine = OwnedProfile(profile=a_role().profile, role=a_role("other").name, expires_at=NOW + HOUR)
    assert apply(a_state(a_session()), saw(StoreView(owned=(mine,)))).session("dev").expires_at is None


def test_a_session_that_someone_removed_is_on_file_no_more():
    after = apply(a_state(a_session(expires_in=HOUR)), saw(StoreView())).session("dev")
    assert after.expires_at is None
    assert after.issued_at is None


def test_a_change_elsewhere_in_the_file_leaves_a_session_as_it_is():
    session = a_session(expires_in=HOUR)
    assert apply(a_state(session), saw(a_view(session, foreign=("theirs",)))).session("dev") == session


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_a_change_of_the_file_retries_what_a_file_can_solve(kind):
    cured = kind.name in {"SOURCE_EXPIRED", "PROGRAM", "BAD_CONFIG", "FILE", "SIGN_IN"}
    after = apply(a_state(a_session(failure=a_failure(kind))), saw(StoreView())).session("dev")
    assert after.failure.retry_at == (NOW if cured else None)


def test_a_change_elsewhere_does_not_try_again_a_profile_that_is_still_not_ours():
    session = a_session(failure=a_failure(FailureKind.FILE))
    after = apply(a_state(session), saw(StoreView(foreign=(session.role.profile,))))
    assert after.session("dev") == session


def test_a_change_of_the_file_tries_the_write_and_default_again():
    failure = a_failure(FailureKind.FILE, retry_at=None, announced=True)
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
    failure = a_failure(FailureKind.FILE, retry_at=NOW + HOUR, announced=True)
    default = a_role("prod").name if changes.get("remove_default") else None
    view = a_view(session, a_session("prod", expires_in=HOUR), default=default)
    after = apply(a_state(session, write_failure=failure, **changes), saw(view))
    assert after.write_failure == (replace(failure, retry_at=NOW) if waits else None), "told once, and tried at once"


def test_a_default_that_is_as_it_should_be_has_no_failure():
    session = a_session(expires_in=HOUR)
    state = a_state(session, chosen="dev", default_failure=a_failure(FailureKind.FILE))
    assert apply(state, saw(a_view(session, default="dev"))).default_failure is None


# What another program does to our writes


def test_a_session_that_another_program_took_away_for_good_is_not_on_file():
    session, other = a_session(expires_at=NOW + HOUR), a_session("prod", expires_at=NOW + HOUR)
    event = WriteFailed("Another program has undone it.", "Close it.", NOW, a_view(other))
    state = apply(a_state(session, other), event)
    after = state.session("dev")
    assert after.expires_at is None
    assert (after.failure.kind, after.failure.sentence) == (FailureKind.FILE, "Another program has undone it.")
    assert after.failure.retry_at is not None
    assert state.session("prod").expires_at == NOW + HOUR
    assert state.session("prod").failure is None


def test_a_write_that_failed_says_nothing_of_what_is_on_file():
    state = apply(a_state(a_session(expires_at=NOW + HOUR)), WriteFailed("The disk is full.", "Make room.", NOW))
    assert state.session("dev").expires_at == NOW + HOUR


def test_a_note_on_the_file_is_kept_until_it_is_reported():
    note = FileNote(sentence="A copy is kept.", hint="Look at it.")
    state = apply(a_state(), saw(StoreView(notes=(note,))))
    assert state.file_notes == (note,)
    announced = plan(NOW, state)
    assert [(each.title, each.body) for each in announced.actions] == [
        ("Check your credentials file", "A copy is kept. Look at it.")
    ]
    assert plan(NOW, announced.state).actions == ()


# Another role under the name of one

ADMIN, READER = "arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::999988887777:role/ReadOnly"


def test_the_session_of_a_role_that_became_another_is_nobodys_and_due_at_once():
    reader = a_session("dev", role=a_role("dev", arn=READER))
    owned = OwnedProfile(profile=reader.role.profile, role="dev", expires_at=NOW + HOUR, session_of=ADMIN)
    view = StoreView(owned=(owned, replace(owned, profile=DEFAULT_PROFILE)))
    state = apply(a_state(reader), saw(view))
    assert (state.sessions[0].expires_at, state.default_role, state.chosen) == (None, None, "dev")
    assert default_switch(NOW, state) == f"dev becomes the default once its session is written; until then {ADMIN} is."
    assert [action.role for action in plan(NOW, state).actions if isinstance(action, Issue)] == [reader.role]


@pytest.mark.parametrize("session_of", [READER, None], ids=["its own", "of an earlier version"])
def test_the_session_of_the_role_as_it_is(session_of):
    reader = a_session("dev", role=a_role("dev", arn=READER))
    owned = OwnedProfile(profile=reader.role.profile, role="dev", expires_at=NOW + HOUR, session_of=session_of)
    state = apply(a_state(reader), saw(StoreView(owned=(owned, replace(owned, profile=DEFAULT_PROFILE)))))
    assert (state.sessions[0].expires_at, state.default_role) == (NOW + HOUR, "dev")


def test_a_session_in_hand_is_written_with_what_it_is_of():
    (write,) = plan(NOW, a_state(in_hand(role=a_role("dev", arn=READER)))).actions
    assert [one.session_of for one in write.batch.sets] == [READER]


def test_a_role_that_becomes_another_under_its_name_has_no_session():
    admin = a_session("dev", role=a_role("dev", arn=ADMIN), expires_in=HOUR)
    state = apply(a_state(admin), ConfigChanged((replace(admin.role, arn=READER),), Settings()))
    assert (state.sessions[0].expires_at, state.sessions[0].asked) == (None, True)
