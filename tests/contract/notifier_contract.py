"""What every notifier promises; run for the freedesktop service and for the fake by tests/integration/notify.

Each test takes a `desk`: `notifier`, `visible()` (title, body and urgency of all that is seen now), `break_it()` and
`mend_it()`.
"""

from __future__ import annotations

import pytest

from traycreds.core.messages import Notify


def test_a_notice_is_seen_whole(desk):
    desk.notifier.send(Notify("dev", "dev failed", "No network. Check it."))
    assert desk.visible() == [("dev failed", "No network. Check it.", False)]


def test_urgency_is_seen(desk):
    desk.notifier.send(Notify("dev", "dev needs a code", "Enter it.", urgent=True))
    assert desk.visible() == [("dev needs a code", "Enter it.", True)]


def test_a_later_notice_of_the_same_key_replaces_the_earlier(desk):
    desk.notifier.send(Notify("dev", "dev failed", "1"))
    desk.notifier.send(Notify("dev", "dev is back", "2"))
    assert desk.visible() == [("dev is back", "2", False)]


def test_notices_of_other_keys_stand_side_by_side(desk):
    for key in "abc":
        desk.notifier.send(Notify(key, key, "x"))
    desk.notifier.send(Notify("b", "B", "y"))
    assert sorted(desk.visible()) == [("B", "y", False), ("a", "x", False), ("c", "x", False)]


@pytest.mark.parametrize("text", ["<b>1 & 2</b>", "-t 5", "ünï ✓ 🔑", "a\nb", "%s {0}", "x" * 2000])
def test_texts_arrive_as_they_are(desk, text):
    desk.notifier.send(Notify("k", text, text))
    assert desk.visible() == [(text, text, False)]


@pytest.mark.logs_warnings
def test_a_broken_desktop_is_counted_and_breaks_nobody(desk):
    desk.break_it()
    desk.notifier.send(Notify("dev", "dev failed", "1"))
    assert desk.notifier.failures == 1
    desk.mend_it()
    desk.notifier.send(Notify("dev", "dev failed", "2"))
    assert desk.visible() == [("dev failed", "2", False)]
    assert desk.notifier.failures == 1
