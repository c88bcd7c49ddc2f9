"""The way onto the icon's thread on Windows and macOS, and out of macOS's dock, against stand-ins for what is there."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

from traycreds.ui import mainthread


@pytest.fixture
def windows(monkeypatch):
    """Windows' message queue: what is posted, by window."""
    importlib.import_module("traycreds.ui.pystraymenu")  # pystray is chosen by the platform when it is imported
    posted = []
    win32 = types.SimpleNamespace(PostMessage=lambda *message: posted.append(message))
    monkeypatch.setitem(sys.modules, "pystray._util.win32", win32)
    monkeypatch.setattr(sys, "platform", "win32")
    return posted


def test_a_call_on_windows_rings_the_icons_own_window_which_makes_it(windows):
    icon, made = types.SimpleNamespace(_message_handlers={}, _hwnd=None), []
    post = mainthread.poster(icon)
    post(lambda: made.append("early"))
    assert windows == [], "there is no window yet"
    icon._hwnd = 7
    post(lambda: made.append("later"))
    ((window, message, *rest),) = windows
    assert (window, rest, made) == (7, [0, 0], [])
    assert message >= 0x8000, "WM_APP and up are the program's own"
    icon._message_handlers[message](0, 0)
    assert made == ["early", "later"]


@pytest.fixture
def appkit(monkeypatch):
    """What macOS is asked for."""
    asked = []
    application = types.SimpleNamespace(setActivationPolicy_=asked.append)
    kit = types.ModuleType("AppKit")
    kit.NSApplication = types.SimpleNamespace(sharedApplication=lambda: application)
    kit.NSApplicationActivationPolicyAccessory = "accessory"
    tools = types.ModuleType("PyObjCTools")
    tools.AppHelper = types.SimpleNamespace(callAfter=asked.append)
    monkeypatch.setitem(sys.modules, "AppKit", kit)
    monkeypatch.setitem(sys.modules, "PyObjCTools", tools)
    return asked


def test_there_is_no_icon_in_the_dock(appkit, monkeypatch):
    mainthread.hide_from_dock()
    assert appkit == [], "elsewhere there is no dock"
    monkeypatch.setattr(sys, "platform", "darwin")
    mainthread.hide_from_dock()
    assert appkit == ["accessory"]


def test_a_call_on_macos_goes_through_the_main_loop(appkit, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    mainthread.poster(types.SimpleNamespace())(print)
    assert appkit == [print]


def test_elsewhere_no_menu_is_in_the_way_and_nothing_hears_of_logout():
    icon = types.SimpleNamespace(_message_handlers={})
    assert not mainthread.watch_menu(icon, closed=print)()
    mainthread.heed_logout(icon)
    assert icon._message_handlers == {}
