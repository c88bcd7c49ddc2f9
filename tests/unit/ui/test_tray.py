"""The Tray over a back end of pystray's kind (Windows, macOS, GTK): a loop of its own, touched on its own thread alone."""

from __future__ import annotations

import queue
import signal
import sys
import threading
import types
from dataclasses import replace

import pytest

from tests.builders import MINUTE, NOW
from tests.waiting import until
from traycreds.core.messages import RoleChosen
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import looks, mainthread, pystraymenu, tray
from traycreds.ui.tray import Tray

ONE = Snapshot(
    as_of=NOW,
    roles=(
        RoleView(name=RoleName("dev"), profile=ProfileName("dev"), status=Status.FRESH, expires_at=NOW + 9 * MINUTE),
    ),
    overall=Status.FRESH,
)
PATIENCE = 10


class NativeIcon(pystraymenu.BaseIcon):
    """As pystray's own back ends: `run` is a foreign loop; it notes who touches it and what is drawn."""

    def __init__(self, name="traycreds", *, fault: Exception | None = None) -> None:
        super().__init__(name)
        self.drawn: list[str] = []
        self.strangers: list[str] = []
        self._fault = fault
        self._calls: queue.Queue = queue.Queue()
        self._thread = None

    def post(self, call) -> None:
        self._calls.put(call)

    def _touched(self, what: str) -> None:
        self.drawn.append(what)
        if self._thread is not None and threading.current_thread() is not self._thread:
            self.strangers.append(what)

    def _run(self) -> None:
        self._thread = threading.current_thread()
        if self._fault is not None:
            raise self._fault
        self._mark_ready()
        while (call := self._calls.get()) is not None:
            call()

    def _stop(self) -> None:
        self._calls.put(None)

    def _show(self) -> None:
        self._touched("show")

    def _hide(self) -> None:
        self._touched("hide")

    def _update_icon(self) -> None:
        self._icon_valid = True
        self._touched("icon")

    def _update_title(self) -> None:
        self._touched("title")

    def _update_menu(self) -> None:
        self._touched("menu")


