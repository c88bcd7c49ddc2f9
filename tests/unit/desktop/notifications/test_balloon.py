"""Notices on Windows: at the tray's icon, what a click on them does, and plyer's balloons where there is no icon."""

from __future__ import annotations

import atexit
import threading

import pytest

from tests.support.wait_until import until
from traycreds.core.events import Button, Notify, RefreshAsked
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.desktop.notifications import backends, balloon

AGAIN = Button("Refresh now", RefreshAsked(("dev",)))


@pytest.fixture
def shown():
    return []


@pytest.fixture
def show(shown):
    """Show a notice at an icon; gives what a click on it asks for."""

    def show(notice):
        asked = []
        _, way, _ = backends.platform_backends({}, "win32", click=asked.append, tray=lambda *about: shown.append(about))
        way(notice)
        clicked = shown[-1][2]
        if clicked is not None:
            clicked()
        return asked

    return show


def test_a_click_does_what_the_first_button_would_and_the_notice_says_so(show, shown):
    log = Button("Open log", UiCommand.OPEN_LOG)
    assert show(Notify("dev", "dev failed", "No network.", buttons=(AGAIN, log))) == [AGAIN.command]
    assert shown[0][:2] == ("dev failed", "No network.\nClick here: Refresh now")


def test_without_a_button_a_click_does_nothing(show, shown):
    assert show(Notify("dev", "dev failed", "No network.")) == []
    assert shown == [("dev failed", "No network.", None)]


@pytest.mark.parametrize("command", [UiCommand.ACCEPT_TEAM, UiCommand.ALLOW_TEAM])
def test_nobody_agrees_to_a_teams_roles_by_putting_a_notice_away(show, shown, command):
    assert show(Notify("team", "New roles", "Two.", buttons=(Button("Accept", command),))) == []
    assert "Click" not in shown[0][1]


def test_what_asks_for_a_click_is_never_cut_off(show, shown):
    button = Button("Enter code…", RoleCommand(UiCommand.ENTER_CODE, "dev"))
    assert show(Notify("dev", "t" * 99, "x" * 999, buttons=(button,))) == [button.command]
    title, body, _ = shown[0]
    assert len(title) == backends.TITLE_UNITS
    assert len(body) == backends.BODY_UNITS
    assert body.endswith("…\nClick here: Enter code…")


def test_a_notice_of_a_title_alone_is_shown_too(show, shown):
    """Windows takes an empty text for a request to show nothing."""
    show(Notify("copied", "dev-session is on the clipboard", ""))
    assert shown == [("traycreds", "dev-session is on the clipboard", None)]


class Tip:
    """As plyer's: what it registers for the end keeps it until then."""

    def __init__(self, gone):
        self.gone = gone
        self.thread = threading.current_thread()
        atexit.register(self.__del__)

    def __del__(self):
        self.gone.append(threading.current_thread() is self.thread)


def test_a_balloon_goes_after_its_time_with_its_icon_and_holds_up_nothing(monkeypatch):
    monkeypatch.setattr(balloon, "SECONDS", 0.05)
    gone, tips = [], []

    def make():
        tips.append(Tip(gone))
        return tips[0]

    balloon.show(make)
    assert tips[0].thread.daemon, "the program can end meanwhile"
    until(lambda: gone, "the icon goes")
    assert gone == [True], "on the thread whose window it is"
    balloon.linger()
    assert not tips[0].thread.is_alive()


def test_the_reason_for_a_missing_balloon_is_reported():
    def make():
        raise OSError("no taskbar")

    with pytest.raises(OSError, match="no taskbar"):
        balloon.show(make)
