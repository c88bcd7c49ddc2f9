"""Notices as Windows shows them, above a stand-in for Windows' own classes, whose names are compared with the real ones."""

from __future__ import annotations

import sys
import threading
import types
import xml.etree.ElementTree as ET

import pytest

from tests.windows.mark import on_wine, windows_only
from traycreds.core.events import Button, Notify, RefreshAsked
from traycreds.desktop.notifications import advice
from traycreds.desktop.notifications.backends import platform_backends
from traycreds.desktop.notifications.notifier import TEST_NOTICE, DesktopNotifier
from traycreds.desktop.notifications.permission import NotAllowedError, Permission
from traycreds.desktop.notifications.toasts import Toasts

NOTICE = Notify("dev", "dev failed", "No <network> & \"no\" 'luck'.", buttons=(Button("Refresh & go", RefreshAsked()),))
ENABLED, DISABLED_FOR_APPLICATION = 0, 1


class ToastNotification:
    """A notice with its handlers."""

    def __init__(self, content):
        self.content = content
        self.tag = self.group = ""
        self.expires_on_reboot = False
        self.handlers = {}

    def add_activated(self, handler):
        self.handlers["activated"] = handler

    def add_failed(self, handler):
        self.handlers["failed"] = handler


class About:
    """What a handler gets; as Windows gives it, it has no arguments before it is asked to be of its class."""

    def __init__(self, arguments):
        self._arguments = arguments

    def as_(self, class_):
        assert class_ is ToastActivatedEventArgs
        return types.SimpleNamespace(arguments=self._arguments)


class ToastActivatedEventArgs:
    """What a click is about."""


class XmlDocument:
    """What a notice says."""

    def load_xml(self, text):
        self.root = ET.fromstring(text)


class Center:
    """Windows' notification center: what is shown, by tag; `setting` is the user's."""

    def __init__(self):
        self.shown, self.setting = {}, ENABLED
        self.history = types.SimpleNamespace(remove=self._remove)

    def create_toast_notifier(self, app):
        assert app == "traycreds"
        return self

    def show(self, toast):
        self.shown[toast.tag] = toast

    def _remove(self, tag, group, app):
        assert group == app == "traycreds"
        if tag not in self.shown:
            raise OSError(22, "Element not found.", None, -2147023728)
        del self.shown[tag]

    def press(self, chosen):
        """Click the only notice, on a thread of Windows' own."""
        (toast,) = self.shown.values()
        self.shown.clear()
        thread = threading.Thread(target=toast.handlers["activated"], args=(toast, About(chosen)))
        thread.start()
        thread.join()

    def texts(self):
        return [[each.text for each in toast.content.root.iter("text")] for toast in self.shown.values()]

    def buttons(self):
        return [each.get("content") for toast in self.shown.values() for each in toast.content.root.iter("action")]


@pytest.fixture
def windows(monkeypatch):
    """Windows' classes, and its center."""
    center = Center()
    setting = types.SimpleNamespace(ENABLED=ENABLED)
    named = {
        "winrt.windows.data.xml.dom": {"XmlDocument": XmlDocument},
        "winrt.windows.ui.notifications": {
            "NotificationSetting": setting,
            "ToastActivatedEventArgs": ToastActivatedEventArgs,
            "ToastNotification": ToastNotification,
            "ToastNotificationManager": center,
        },
    }
    for whole in named:
        parts = whole.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            module = types.ModuleType(name)
            module.__path__ = []
            vars(module).update(named.get(name, {}))
            monkeypatch.setitem(sys.modules, name, module)
    return center


def test_a_notice_has_its_texts_and_buttons(windows):
    Toasts()(NOTICE)
    assert windows.texts() == [["dev failed", "No <network> & \"no\" 'luck'."]]
    assert windows.buttons() == ["Refresh & go"]
    (toast,) = windows.shown.values()
    assert toast.expires_on_reboot, "a click after a restart reaches nobody"
    assert len(toast.tag) <= 16, "as Windows 10 had it at first"


def test_a_button_does_what_it_says_and_a_click_beside_it_nothing(windows):
    clicked = []
    shown = Toasts(clicked.append)
    shown(NOTICE)
    windows.press("")
    assert (clicked, shown.shown_keys) == ([], frozenset())
    shown(NOTICE)
    windows.press("0")
    assert (clicked, shown.shown_keys) == ([RefreshAsked()], frozenset())


