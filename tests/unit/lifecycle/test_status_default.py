"""A switch of the default profile that waits: what is on file is shown and kept good, and one sentence says so."""

from __future__ import annotations

import pytest

from tests.support.builders import (
    HOUR,
    MINUTE,
    NOW,
    a_default,
    a_failure,
    a_role,
    a_session,
    a_state,
    a_view,
    credentials,
)
from tests.unit.lifecycle import plan_outcomes
from tests.unit.lifecycle.plan_outcomes import announced, batch_of
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.events import FileChangedOutside, RegionsRefused, RoleDropped
from traycreds.core.model import DEFAULT_PROFILE, Refusal, StoreView
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.lifecycle import apply, regions, request_result
from traycreds.lifecycle.plan import plan
from traycreds.lifecycle.presentation import snapshot
from traycreds.lifecycle.status import default_switch

CODE = a_failure(FailureKind.MFA, sentence="An MFA code is needed.", hint="Enter it.", device="arn:aws:iam::1:mfa/jane")
DEV = a_session("dev", failure=CODE, keep=False)
PROD = a_session("prod-admin", expires_in=HOUR, keep=False)
ONCE = "dev becomes the default once you enter the code; until then prod-admin is."


def waiting(*sessions, **changes):
    """The user chose dev, and `default` is prod-admin's."""
    changes = {"chosen": "dev", "default_due": True, "default_on_file": a_default("prod-admin"), **changes}
    return a_state(*(sessions or (DEV, PROD)), **changes)


def test_the_file_says_which_role_is_the_default():
    shown = snapshot(NOW, waiting())
    dev, prod = shown.roles
    assert (dev.is_default, dev.wanted_default) == (False, True)
    assert (prod.is_default, prod.wanted_default) == (True, False)
    assert (shown.default_switch, shown.overall) == (ONCE, Status.FAILED)


@pytest.mark.parametrize(
    ("view", "default"),
    [
        (a_view(PROD, default="prod-admin"), "prod-admin"),
        (a_view(PROD), None),
        (a_view(PROD, foreign=(DEFAULT_PROFILE,)), None),
        (StoreView(owned=(a_default("gone"),)), "gone"),
    ],
    ids=["ours", "none", "someone else's", "of a role that is no longer in the configuration"],
)
def test_only_a_default_that_we_wrote_makes_a_role_the_default(view, default):
    state = apply.apply(waiting(), FileChangedOutside(view, NOW))
    assert (state.default_role, state.chosen) == (default, "dev")
    assert [each.name for each in snapshot(NOW, state).roles if each.is_default] == [
        name for name in ("prod-admin",) if name == default
    ]


def test_a_switch_on_file_is_not_mentioned():
    state = a_state(PROD, chosen="prod-admin")
    assert default_switch(NOW, state) is None
    assert default_switch(NOW, a_state(PROD)) is None
    assert default_switch(NOW, waiting(file_known=False)) is None


@pytest.mark.parametrize("kind", list(FailureKind))
def test_each_failure_has_what_ends_it(kind):
    session = replace(DEV, failure=a_failure(kind, retry_at=NOW + MINUTE))
    sentence = default_switch(NOW, waiting(session, PROD))
    assert sentence.startswith("dev becomes the default once ")
    assert sentence.endswith("; until then prod-admin is.")


@pytest.mark.parametrize(
    ("dev", "changes", "once"),
    [
        (DEV, {}, "you enter the code; until then prod-admin is"),
        (DEV, {"default_on_file": None}, "you enter the code; until then no role is"),
        (replace(DEV, failure=replace(CODE, device=None)), {}, "it has an MFA code; until then prod-admin is"),
        (
            replace(DEV, failure=a_failure(FailureKind.SIGN_IN, sign_in="corp")),
            {},
            "you sign in to corp; until then prod-admin is",
        ),
        (replace(DEV, failure=a_failure(FailureKind.SIGN_IN)), {}, "you sign in; until then prod-admin is"),
        (
            replace(DEV, failure=replace(CODE, kind=FailureKind.PROGRAM)),
            {},
            "its mfa_process gives a code; until then prod-admin is",
        ),
        (replace(DEV, failure=None), {}, "its session is written; until then prod-admin is"),
        (replace(DEV, failure=None), {"paused": True}, "it is refreshed; until then prod-admin is"),
        (replace(DEV, expires_at=NOW - HOUR), {}, "you enter the code; until then prod-admin is"),
        (replace(DEV, expires_at=NOW + HOUR), {}, "its session is written; until then prod-admin is"),
        (
            DEV,
            {"default_failure": a_failure(FailureKind.FILE), "default_on_file": None},
            "profile default can be written; until then no role is",
        ),
        (
            DEV,
            {"write_failure": a_failure(FailureKind.FILE)},
            "the credentials file can be written; until then prod-admin is",
        ),
    ],
)
def test_what_the_switch_waits_for(dev, changes, once):
    assert default_switch(NOW, waiting(dev, PROD, **changes)) == f"dev becomes the default once {once}."


def test_the_notice_says_it_after_what_to_do():
    (notice,) = announced(plan(NOW, waiting()))
    assert notice.body == f"Enter it. {ONCE}"
    (other,) = announced(plan(NOW, a_state(replace(DEV, keep=True))))
    assert other.body == "An MFA code is needed. Enter it."


