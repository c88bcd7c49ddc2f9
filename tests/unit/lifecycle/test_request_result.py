"""When what a command asked for has happened; how the waits end is in app/test_control_requests."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_role, a_session, a_state
from traycreds.core.errors import CredentialsFileError, FailureKind, TraycredsError
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome
from traycreds.core.value_class import replace
from traycreds.lifecycle import request_result

FRESH = a_session("fresh", expires_in=HOUR)
OWN = replace(FRESH, role=a_role("fresh", arn=None, mfa_serial="arn:aws:iam::123456789012:mfa/me"))


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({"chosen": "fresh"}, True),
        ({"chosen": "fresh", "default_due": True}, False),
        ({"chosen": "fresh", "file_known": False}, False),
        ({"chosen": "fresh", "default_on_file": None}, False),
        ({}, False),
    ],
)
def test_default_counts_as_written_when_it_is_on_file(changes, written):
    assert request_result.used(NOW, a_state(FRESH, **changes), "fresh") is written


def test_default_with_an_expired_session_is_not_enough():
    state = a_state(a_session("fresh", expires_in=-HOUR), chosen="fresh", calls=frozenset({"fresh"}))
    assert not request_result.used(NOW, state, "fresh")


@pytest.mark.parametrize(
    ("session", "state", "became"),
    [
        (replace(FRESH, refreshed=True), {}, RoleOutcome.WRITTEN),
        (FRESH, {}, RoleOutcome.LONGER_KEPT),
        (OWN, {}, RoleOutcome.MFA_KEPT),
        (FRESH, {"calls": frozenset({"fresh"})}, RoleOutcome.UNFINISHED),
        (a_session("fresh", expires_in=-HOUR), {}, RoleOutcome.UNFINISHED),
        (a_session("fresh"), {}, RoleOutcome.UNFINISHED),
        (replace(a_session("fresh"), refreshed=True), {}, RoleOutcome.UNFINISHED),
        (replace(FRESH, refreshed=True, failure=a_failure()), {}, RoleOutcome.FAILED),
    ],
    ids=[
        "written",
        "a longer one was kept",
        "an MFA session was kept",
        "still called",
        "expired",
        "no session",
        "gone from the file",
        "failed",
    ],
)
def test_what_became_of_a_refresh(session, state, became):
    found = request_result.of_refresh(NOW, a_state(session, a_session("other"), **state), ("fresh",))
    assert found == RefreshOutcome({"fresh": became})


@pytest.mark.parametrize(
    ("failures", "trouble"),
    [
        (("default_failure",), False),
        (("write_failure",), True),
        (("write_failure", "default_failure"), True),
        ((), False),
    ],
)
def test_a_problem_of_default_alone_differs_from_one_of_the_file(failures, trouble):
    failure = a_failure(FailureKind.FILE)
    found = request_result.of_refresh(NOW, a_state(FRESH, **dict.fromkeys(failures, failure)), ("fresh",))
    assert found.trouble == ((failure.sentence, failure.hint) if trouble else None)


def test_codes_are_needed_of_each_device_with_all_its_roles():
    def waits(name, device):
        return a_session(name, failure=replace(a_failure(FailureKind.MFA), device=device))

    state = a_state(waits("a", "phone"), waits("b", "key"), waits("c", "phone"), waits("d", "key"), FRESH)
    assert request_result.codes_needed(state, ("a", "b", "c", "fresh")) == {"phone": ("a", "c"), "key": ("b",)}


def test_what_is_being_tried_is_listed_first():
    fresh, asked = a_session("dev", expires_in=HOUR), replace(a_session("prod"), asked=True)
    found = request_result.tried(NOW, a_state(fresh, asked), ("dev", "prod"))
    assert found == RefreshOutcome({"dev": RoleOutcome.LONGER_KEPT})
    assert request_result.tried(NOW, a_state(fresh, asked), ("prod",)) is None


def test_a_file_in_the_way_ends_all():
    asked = replace(a_session("dev"), asked=True)
    found = request_result.tried(NOW, replace(a_state(asked), write_failure=a_failure()), ("dev",))
    assert found.roles == {"dev": RoleOutcome.UNFINISHED}
    assert found.trouble is not None


def test_the_default_is_gone_once_none_is_wanted_and_none_is_there():
    before = a_state(a_session("dev", expires_in=HOUR), chosen="dev")
    wanted_away = replace(before, chosen=None, remove_default=True)
    assert not request_result.default_removed(NOW, wanted_away)
    assert request_result.default_removed(NOW, replace(wanted_away, remove_default=False, default_on_file=None))
    with pytest.raises(CredentialsFileError):
        request_result.default_removed(NOW, replace(wanted_away, write_failure=a_failure()))


def test_why_a_role_cannot_be_the_default_says_what_is_until_then():
    refused = a_session("dev", failure=a_failure(FailureKind.DENIED))
    state = a_state(refused, chosen="dev", default_on_file=None)
    with pytest.raises(TraycredsError) as caught:
        request_result.used(NOW, state, "dev")
    assert caught.value.sentence.startswith("dev: STS is out of reach. dev becomes the default once ")
    with pytest.raises(TraycredsError) as caught:
        request_result.used(NOW, state, "dev", later=False)
    assert caught.value.sentence == "dev: STS is out of reach."
