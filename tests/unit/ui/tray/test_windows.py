"""The icon of Windows, by Windows' own Python, with the taskbar and the menu's loop replaced by what they answer."""

from __future__ import annotations

import sys

import pytest

from tests.support.wait_until import until
from tests.windows.mark import windows_only
from traycreds.ui.icon import drawing
from traycreds.ui.icon.look import Look

pytestmark = windows_only

NIM_ADD, NIM_MODIFY, NIM_SETFOCUS, NIM_SETVERSION = 0, 1, 3, 4
WM_CLOSE, WM_QUERYENDSESSION, WM_ENDSESSION, WM_CALL = 0x10, 0x11, 0x16, 0x8000 + 77
WM_LBUTTONUP, WM_RBUTTONUP, BALLOON_CLICKED = 0x202, 0x205, 0x405
SELECTED, SELECTED_BY_KEY, CONTEXT_MENU = 0x400, 0x401, 0x7B
DPI_CHANGED = 0x2E0
SHOW_TIP, TIP = 0x80, 0x04

KEPT = []
"""All icons of these tests: pystray names a class of windows after the address of each, and Windows keeps it."""


class Shell:
    """What the icon asks of Windows."""

    def __init__(self, monkeypatch, windows):
        self.win32 = windows._win32
        self.notices, self.posted, self.menus = [], [], []
        self.works = self.new = True
        self.while_open = lambda: None
        self.chosen = 0
        monkeypatch.setattr(self.win32, "Shell_NotifyIcon", self._notify)
        monkeypatch.setattr(self.win32, "PostMessage", lambda *message: self.posted.append(message))
        monkeypatch.setattr(self.win32, "SetForegroundWindow", lambda _: True)
        monkeypatch.setattr(self.win32, "GetCursorPos", lambda _: True)
        monkeypatch.setattr(self.win32, "TrackPopupMenuEx", self._track)
        monkeypatch.setattr(windows, "AGAIN", (0.01, 0.01))

    def _notify(self, code, data):
        if data.uFlags & TIP:
            assert data.uFlags & SHOW_TIP, "the newer version shows no tooltip else"
        self.notices.append((code, data.szTip, data.szInfoTitle, data.szInfo))
        return self.works and (code != NIM_SETVERSION or (self.new and data.uVersion == 4))

    def _track(self, *about):
        self.menus.append(about)
        self.while_open()
        return self.chosen


@pytest.fixture
def shell(monkeypatch):
    assert sys.platform == "win32"
    from traycreds.ui.tray import windows

    return Shell(monkeypatch, windows)


@pytest.fixture
def icon(shell):
    from traycreds.ui.tray import windows

    icon = windows.WindowsIcon("traycreds")
    KEPT.append(icon)
    icon._hwnd = 7
    icon.icon = drawing.image(Look.FRESH, icon.side)
    icon.title = "traycreds"
    yield icon
    icon._visible = False
    # Without a window, a late timer posts nothing into the next test.
    icon._hwnd = None


def ring(icon):
    """What the window does with all messages that were posted to it."""
    icon._message_handlers[WM_CALL](0, 0)


def test_calls_are_made_one_a_message_and_those_of_before_the_window_too(icon, shell):
    made = []
    icon._hwnd = None
    icon.post(lambda: made.append("early"))
    assert shell.posted == []
    icon._hwnd = 7
    icon.post(lambda: made.append("later"))
    assert shell.posted == [(7, WM_CALL, 0, 0)]
    ring(icon)
    assert (made, len(shell.posted)) == (["early"], 2), "it rings for the one that is left"
    ring(icon)
    assert made == ["early", "later"]
    ring(icon)


@pytest.mark.parametrize("button", [WM_LBUTTONUP, WM_RBUTTONUP])
def test_either_button_opens_the_menu_and_it_counts_as_open_meanwhile(icon, shell, button):
    icon._menu_handle = (1, [])
    open_meanwhile, closed = [], []
    icon.menu_closed = lambda: closed.append(icon.menu_open)

    def again():
        open_meanwhile.append(icon.menu_open)
        icon._on_notify(0, button)

    shell.while_open = again
    icon._on_notify(0, button)
    assert (len(shell.menus), open_meanwhile, closed) == (1, [True], [False])
    icon._on_notify(0, 0x200)
    assert len(shell.menus) == 1, "the mouse only moved"
    icon._menu_handle = None