def test_a_later_notice_replaces_the_one_with_its_key_and_others_stay(windows):
    shown = Toasts()
    for notice in (NOTICE, Notify("prod", "prod failed", ""), Notify("dev", "dev works", "")):
        shown(notice)
    assert windows.texts() == [["dev works"], ["prod failed"]]


def test_what_no_longer_holds_is_taken_back_and_the_end_leaves_nothing(windows):
    notifier = DesktopNotifier([Toasts()])
    for notice in (NOTICE, TEST_NOTICE):
        assert notifier.send(notice)
    (first, *_) = windows.shown
    # The user has put it away, of which Windows does not tell.
    del windows.shown[first]
    notifier.take_back(["dev", "another"])
    notifier.close()
    assert windows.shown == {}


def test_characters_that_no_document_can_hold_are_left_out(windows):
    Toasts()(Notify("x", "a\0b\x1b[1m\ud800c\U0001f511", ""))
    assert windows.texts() == [["ab[1mc\U0001f511"]]


def test_a_refusal_is_respected_and_reported_with_its_place(windows):
    windows.setting = DISABLED_FOR_APPLICATION
    shown, balloons = Toasts(), []
    with pytest.raises(NotAllowedError):
        shown(NOTICE)
    notifier = DesktopNotifier([shown, balloons.append])
    assert not notifier.send(NOTICE)
    assert (balloons, windows.shown) == ([], {})
    assert notifier.advice().short == "Notices are off: Settings > System > Notifications"
    assert notifier.sent(NOTICE).hint.endswith("Allow them in Settings > System > Notifications.")
    windows.setting = ENABLED
    assert notifier.advice() is None
    assert notifier.send(NOTICE)


@pytest.mark.logs_warnings
def test_what_windows_could_not_show_later_is_logged(windows, caplog):
    shown = Toasts()
    shown(NOTICE)
    (toast,) = windows.shown.values()
    with caplog.at_level("WARNING"):
        toast.handlers["failed"](toast, types.SimpleNamespace(error_code=-2143420140))
    assert "did not show a notice (-2143420140)" in caplog.text


@pytest.mark.parametrize("gone", [ImportError("no winrt"), OSError(22, "", None, -2147221164)])
def test_without_windows_classes_the_next_way_is_taken_without_any_advice(windows, monkeypatch, gone):
    def refuse(_):
        raise gone

    monkeypatch.setattr(windows, "create_toast_notifier", refuse, raising=False)
    balloons = []
    notifier = DesktopNotifier([Toasts(), balloons.append])
    assert notifier.send(NOTICE)
    assert (balloons, notifier.advice()) == ([NOTICE], None)


def test_they_are_the_first_way_of_windows():
    ways = platform_backends({}, "win32", tray=lambda *_: None)
    assert [isinstance(way, Toasts) for way in ways] == [True, False, False]


def test_doctor_asks_them_too(windows):
    windows.setting = DISABLED_FOR_APPLICATION
    assert advice.here("win32") is advice.BLOCKED_BY_WINDOWS


@windows_only
@pytest.mark.skipif(sys.version_info < (3, 11), reason="PyWinRT's classes need Python 3.11")
def test_windows_classes_have_every_name_that_is_used():
    from winrt.system import Object
    from winrt.windows.data.xml.dom import XmlDocument as RealDocument
    from winrt.windows.ui import notifications as real

    used = {
        real.ToastNotification: ["tag", "group", "expires_on_reboot", "add_activated", "add_failed"],
        real.ToastNotificationManager: ["create_toast_notifier", "history"],
        real.ToastNotificationHistory: ["remove"],
        real.ToastNotifier: ["show", "setting"],
        real.ToastActivatedEventArgs: ["arguments"],
        real.ToastFailedEventArgs: ["error_code"],
        real.NotificationSetting: ["ENABLED"],
        RealDocument: ["load_xml"],
        Object: ["as_"],
    }
    # Not hasattr, which would ask Windows for what is a property of a class.
    known = {each: {*dir(each), *dir(type(each))} for each in used}
    assert [(each.__name__, name) for each, names in used.items() for name in names if name not in known[each]] == []


@windows_only
@pytest.mark.skipif(not on_wine, reason="Windows has them")
def test_wine_has_no_such_classes_so_that_there_are_balloons():
    assert Toasts().permission() is Permission.NO_APP