def test_use_says_it_beside_why():
    with pytest.raises(TraycredsError) as refused:
        request_result.used(NOW, waiting(), "dev")
    assert (refused.value.sentence, refused.value.hint) == (f"dev: An MFA code is needed. {ONCE}", "Enter it.")


def test_use_is_not_done_before_the_file_says_so():
    fresh = a_session("dev", expires_in=HOUR)
    assert not request_result.used(NOW, waiting(fresh, PROD, default_due=False), "dev")


# What is done meanwhile


def test_the_present_default_gets_the_new_sessions_of_its_role_until_then():
    renewed = replace(PROD, unwritten=credentials())
    assert batch_of(DEV, renewed, **_changes()).copy_default_from == "prod-admin-session"
    newer = a_default("prod-admin", NOW + MINUTE)
    assert batch_of(DEV, PROD, **_changes(default_on_file=newer)).copy_default_from == "prod-admin-session"
    assert batch_of(DEV, PROD, **_changes()) is None, "it has that session already"


def test_the_wanted_role_goes_first():
    dev, prod = (replace(each, unwritten=credentials(), failure=None) for each in (DEV, PROD))
    assert batch_of(dev, prod, **_changes()).copy_default_from == "dev-session"


def test_an_expired_session_takes_the_place_of_no_good_default():
    assert batch_of(replace(DEV, keep=True, expires_at=NOW - MINUTE), PROD, **_changes()) is None


def test_the_section_of_the_present_default_is_no_leftover():
    over = replace(PROD, expires_at=NOW - MINUTE)
    assert batch_of(DEV, over, **_changes(default_on_file=a_default("prod-admin", NOW - MINUTE))) is None
    shown = snapshot(NOW, waiting(DEV, over))
    assert shown.roles[1].status is Status.EXPIRED
    assert batch_of(DEV, over, chosen="dev", default_on_file=None).removes == ("prod-admin-session",)


def test_who_drops_the_role_that_is_the_default_loses_that_too_and_the_switch_goes_on():
    state = apply.apply(waiting(), RoleDropped("prod-admin"))
    assert (state.chosen, state.remove_default) == ("dev", True)
    after = apply.apply(state, FileChangedOutside(a_view(PROD, default="prod-admin"), NOW))
    assert after.remove_default, "it is still there"
    done = a_view(a_session("dev", expires_in=HOUR), default="dev")
    assert not apply.apply(state, FileChangedOutside(done, NOW)).remove_default, "it is the other one now"


def test_the_region_of_default_is_that_of_the_role_that_it_is():
    dev = replace(DEV, role=a_role("dev", region="eu-west-1"))
    prod = replace(PROD, role=a_role("prod-admin", region="us-east-1"))
    state = replace(waiting(dev, prod), desired_regions={})
    planned, _ = regions.bring_about(state)
    assert planned.desired_regions[DEFAULT_PROFILE] == "us-east-1"
    note = Refusal(profile=DEFAULT_PROFILE, sentence="Yours.", hint="Leave it.")
    shown = snapshot(NOW, apply.apply(state, RegionsRefused((note,))))
    assert [each.region_note for each in shown.roles] == [None, "Yours. Leave it."]


def _changes(**changes):
    return {"chosen": "dev", "default_due": True, "default_on_file": a_default("prod-admin"), **changes}


# A default that AWS tools ignore

HIDDEN = Refusal(profile=DEFAULT_PROFILE, sentence="The default profile has role settings.", hint="Rename it.")


def hidden_view(*sessions, **changes):
    return replace(a_view(*sessions, **changes), hidden=(HIDDEN,))


def test_settings_that_appear_later_are_reported_and_our_default_is_taken_out():
    state = a_state(PROD, chosen="prod-admin")
    state = apply.apply(state, FileChangedOutside(hidden_view(PROD, default="prod-admin"), NOW))
    outcome_of = plan(NOW, state)
    (notice,) = announced(outcome_of)
    assert notice.body == "The default profile has role settings. Rename it."
    assert plan_outcomes.written(outcome_of).removes == (DEFAULT_PROFILE,)
    assert plan_outcomes.written(outcome_of).copy_default_from is None
    gone = apply.apply(replace(outcome_of.state, writing=False), FileChangedOutside(hidden_view(PROD), NOW))
    assert plan(NOW, gone).actions == (), "once is enough"
    shown = snapshot(NOW, gone)
    assert not shown.roles[0].is_default
    assert (
        shown.default_switch
        == "prod-admin becomes the default once profile default can be written; until then no role is."
    )
    cured = apply.apply(gone, FileChangedOutside(a_view(PROD), NOW))
    assert plan_outcomes.written(plan(NOW, cured)).copy_default_from == "prod-admin-session"


def test_a_default_that_tools_ignore_makes_no_role_the_default_even_where_none_is_wanted():
    state = apply.apply(a_state(DEV), FileChangedOutside(hidden_view(default=None), NOW))
    assert (state.default_role, state.default_failure, state.remove_default) == (None, None, False)


def test_a_role_that_writes_default_itself_has_its_own_check():
    session = a_session("dev", role=a_role("dev", profile="default"), expires_in=HOUR)
    state = apply.apply(a_state(session, chosen="dev"), FileChangedOutside(hidden_view(session), NOW))
    assert (state.default_role, state.default_failure, state.remove_default) == ("dev", None, False)
