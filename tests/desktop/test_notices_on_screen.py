"""Notices with pixels: real notification daemons show them, xdotool clicks their buttons."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.desktop.x11 import Screen, needs_dunst, needs_notifyd, needs_screen
from tests.support.builders import MINUTE, NOW, a_failure, a_session
from tests.support.wait_until import until
from traycreds.core.events import Notify
from traycreds.desktop.notifications.freedesktop import FreedesktopService
from traycreds.lifecycle import notices

pytestmark = [pytest.mark.desktop, needs_screen]


class NotifierOnScreen:
    """A notifier on a screen, with all that was clicked."""

    def __init__(self, screen, folder):
        self.screen = screen
        self.folder = folder
        self.clicked: list[object] = []
        self.service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": screen.bus.address}, click=self.clicked.append)

    def show(self, notice: Notify):
        """Show it, wait until it stands still, and give its place: left, top, width, height."""
        self.service(notice)
        place = until(self.screen.notice, "a window comes")
        self.screen.still("notice")
        return self.screen.notice() or place


@pytest.fixture
def notifier(tmp_path):
    with Screen(tmp_path) as screen:
        made = NotifierOnScreen(screen, tmp_path)
        yield made
        made.service.close()
    shots = os.environ.get("SHOTS_FOLDER")
    if shots:
        shutil.copy(tmp_path / "notice.png", Path(shots) / f"{tmp_path.name}.png")


ENDING = notices.ending(a_session("dev_<eu> & co", expires_in=4 * MINUTE, keep=False), NOW)


@needs_notifyd
@pytest.mark.parametrize(("from_the_right", "label"), [(60, "Keep alive"), (155, "Extend 1 h")])
def test_a_button_of_xfce4_notifyd_is_clicked(notifier, from_the_right, label):
    notifier.screen.notify_by_xfce4()
    left, top, width, height = notifier.show(ENDING)
    notifier.screen.click(left + width - from_the_right, top + height - 30)
    (wanted,) = [button.command for button in ENDING.buttons if button.label == label]
    assert until(lambda: notifier.clicked, "the click arrives") == [wanted]
    until(lambda: notifier.screen.notice() is None, "the notice goes")


@needs_notifyd
def test_a_notice_goes_from_the_screen_when_its_cause_is_gone(notifier):
    notifier.screen.notify_by_xfce4()
    notifier.show(ENDING)
    notifier.service.take_back([ENDING.key])
    until(lambda: notifier.screen.notice() is None, "the notice goes")
    assert notifier.clicked == []


@needs_dunst
@pytest.mark.thorough
def test_a_middle_click_on_a_notice_of_dunst_does_its_only_action(notifier):
    notifier.screen.notify_by_dunst()
    notice = notices.failing((a_session("dev", failure=a_failure()),), NOW)
    left, top, width, height = notifier.show(notice)
    notifier.screen.click(left + width // 2, top + height // 2, 2)
    assert until(lambda: notifier.clicked, "the click arrives") == [notice.buttons[0].command]
    until(lambda: notifier.screen.notice() is None, "the notice goes")