class Setting:
    def __init__(self, icon) -> None:
        self.events: list[object] = []
        self.commands: list[object] = []
        self.told: list[str] = []
        self.icon = icon
        self.tray = Tray(post=self.events.append, command=self.commands.append, on_no_host=self.told.append)
        self.ready = threading.Event()
        self.outcome: list[object] = []
        self._thread = threading.Thread(target=lambda: self.outcome.append(self.tray.run(self.ready.set)))

    def start(self) -> Setting:
        self._thread.start()
        assert self.ready.wait(PATIENCE)
        return self

    def settle(self) -> None:
        """Wait until the icon's thread has done all that was posted so far."""
        done = threading.Event()
        self.icon.post(done.set)
        assert done.wait(PATIENCE)

    def end(self) -> None:
        self.tray.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def setting(monkeypatch):
    """A desktop where only pystray's own back end works."""
    icon = NativeIcon()
    monkeypatch.setattr(pystraymenu, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    yield setting
    if setting.ready.is_set():
        setting.end()
    icon._visible = False  # the fake has no window to close


def test_a_native_icon_shows_the_menu_and_hands_clicks_on(setting):
    setting.tray.show(ONE)
    setting.start()
    setting.settle()
    assert setting.icon.visible
    assert setting.icon.icon.size == (64, 64)
    items = {item.text: item for item in setting.icon.menu}
    items["dev — 9 min left"](setting.icon)
    items["Quit traycreds"](setting.icon)
    assert setting.events == [RoleChosen(RoleName("dev"))]
    assert [command.value for command in setting.commands] == ["quit"]
    setting.end()
    assert setting.outcome == [None]


def test_a_native_icon_is_touched_on_its_own_thread_and_only_for_a_change(setting):
    setting.tray.show(ONE)
    setting.start()
    setting.settle()
    setting.icon.drawn.clear()
    setting.tray.show(replace(ONE))
    setting.settle()
    assert setting.icon.drawn == []
    setting.tray.show(replace(ONE, as_of=NOW + MINUTE))
    setting.settle()
    assert setting.icon.drawn == ["menu", "title"]
    setting.tray.show(replace(ONE, as_of=NOW + MINUTE, overall=Status.EXPIRING))
    setting.settle()
    assert setting.icon.drawn == ["menu", "title", "icon"]
    assert setting.icon.strangers == []


WM_NOTIFY, WM_RBUTTONUP, WM_MOUSEMOVE = 0x40B, 0x205, 0x200
CHOSEN = object()
"""The user picks a line, or clicks beside the menu."""


class WindowsIcon(NativeIcon):
    """As pystray's for Windows: its menu is shown by a message, in a loop within, and a new menu destroys it."""

    def __init__(self) -> None:
        super().__init__()
        self._message_handlers = {WM_NOTIFY: self._notified}
        self.is_open = False
        self.destroyed = 0

    def send(self, lparam: int) -> None:
        """What the window does with a message of the taskbar."""
        self.post(lambda: self._message_handlers[WM_NOTIFY](0, lparam))

    def choose(self) -> None:
        self._calls.put(CHOSEN)

    def _notified(self, _wparam: int, lparam: int) -> None:
        if lparam != WM_RBUTTONUP:
            return
        self.is_open = True
        while (call := self._calls.get()) is not CHOSEN:
            call()
        self.is_open = False

    def _update_menu(self) -> None:
        self.destroyed += self.is_open
        super()._update_menu()


@pytest.fixture
def windows(monkeypatch):
    win32 = types.SimpleNamespace(WM_NOTIFY=WM_NOTIFY, WM_RBUTTONUP=WM_RBUTTONUP)
    monkeypatch.setitem(sys.modules, "pystray._util.win32", win32)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(looks, "_of_taskbar", lambda: None)
    icon = WindowsIcon()
    monkeypatch.setattr(pystraymenu, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    setting.tray.show(ONE)
    yield setting.start()
    setting.end()
    icon._visible = False


def first_label(icon) -> str:
    return next(item.text for item in icon.menu if item.text.startswith("dev"))


def test_an_open_menu_of_windows_is_not_destroyed_by_new_labels(windows):
    icon = windows.icon
    windows.settle()
    icon.send(WM_RBUTTONUP)
    windows.settle()
    assert icon.is_open
    icon.send(WM_MOUSEMOVE)
    windows.tray.show(replace(ONE, as_of=NOW + MINUTE))
    windows.settle()
    assert icon.is_open
    assert icon.destroyed == 0
    assert first_label(icon) == "dev — 9 min left"
    icon.choose()
    windows.settle()
    assert not icon.is_open
    assert first_label(icon) == "dev — 8 min left", "what was missed is shown at the next opening"
    windows.tray.show(replace(ONE, as_of=NOW + 2 * MINUTE))
    windows.settle()
    assert first_label(icon) == "dev — 7 min left"
    assert icon.strangers == []


def test_the_icon_changes_though_the_menu_of_windows_is_open(windows):
    windows.settle()
    windows.icon.send(WM_RBUTTONUP)
    windows.settle()
    before = windows.icon.icon
    windows.tray.show(replace(ONE, overall=Status.FAILED))
    windows.settle()
    assert windows.icon.icon is not before
    windows.icon.choose()


WM_QUERYENDSESSION, WM_ENDSESSION = 0x11, 0x16


def test_a_logout_of_windows_is_not_hindered_and_ends_the_loop(windows):
    handlers = windows.icon._message_handlers
    assert handlers[WM_QUERYENDSESSION](0, 0) == 1, "pystray's own answer, 0, would stop it"
    handlers[WM_ENDSESSION](0, 0)  # another program has stopped it
    windows.settle()
    assert windows.outcome == []
    windows.icon.post(lambda: handlers[WM_ENDSESSION](1, 0))
    until(lambda: windows.outcome == [None], "the loop ends")


@pytest.mark.logs_warnings
def test_a_toolkit_that_fails_gives_a_sentence_and_leaves_no_thread_behind(monkeypatch):
    icon = NativeIcon(fault=OSError("no such display"))
    monkeypatch.setattr(pystraymenu, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    assert "toolkit failed" in setting.tray.run(setting.ready.set)
    icon._setup_thread.join(PATIENCE)
    assert not icon._setup_thread.is_alive()
    assert not setting.ready.is_set()


def test_without_bus_and_display_there_is_a_sentence():
    setting = Setting(None)
    assert setting.tray.run(setting.ready.set) == tray.available()
    assert "DBUS_SESSION_BUS_ADDRESS" in tray.available()
    assert not setting.ready.is_set()


@pytest.mark.parametrize(
    "address", ["unix:path=/nowhere/at/all", "tcp:host=localhost,port=1", "nonsense", "unix:nonsense", "unix:x=y"]
)
def test_an_address_where_nobody_is_counts_as_no_bus(monkeypatch, address):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert "--no-tray" in tray.available()
    assert "--no-tray" in Setting(None).tray.run(lambda: None)


def test_a_stop_before_the_start_is_kept(monkeypatch):
    icon = NativeIcon()
    monkeypatch.setattr(pystraymenu, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    setting.tray.stop()
    assert setting.tray.run(setting.ready.set) is None
    assert not setting.ready.is_set()


def test_a_stop_while_the_icon_is_opened_is_kept(setting, monkeypatch):
    opened = setting.icon

    def open_slowly(_name):
        setting.tray.stop()
        return opened

    monkeypatch.setattr(pystraymenu, "native_icon", open_slowly)
    assert setting.tray.run(setting.ready.set) is None
    opened._setup_thread.join(PATIENCE)
    assert not setting.ready.is_set()


def test_a_back_end_without_a_menu_is_not_taken(monkeypatch):
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    monkeypatch.setattr("pystray._dummy.Icon.HAS_MENU", False)
    assert pystraymenu.native_icon("traycreds") is None


def test_a_signal_wakes_a_foreign_loop():
    handled, posted = [], queue.Queue()
    before = signal.signal(signal.SIGUSR1, lambda *_: handled.append(1))
    try:
        with mainthread.signals_wake(posted.put):
            signal.raise_signal(signal.SIGUSR1)
            assert posted.get(timeout=PATIENCE)() is None
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert handled == [1]


def test_labels_double_ampersands_on_windows_only(monkeypatch):
    assert pystraymenu._label("a & b") == "a & b"
    monkeypatch.setattr("sys.platform", "win32")
    assert pystraymenu._label("a & b") == "a && b"
