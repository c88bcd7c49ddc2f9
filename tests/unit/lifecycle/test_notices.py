"""The words that reach the user."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.events import RefreshAsked, RoleSwitched
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "title"),
    [
        (None, "dev: no session"),
        (timedelta(0), "dev: expired"),
        (-HOUR, "dev: expired"),
        (4 * MINUTE, "dev: expires in 4 min"),
    ],
)
def test_one_failing_role_is_reported_with_its_state_and_remedy(left, title):
    notice = notices.failing((a_session(expires_in=left, failure=a_failure()),), NOW)
    assert notice.title == title
    assert notice.body == "STS is out of reach. Check the network."


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_a_notice_is_urgent_when_the_cause_does_not_pass_by_itself(kind):
    passes = kind in {FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.ANSWER, FailureKind.UNEXPECTED}
    one = a_session("dev", failure=a_failure(kind))
    two = a_session("prod", failure=a_failure(kind))
    assert notices.failing((one,), NOW).urgent is not passes
    assert notices.failing((one, two), NOW).urgent is not passes


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("ab", "a and b: "),
        ("abcd", "a, b, c and d: "),
        ("abcde", "a, b, c, d and 1 more: "),
        ("abcdefghijkl", "a, b, c, d and 8 more: "),
    ],
)
def test_roles_that_fail_for_one_cause_share_a_notice(names, shown):
    notice = notices.failing(tuple(a_session(name, failure=a_failure()) for name in names), NOW)
    assert notice.title == f"{len(names)} roles: no usable response from AWS"
    assert notice.body == f"{shown}STS is out of reach. Check the network."


@pytest.mark.parametrize(
    ("begun", "words"),
    [((59, 12), ""), ((60, 12), " for 1 min"), ((0, 725), " for 12 min"), ((3900, 0), " for 1 h 5 min")],
)
def test_a_shared_notice_says_since_when_the_first_of_them_fails(begun, words):
    failing = tuple(
        a_session(name, failure=a_failure(first_at=NOW - ago * SECOND)) for name, ago in zip("ab", begun, strict=True)
    )
    assert notices.failing(failing, NOW).title == f"2 roles: no usable response from AWS{words}"


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_every_kind_has_a_title_for_many(kind):
    two = tuple(a_session(name, failure=a_failure(kind)) for name in "ab")
    assert notices.failing(two, NOW).title.startswith("2 roles: ")


def test_a_later_notice_of_the_same_cause_takes_the_place_of_the_earlier():
    one = (a_session("dev", failure=a_failure()),)
    two = (*one, a_session("prod", failure=a_failure()))
    other = (a_session("dev", failure=a_failure(FailureKind.DENIED)),)
    assert notices.failing(one, NOW).key == notices.failing(two, NOW).key != notices.failing(other, NOW).key


def test_an_ending_session_is_reported_with_what_to_do():
    notice = notices.ending(a_session("dev", expires_in=5 * MINUTE), NOW)
    assert notice.title == "dev: expires in 5 min"
    assert "Keep alive" in notice.body
    assert notice.urgent
    assert notice.key != notices.ending(a_session("prod", expires_in=5 * MINUTE), NOW).key


@pytest.mark.parametrize(("kind", "waits"), [(FailureKind.MFA, True), (FailureKind.NETWORK, False)])
def test_the_kind_says_who_is_waited_for_even_before_another_try(kind, waits):
    again = a_failure(kind, retry_at=NOW)
    assert notices.failing((a_session("dev", failure=again),), NOW).needs_user is waits
    assert notices.failing((a_session("dev", failure=replace(again, retry_at=None)),), NOW).needs_user


def test_the_end_of_keeping_is_announced_and_a_click_puts_it_off():
    notice = notices.keeping_ends(a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), NOW)
    assert notice.title == "dev: kept alive 5 min more"
    assert notice.urgent
    assert offered(notice) == [
        ("Extend 1 h", RoleSwitched("dev", on=True, until=NOW + 5 * MINUTE + HOUR)),
        ("Keep alive", RoleSwitched("dev", on=True)),
    ]


def test_recovery_is_reported_quietly():
    ended = Announced(kind=FailureKind.NETWORK, expires_at=NOW)
    one, two = (a_session(name, announced=ended) for name in ("dev", "prod"))
    first = a_session("ops", announced=replace(ended, expires_at=None))
    assert notices.recovered((one,)).title == "dev is fresh again"
    assert notices.recovered((one, two)).title == "dev and prod are fresh again"
    assert notices.recovered((first,)).title == "ops has a session", "it never had one"
    assert notices.recovered((one, first)).title == "dev and ops have sessions"
    assert not notices.recovered((one,)).urgent


@pytest.mark.parametrize("words", [notices.file_failure, notices.default_refused])
def test_trouble_with_the_file_says_what_is_wrong_and_what_to_do(words):
    notice = words(a_failure(FailureKind.FILE, sentence="The disk is full.", hint="Make room."))
    assert notice.body == "The disk is full. Make room."
    assert notice.urgent


def offered(notice):
    return [(button.label, button.command) for button in notice.buttons]


def test_an_ending_session_can_be_extended_or_kept_by_a_click():
    notice = notices.ending(a_session("dev", expires_in=5 * MINUTE), NOW)
    assert offered(notice) == [
        ("Extend 1 h", RoleSwitched("dev", on=True, until=NOW + 5 * MINUTE + HOUR)),
        ("Keep alive", RoleSwitched("dev", on=True)),
    ]


AGAIN = ("Refresh now", RefreshAsked(("dev", "prod")))
LOG = ("Open log", UiCommand.OPEN_LOG)


@pytest.mark.parametrize(
    ("kind", "buttons"),
    [
        (FailureKind.NETWORK, [AGAIN]),
        (FailureKind.THROTTLED, [AGAIN]),
        (FailureKind.ANSWER, [AGAIN]),
        (FailureKind.DENIED, [AGAIN]),
        (FailureKind.SOURCE_EXPIRED, [AGAIN]),
        (FailureKind.CLOCK, [AGAIN]),
        (FailureKind.UNEXPECTED, [AGAIN, LOG]),
        (FailureKind.FILE, [AGAIN, LOG]),
        (FailureKind.BAD_CONFIG, [("Open configuration", UiCommand.OPEN_CONFIG), AGAIN]),
        (FailureKind.MFA, [("Enter code…", RoleCommand(UiCommand.ENTER_CODE, "dev"))]),
        (FailureKind.SIGN_IN, [("Sign in…", RoleCommand(UiCommand.SIGN_IN, "dev"))]),
    ],
)
def test_a_failure_offers_its_remedy(kind, buttons):
    failure = a_failure(kind, sign_in="corp" if kind is FailureKind.SIGN_IN else None)
    sessions = tuple(a_session(name, failure=failure) for name in ("dev", "prod"))
    assert offered(notices.failing(sessions, NOW)) == buttons


def test_a_program_that_gives_no_code_can_be_asked_for_one_at_once():
    session = a_session("dev", failure=a_failure(FailureKind.PROGRAM, device="arn:aws:iam::1:mfa/phone"))
    assert offered(notices.failing((session,), NOW)) == [("Enter code…", RoleCommand(UiCommand.ENTER_CODE, "dev"))]


def test_a_sign_in_that_is_not_ours_to_make_is_only_retried():
    session = a_session("dev", failure=a_failure(FailureKind.SIGN_IN))
    assert offered(notices.failing((session,), NOW)) == [("Refresh now", RefreshAsked(("dev",)))]


def test_trouble_with_the_file_offers_the_log():
    assert offered(notices.file_failure(a_failure(FailureKind.FILE))) == [LOG]


def test_a_notice_of_a_code_that_is_needed_names_the_device():
    waits = a_session("dev", failure=replace(a_failure(FailureKind.MFA), device="phone"))
    assert notices.failing((waits,), NOW).device == "phone"
    assert notices.failing((a_session("dev", failure=a_failure()),), NOW).device is None
