"""The words that reach the user."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state
from traycreds.core import notices, views
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import FailureKind
from traycreds.core.messages import RefreshAsked, RoleSwitched
from traycreds.core.shown import Snapshot, Status

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-HOUR, "less than a minute"),
        (59 * SECOND, "less than a minute"),
        (MINUTE, "1 min"),
        (12 * MINUTE + 59 * SECOND, "12 min"),
        (HOUR, "1 h"),
        (HOUR + 5 * MINUTE, "1 h 5 min"),
        (36 * HOUR, "36 h"),
    ],
)
def test_a_span_in_words(left, words):
    assert notices.span(left) == words


@pytest.mark.parametrize(
    ("left", "title"),
    [
        (None, "dev: no session"),
        (timedelta(0), "dev: session expired"),
        (-HOUR, "dev: session expired"),
        (4 * MINUTE, "dev: session expires in 4 min"),
    ],
)
def test_one_failing_role_is_told_with_how_it_stands_and_what_to_do(left, title):
    notice = notices.failing((a_session(expires_in=left, failure=a_failure()),), NOW)
    assert notice.title == title
    assert notice.body == "STS is out of reach. Check the network."


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_a_notice_is_urgent_when_the_cause_does_not_pass_by_itself(kind):
    passes = kind in {FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.UNEXPECTED}
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
    assert notice.title == f"{len(names)} roles: no answer from AWS"
    assert notice.body == f"{shown}STS is out of reach. Check the network."


@pytest.mark.parametrize(
    ("begun", "words"),
    [((59, 12), ""), ((60, 12), " for 1 min"), ((0, 725), " for 12 min"), ((3900, 0), " for 1 h 5 min")],
)
def test_a_shared_notice_says_since_when_the_first_of_them_fails(begun, words):
    failing = tuple(
        a_session(name, failure=a_failure(first_at=NOW - ago * SECOND)) for name, ago in zip("ab", begun, strict=True)
    )
    assert notices.failing(failing, NOW).title == f"2 roles: no answer from AWS{words}"


@pytest.mark.parametrize("kind", list(FailureKind), ids=lambda kind: kind.value)
def test_every_kind_has_a_title_for_many(kind):
    two = tuple(a_session(name, failure=a_failure(kind)) for name in "ab")
    assert notices.failing(two, NOW).title.startswith("2 roles: ")


def test_a_later_notice_of_the_same_cause_takes_the_place_of_the_earlier():
    one = (a_session("dev", failure=a_failure()),)
    two = (*one, a_session("prod", failure=a_failure()))
    other = (a_session("dev", failure=a_failure(FailureKind.DENIED)),)
    assert notices.failing(one, NOW).key == notices.failing(two, NOW).key != notices.failing(other, NOW).key


def test_an_ending_session_is_told_with_what_to_do():
    notice = notices.ending(a_session("dev", expires_in=5 * MINUTE), NOW)
    assert notice.title == "dev: session expires in 5 min"
    assert "Keep alive" in notice.body
    assert notice.urgent
    assert notice.key != notices.ending(a_session("prod", expires_in=5 * MINUTE), NOW).key


def test_the_end_of_keeping_is_told_and_can_be_put_off_by_a_click():
    notice = notices.keeping_ends(a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), NOW)
    assert notice.title == "dev: kept alive for 5 min more"
    assert notice.urgent
    assert offered(notice) == [
        ("Extend 1 h", RoleSwitched("dev", on=True, until=NOW + 5 * MINUTE + HOUR)),
        ("Keep alive", RoleSwitched("dev", on=True)),
    ]


def test_recovery_is_told_quietly():
    one, two = a_session("dev"), a_session("prod")
    assert notices.recovered((one,)).title == "dev is fresh again"
    assert notices.recovered((one, two)).title == "dev and prod are fresh again"
    assert not notices.recovered((one,)).urgent


@pytest.mark.parametrize("words", [notices.file_trouble, notices.default_refused])
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
def test_a_failure_offers_what_cures_it(kind, buttons):
    failure = a_failure(kind, sign_in="corp" if kind is FailureKind.SIGN_IN else None)
    sessions = tuple(a_session(name, failure=failure) for name in ("dev", "prod"))
    assert offered(notices.failing(sessions, NOW)) == buttons


def test_a_sign_in_that_is_not_ours_to_make_is_only_tried_again():
    session = a_session("dev", failure=a_failure(FailureKind.SIGN_IN))
    assert offered(notices.failing((session,), NOW)) == [("Refresh now", RefreshAsked(("dev",)))]


def test_trouble_with_the_file_offers_the_log():
    assert offered(notices.file_trouble(a_failure(FailureKind.FILE))) == [LOG]


def shown(*sessions, **changes) -> Snapshot:
    return views.snapshot(NOW, a_state(*sessions, **changes))


def test_a_failure_stands_until_no_role_fails_for_its_cause():
    dev, prod = (a_session(name, failure=a_failure()) for name in ("dev", "prod"))
    key = notices.failing((dev, prod), NOW).key
    assert notices.stands(key, shown(dev, prod))
    assert notices.stands(key, shown(a_session("dev", expires_in=HOUR), prod))
    assert not notices.stands(key, shown(a_session("dev", expires_in=HOUR), a_session("prod", expires_in=HOUR)))
    assert not notices.stands(key, shown(a_session("dev", failure=a_failure(FailureKind.DENIED))))
    assert notices.stands(key, shown(a_session("dev", failure=a_failure(FailureKind.THROTTLED)))), "told as one"


@pytest.mark.parametrize(
    ("session", "stands"),
    [
        (a_session("dev", expires_in=4 * MINUTE, keep=False), True),
        (a_session("dev", expires_in=-MINUTE, keep=False), True),
        (a_session("dev", expires_in=4 * MINUTE), False),
        (a_session("dev", expires_in=HOUR, keep=False), False),
        (a_session("other", expires_in=4 * MINUTE, keep=False), False),
    ],
    ids=["ends", "has ended", "is kept now", "was refreshed", "is configured no more"],
)
def test_an_ending_stands_while_nothing_is_done_about_it(session, stands):
    key = notices.ending(a_session("dev", expires_in=4 * MINUTE), NOW).key
    assert notices.stands(key, shown(session)) is stands


@pytest.mark.parametrize(
    ("later", "session", "chosen", "stands"),
    [
        (0, a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), None, True),
        (0, a_session("dev", expires_in=HOUR, keep_until=NOW + 65 * MINUTE), None, False),
        (0, a_session("dev", expires_in=HOUR), None, False),
        (0, a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), "dev", False),
        (0, a_session("dev", expires_in=HOUR, keep=False), None, False),
        (5, a_session("dev", expires_in=HOUR, keep=False), None, True),
        (5, a_session("dev", expires_in=HOUR, keep=False), "dev", False),
        (65, a_session("dev", keep=False), None, False),
        (0, a_session("prod", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), None, False),
    ],
    ids=["ends", "extended", "kept on", "default", "let go", "ended", "ended as default", "gone", "configured no more"],
)
def test_the_end_of_keeping_stands_while_nothing_is_done_about_it(later, session, chosen, stands):
    key = notices.keeping_ends(a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), NOW).key
    seen = views.snapshot(NOW + later * MINUTE, a_state(session, chosen=chosen))
    assert notices.stands(key, seen) is stands


def test_trouble_with_the_file_stands_as_long_as_it_lasts():
    failure = a_failure(FailureKind.FILE)
    file, default = notices.file_trouble(failure).key, notices.default_refused(failure).key
    assert notices.stands(file, shown(write_failure=failure))
    assert not notices.stands(file, shown(default_failure=failure))
    assert not notices.stands(file, shown())
    assert notices.stands(default, shown(default_failure=failure))
    assert not notices.stands(default, shown(write_failure=failure))
    assert not notices.stands(default, shown())


def test_other_notices_stand_until_they_are_read():
    assert notices.stands(notices.recovered((a_session(),)).key, Snapshot(as_of=NOW, overall=Status.FRESH))
