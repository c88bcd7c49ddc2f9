"""What every notifier promises; run for the freedesktop service and for the fake by tests/integration/notifications.

Each test takes `any_desktop`: `notifier`, `visible()` (title, body and urgency of all that is seen now), `break_it()` and
`repair()`.
"""

from __future__ import annotations

import pytest

from traycreds.core.events import Notify


def test_a_notice_is_seen_whole(any_desktop):
    any_desktop.notifier.send(Notify("dev", "dev failed", "No network. Check it."))
    assert any_desktop.visible() == [("dev failed", "No network. Check it.", False)]


def test_urgency_is_seen(any_desktop):
    any_desktop.notifier.send(Notify("dev", "dev needs a code", "Enter it.", urgent=True))
    assert any_desktop.visible() == [("dev needs a code", "Enter it.", True)]


def test_a_later_notice_of_the_same_key_replaces_the_earlier(any_desktop):
    any_desktop.notifier.send(Notify("dev", "dev failed", "1"))
    any_desktop.notifier.send(Notify("dev", "dev is back", "2"))
    assert any_desktop.visible() == [("dev is back", "2", False)]


def test_notices_of_other_keys_stand_side_by_side(any_desktop):
    for key in "abc":
        any_desktop.notifier.send(Notify(key, key, "x"))
    any_desktop.notifier.send(Notify("b", "B", "y"))
    assert sorted(any_desktop.visible()) == [("B", "y", False), ("a", "x", False), ("c", "x", False)]


@pytest.mark.parametrize("text", ["<b>1 & 2</b>", "-t 5", "ünï ✓ 🔑", "a\nb", "%s {0}", "x" * 2000])
def test_texts_arrive_as_they_are(any_desktop, text):
    any_desktop.notifier.send(Notify("k", text, text))
    assert any_desktop.visible() == [(text, text, False)]


@pytest.mark.logs_warnings
def test_a_broken_desktop_is_counted_and_breaks_nobody(any_desktop):
    any_desktop.break_it()
    any_desktop.notifier.send(Notify("dev", "dev failed", "1"))
    assert any_desktop.notifier.failures == 1
    any_desktop.repair()
    any_desktop.notifier.send(Notify("dev", "dev failed", "2"))
    assert any_desktop.visible() == [("dev failed", "2", False)]
    assert any_desktop.notifier.failures == 1
