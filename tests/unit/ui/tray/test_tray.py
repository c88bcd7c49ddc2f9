"""The Tray over a back end of pystray's kind (Windows, macOS, GTK): a loop of its own, touched on its own thread alone."""

from __future__ import annotations

import queue
import signal
import sys
import threading

import pytest

from tests.support.builders import MINUTE, NOW
from tests.windows.mark import linux_only
from traycreds.core.events import RoleChosen
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.ui.tray import backends, main_thread, pystray_menu, tray
from traycreds.ui.tray.tray import Tray

ONE = Snapshot(
    as_of=NOW,
    roles=(
        RoleView(name=RoleName("dev"), profile=ProfileName("dev"), status=Status.FRESH, expires_at=NOW + 9 * MINUTE),
    ),
    overall=Status.FRESH,
)
PATIENCE = 30


class NativeIcon(pystray_menu.BaseIcon):
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
        self.notices: list[str] = []
        self.icon = icon
        self.tray = Tray(post=self.events.append, command=self.commands.append, on_no_host=self.notices.append)
        self.ready = threading.Event()
        self.outcome: list[object] = []
        self._thread = threading.Thread(target=lambda: self.outcome.append(self.tray.run(self.ready.set)))

    def start(self) -> Setting:
        self._thread.start()
        assert self.ready.wait(PATIENCE)
        return self

    def wait_until_idle(self) -> None:
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
    monkeypatch.setattr(backends, "native_icon", lambda _name: icon)
    # Only the main thread may call this on macOS.
    monkeypatch.setattr(main_thread, "hide_from_dock", lambda: None)
    setting = Setting(icon)
    yield setting
    if setting.ready.is_set():
        setting.end()
    # The fake has no window to close.
    icon._visible = False


def test_a_native_icon_shows_the_menu_and_hands_clicks_on(setting):
    setting.tray.show(ONE)
    setting.start()
    setting.wait_until_idle()
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
    setting.wait_until_idle()
    setting.icon.drawn.clear()
    setting.tray.show(replace(ONE))
    setting.wait_until_idle()
    assert setting.icon.drawn == []
    setting.tray.show(replace(ONE, as_of=NOW + MINUTE))
    setting.wait_until_idle()
    assert setting.icon.drawn == ["menu", "title"]
    setting.tray.show(replace(ONE, as_of=NOW + MINUTE, overall=Status.EXPIRING))
    setting.wait_until_idle()
    assert setting.icon.drawn == ["menu", "title", "icon"]
    assert setting.icon.strangers == []


def first_label(icon) -> str:
    return next(item.text for item in icon.menu if item.text.startswith("dev"))


def test_an_open_menu_that_must_stay_is_drawn_anew_when_it_is_closed(setting):
    """On Windows: a new menu destroys the open one, and the user's choice with it."""
    icon = setting.icon
    icon.menu_open = False
    setting.tray.show(ONE)
    setting.start()
    setting.wait_until_idle()
    icon.menu_open = True
    before = icon.icon
    setting.tray.show(replace(ONE, as_of=NOW + MINUTE, overall=Status.FAILED))
    setting.wait_until_idle()
    assert first_label(icon) == "dev — 9 min left"
    assert icon.icon is not before, "the icon changes all the same"
    icon.menu_open = False
    icon.post(icon.menu_closed)
    setting.wait_until_idle()
    assert first_label(icon) == "dev — 8 min left", "what was missed is shown at the next opening"


def test_a_picture_of_the_size_that_the_icon_asks_for(setting):
    setting.icon.side = 20
    setting.start()
    setting.wait_until_idle()
    assert setting.icon.icon.size == (20, 20)


def test_a_notice_is_shown_at_an_icon_that_can(setting):
    reported = []
    setting.icon.balloon = lambda *about: reported.append((about, threading.current_thread())) or True
    setting.start()
    setting.tray.show_notice("dev failed", "No network.", print)
    ((title, body, picture, clicked), thread) = reported[0]
    assert (title, body, clicked) == ("dev failed", "No network.", print)
    assert picture.width == picture.height
    assert thread is setting.icon._thread
    setting.icon.balloon = lambda *about: False
    with pytest.raises(OSError, match="does not accept the notice"):
        setting.tray.show_notice("dev failed", "No network.", None)


def test_another_icon_says_nothing(setting):
    with pytest.raises(OSError, match="no tray icon"):
        setting.tray.show_notice("dev failed", "No network.", None)
    setting.start()
    with pytest.raises(OSError, match="no tray icon"):
        setting.tray.show_notice("dev failed", "No network.", None)


