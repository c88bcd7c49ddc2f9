from __future__ import annotations

import pytest

from tests.support.builders import HOUR, NOW, a_session, a_state
from traycreds.app.followers.notice_permission import NoticePermission
from traycreds.core.value_class import replace
from traycreds.lifecycle import presentation

FRESH = a_session("dev", expires_in=HOUR)


@pytest.fixture
def asked():
    """How often the system was asked, and what is told of each snapshot."""
    times = []
    permission = NoticePermission(lambda: times.append(1))
    return times, lambda *sessions: permission.on_snapshot(presentation.snapshot(NOW, a_state(*sessions)))


def test_it_is_asked_once_when_a_renewed_role_has_its_first_session(asked):
    times, show = asked
    show(a_session("dev"))
    assert times == [], "there is nothing to lose yet"
    show(FRESH)
    show(FRESH)
    assert times == [1]


def test_a_session_that_is_not_renewed_needs_no_notice(asked):
    times, show = asked
    show(replace(FRESH, keep=False))
    assert times == []