@pytest.mark.parametrize("event", [SELECTED, SELECTED_BY_KEY, CONTEXT_MENU])
def test_the_newer_version_says_where_the_icon_is_and_the_menu_opens_there(icon, shell, event):
    icon.visible = True
    icon._menu_handle = (1, [])
    shell.notices.clear()
    icon._on_notify((1040 & 0xFFFF) << 16 | (-300 & 0xFFFF), event)
    ((_, _, x, y, *_),) = shell.menus
    assert (x, y) == (-300, 1040), "on a screen left of the first one, wherever the pointer is"
    assert [code for code, *_ in shell.notices] == ([NIM_SETFOCUS] if event == SELECTED_BY_KEY else [])
    icon._menu_handle = None


def test_a_click_is_one_event_in_either_version(icon, shell):
    icon._menu_handle = (1, [])
    for new in (True, False):
        shell.new = new
        icon._added()
        for event in (WM_LBUTTONUP, SELECTED, WM_RBUTTONUP, CONTEXT_MENU):
            icon._on_notify(0, event)
    assert len(shell.menus) == 4
    icon._menu_handle = None


def test_the_picture_follows_the_scale_of_the_screen(icon, monkeypatch):
    from traycreds.ui.tray import windows

    changed, dots = [], [96]
    monkeypatch.setattr(windows._user32, "FindWindowW", lambda *_: 5)
    monkeypatch.setattr(windows._user32, "GetDpiForWindow", lambda _: dots[0])
    monkeypatch.setattr(windows._user32, "GetSystemMetricsForDpi", lambda _, dpi: 16 * dpi // 96)
    icon.side = 16
    icon.appearance_changed = lambda: changed.append(icon.side)
    icon._message_handlers[DPI_CHANGED](0, 0)
    assert changed == [], "it is as it was"
    dots[0] = 192
    icon._message_handlers[DPI_CHANGED](0, 0)
    assert changed == [32]


def test_a_click_does_what_its_line_offered_even_if_the_menu_has_changed(icon, shell):
    done = []
    icon._menu_handle = (1, [lambda _: done.append("dev"), lambda _: done.append("staging")])

    def become_another():
        icon._menu_handle = (2, [lambda _: done.append("staging"), lambda _: done.append("prod")])

    shell.while_open, shell.chosen = become_another, 2
    icon._on_notify(0, WM_RBUTTONUP)
    assert done == ["staging"]
    icon._menu_handle = None


def test_a_logout_is_not_hindered_and_ends_the_loop(icon, monkeypatch):
    ended = []
    monkeypatch.setattr(type(icon), "stop", lambda self: ended.append(1))
    handlers = icon._message_handlers
    assert handlers[WM_QUERYENDSESSION](0, 0) == 1, "pystray's own answer, 0, would stop it"
    # Another program has stopped the end of the session.
    handlers[WM_ENDSESSION](0, 0)
    assert ended == []
    handlers[WM_ENDSESSION](1, 0)
    handlers[WM_CLOSE](0, 0)
    assert ended == [1, 1]


def test_an_icon_that_the_taskbar_lost_is_added_again_at_the_next_change(icon, shell):
    icon.visible = True
    shell.notices.clear()
    shell.works = False
    icon.title = "new"
    assert [code for code, *_ in shell.notices[:2]] == [NIM_MODIFY, NIM_ADD]
    shell.works = True


def test_a_taskbar_too_busy_to_answer_is_asked_again(icon, shell):
    shell.works = False
    icon.visible = True
    shell.posted.clear()
    until(lambda: shell.posted, "another attempt")
    shell.works = True
    shell.notices.clear()
    ring(icon)
    assert [(code, tip) for code, tip, *_ in shell.notices] == [(NIM_ADD, "traycreds"), (NIM_SETVERSION, "")]


def test_a_notice_is_a_balloon_of_the_icon_and_a_click_on_it_counts_once(icon, shell):
    clicks = []
    icon.visible = True
    shell.notices.clear()
    assert icon.balloon("dev failed", "No network.", drawing.image(Look.FAILED, 64), lambda: clicks.append(1))
    assert shell.notices == [(NIM_MODIFY, "", "dev failed", "No network.")]
    icon._on_notify(0, BALLOON_CLICKED)
    icon._on_notify(0, BALLOON_CLICKED)
    assert clicks == [1]
    shell.works = False
    assert not icon.balloon("dev failed", "No network.", drawing.image(Look.FAILED, 64), None)


def test_the_picture_has_the_size_that_the_taskbar_draws(icon):
    from traycreds.ui.tray import windows

    assert icon.side >= 16
    for side in (16, 20, 24, 32, 40):
        handle = windows._handle(drawing.image(Look.FRESH, side), side)
        assert handle
        windows._win32.DestroyIcon(handle)
