"""Which notices are taken back, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session, a_state
from traycreds.core.errors import FailureKind
from traycreds.core.events import Notify, TakeBack
from traycreds.core.value_class import replace
from traycreds.lifecycle import notices
from traycreds.lifecycle.follow_ups import take_back
from traycreds.lifecycle.plan import plan


def lasts(notice: Notify, *sessions, later=timedelta(0), **changes) -> bool:
    """Whether a notice that was announced before is left as it is."""
    known = ((notice.key, notice.ending),)
    state, over = take_back.take_back(NOW + later, a_state(*sessions, notices=known, **changes), ())
    assert over in {(), (TakeBack((notice.key,)),)}
    assert state.notices == (() if over else known)
    return not over


def test_the_notice_of_a_failure_lasts_until_no_role_fails_for_its_cause():
    dev, prod = (a_session(name, failure=a_failure()) for name in ("dev", "prod"))
    notice = notices.failing((dev, prod), NOW)
    assert lasts(notice, dev, prod)
    assert lasts(notice, a_session("dev", expires_in=HOUR), prod)
    assert not lasts(notice, a_session("dev", expires_in=HOUR), a_session("prod", expires_in=HOUR))
    assert not lasts(notice, a_session("dev", failure=a_failure(FailureKind.DENIED)))
    assert lasts(notice, a_session("dev", failure=a_failure(FailureKind.THROTTLED))), "told as one"


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (a_session("dev", expires_in=4 * MINUTE, keep=False), True),
        (a_session("dev", expires_in=-MINUTE, keep=False), True),
        (a_session("dev", expires_in=4 * MINUTE), False),
        (a_session("dev", expires_in=HOUR, keep=False), False),
        (a_session("other", expires_in=4 * MINUTE, keep=False), False),
    ],
    ids=["ends", "has ended", "is kept now", "was refreshed", "is no longer in the configuration"],
)
def test_the_notice_of_an_end_lasts_while_nothing_is_done_about_it(session, expected):
    notice = notices.ending(a_session("dev", expires_in=4 * MINUTE), NOW)
    assert lasts(notice, session) is expected


@pytest.mark.parametrize(
    ("later", "session", "chosen", "expected"),
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
    ids=[
        "ends",
        "extended",
        "kept on",
        "default",
        "let go",
        "ended",
        "ended as default",
        "gone",
        "no longer configured",
    ],
)
def test_the_notice_that_keeping_ends_lasts_while_nothing_is_done_about_it(later, session, chosen, expected):
    notice = notices.keeping_ends(a_session("dev", expires_in=HOUR, keep_until=NOW + 5 * MINUTE), NOW)
    assert lasts(notice, session, later=later * MINUTE, chosen=chosen) is expected


def test_the_notice_of_trouble_with_the_file_lasts_as_long_as_the_trouble():
    failure = a_failure(FailureKind.FILE)
    file, default = notices.file_failure(failure), notices.default_refused(failure)
    assert lasts(file, write_failure=failure)
    assert not lasts(file, default_failure=failure)
    assert not lasts(file)
    assert lasts(default, default_failure=failure)
    assert not lasts(default, write_failure=failure)
    assert not lasts(default)


def test_other_notices_stand_until_they_are_read():
    _, over = take_back.take_back(NOW, a_state(), [notices.recovered((a_session(),))])
    assert over == ()


def test_what_a_plan_announces_a_later_plan_takes_back_once():
    failing = a_state(a_session("dev", failure=a_failure(FailureKind.DENIED)))
    planned = plan(NOW, failing)
    (notice,) = (action for action in planned.actions if isinstance(action, Notify))
    assert not any(isinstance(action, TakeBack) for action in plan(NOW + MINUTE, planned.state).actions)
    well = replace(planned.state, sessions=(replace(planned.state.sessions[0], failure=None),))

    later = plan(NOW + MINUTE, well)

    assert TakeBack((notice.key,)) in later.actions
    assert not any(isinstance(action, TakeBack) for action in plan(NOW + MINUTE, later.state).actions)