def test_an_icon_that_hangs_is_not_waited_for_forever(setting, monkeypatch):
    monkeypatch.setattr(tray, "SHOW_PATIENCE", 0.05)
    setting.icon.balloon = lambda *about: True
    setting.start()
    over = threading.Event()
    setting.icon.post(lambda: over.wait(PATIENCE))
    with pytest.raises(TimeoutError):
        setting.tray.show_notice("dev failed", "No network.", None)
    over.set()


@pytest.mark.logs_warnings
def test_a_toolkit_that_fails_gives_a_sentence_and_leaves_no_thread_behind(monkeypatch):
    icon = NativeIcon(fault=OSError("no such display"))
    monkeypatch.setattr(backends, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    assert "toolkit failed" in setting.tray.run(setting.ready.set)
    icon._setup_thread.join(PATIENCE)
    assert not icon._setup_thread.is_alive()
    assert not setting.ready.is_set()


@linux_only
def test_without_bus_and_display_there_is_a_sentence():
    setting = Setting(None)
    assert setting.tray.run(setting.ready.set) == tray.available()
    assert "DBUS_SESSION_BUS_ADDRESS" in tray.available()
    assert not setting.ready.is_set()


@linux_only
@pytest.mark.parametrize(
    "address", ["unix:path=/nowhere/at/all", "tcp:host=localhost,port=1", "nonsense", "unix:nonsense", "unix:x=y"]
)
def test_an_address_where_nobody_is_counts_as_no_bus(monkeypatch, address):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert "runs here without a tray icon" in tray.available()
    assert "runs here without a tray icon" in Setting(None).tray.run(lambda: None)


def test_a_stop_before_the_start_is_kept(monkeypatch):
    icon = NativeIcon()
    monkeypatch.setattr(backends, "native_icon", lambda _name: icon)
    setting = Setting(icon)
    setting.tray.stop()
    assert setting.tray.run(setting.ready.set) is None
    assert not setting.ready.is_set()


def test_a_stop_while_the_icon_is_opened_is_kept(setting, monkeypatch):
    opened = setting.icon

    def open_slowly(_name):
        setting.tray.stop()
        return opened

    monkeypatch.setattr(backends, "native_icon", open_slowly)
    assert setting.tray.run(setting.ready.set) is None
    opened._setup_thread.join(PATIENCE)
    assert not setting.ready.is_set()


@linux_only
def test_a_back_end_without_a_menu_is_not_taken(monkeypatch):
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    monkeypatch.setattr("pystray._dummy.Icon.HAS_MENU", False)
    assert backends.native_icon("traycreds") is None


def test_a_signal_wakes_a_foreign_loop():
    handled, posted = [], queue.Queue()
    number = signal.SIGBREAK if sys.platform == "win32" else signal.SIGUSR1
    before = signal.signal(number, lambda *_: handled.append(1))
    try:
        with main_thread.signals_wake(posted.put):
            signal.raise_signal(number)
            assert posted.get(timeout=PATIENCE)() is None
    finally:
        signal.signal(number, before)
    assert handled == [1]


def test_labels_double_ampersands_on_windows_only(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert pystray_menu._label("a & b") == "a & b"
    monkeypatch.setattr("sys.platform", "win32")
    assert pystray_menu._label("a & b") == "a && b"


class OwnIcon:
    """As our own back end: it has a timer."""

    def __init__(self) -> None:
        self.timers = []

    def after(self, seconds, call) -> None:
        self.timers.append((seconds, call))


@linux_only
def test_our_own_icon_counts_the_minutes_of_its_labels():
    minutes = iter((NOW + 2 * MINUTE, NOW + 3 * MINUTE))
    given = [lambda _: None] * 3
    own = Tray(post=given[0], command=given[1], on_no_host=given[2], each_minute=lambda: (next(minutes), 60.0))
    assert not own.keeps_time
    own._icon, own._own = OwnIcon(), True
    assert own.keeps_time
    own.show(ONE)
    own._appear()
    assert "dev: 7 min left" in own._icon.title
    ((seconds, call),) = own._icon.timers
    assert seconds == pytest.approx(60, abs=0.1)
    call()
    assert "dev: 6 min left" in own._icon.title
    assert "6 min left" in str(own._icon.menu.items)
    own.show(replace(ONE, as_of=NOW + 8 * MINUTE))
    own._redraw()
    assert "dev: 1 min left" in own._icon.title, "the newer of both"


@linux_only
def test_a_minute_that_fails_is_not_the_last():
    given = [lambda _: None] * 3
    own = Tray(post=given[0], command=given[1], on_no_host=given[2], each_minute=lambda: 1 / 0)
    own._icon, own._own = OwnIcon(), True
    # The loop logs the error.
    with pytest.raises(ZeroDivisionError):
        own._begin_minute()
    ((seconds, call),) = own._icon.timers
    assert seconds == pytest.approx(60, abs=0.1)
    assert call == own._begin_minute
