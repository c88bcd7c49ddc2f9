"""When a write waits for foreign sections that vanished, and when a copy of them is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import HOUR, MINUTE, NOW, credentials
from traycreds.awsfiles import ownership
from traycreds.awsfiles.concurrency.vanished_sections import HOLD, is_in_doubt, seconds_to_hold, update
from traycreds.awsfiles.ini import IniText
from traycreds.core.model import Batch, ProfileWrite

A, AB, NOTHING = IniText("[a]\nk = v\n"), IniText("[a]\nk = v\n[b]\nk = v\n"), IniText("")


def a_write(left=HOUR):
    return ProfileWrite(profile="dev", role="dev", credentials=credentials(NOW + left))


def with_ours(left):
    values = ownership.values(a_write(left))
    return IniText(AB.text + "[dev]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()))


def test_nothing_has_vanished_that_was_never_seen_or_is_there():
    assert update(None, None, A, 0) is None
    assert update(None, A, AB, 0) is None
    assert update(None, with_ours(HOUR), AB, 0) is None, "what is ours is no one else's loss"


def test_what_has_vanished_is_remembered_until_it_is_there_again():
    gone = update(None, AB, A, 5)
    assert (gone.names, gone.whole, gone.since) == ({"b"}, AB, 5)
    assert update(gone, A, A, 10) == gone
    assert update(gone, A, NOTHING, 10).names == {"a", "b"}
    assert update(gone, A, AB, 10) is None


def test_what_is_left_after_a_while_is_what_its_owner_wants_unless_nothing_is():
    assert update(update(None, AB, A, 0), A, A, HOLD + 1) is None
    assert update(update(None, AB, NOTHING, 0), NOTHING, NOTHING, 1000).names == {"a", "b"}


@pytest.mark.parametrize(
    ("left", "held"),
    [(HOUR, HOLD - 3), (MINUTE, HOLD - 3), (timedelta(seconds=29), 0), (-MINUTE, 0)],
)
def test_a_write_is_held_while_the_old_session_is_good(left, held):
    gone = update(None, with_ours(left), NOTHING, 10)
    assert seconds_to_hold(gone, Batch(sets=(a_write(),)), 13, NOW) == held
    assert seconds_to_hold(gone, Batch(), 10 + HOLD, NOW) == 0


@pytest.mark.parametrize(
    ("text", "is_open", "now", "in_doubt"),
    [
        (NOTHING, False, 100, True),
        (A, True, 100, True),
        (A, None, 15, True),
        (A, None, 100, False),
        (A, False, 15, False),
    ],
)
def test_what_vanished_is_in_doubt_where_the_owner_may_not_have_wanted_it(text, is_open, now, in_doubt):
    assert is_in_doubt(update(None, AB, text, 0), text, is_open=is_open, now=now) is in_doubt
