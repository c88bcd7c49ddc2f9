"""Fixtures of the desktop tests: a private bus and, on it, a tray in a thread."""

from __future__ import annotations

import threading

import pytest

from tests.desktop.session_bus import MenuClient, PrivateBus, Watcher
from tests.support.wait_until import PATIENCE, until
from traycreds.ui.tray.dbus_loop import DBusLoop
from traycreds.ui.tray.tray import Tray


@pytest.fixture
def bus(monkeypatch):
    with PrivateBus() as private:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", private.address)
        yield private


@pytest.fixture
def watcher(bus):
    with Watcher(bus) as watching:
        yield watching


class RunningTray:
    """A Tray on a thread of its own, with all that it posted."""

    def __init__(self, *, patience: float = 5.0) -> None:
        self.events: list[object] = []
        self.commands: list[object] = []
        self.notices: list[str] = []
        self.reason: str | None = None
        self.ready = threading.Event()
        self.tray = Tray(
            post=self.events.append, command=self.commands.append, on_no_host=self.notices.append, patience=patience
        )
        self._thread = threading.Thread(target=self._run)

    def start(self, snapshot=None) -> RunningTray:
        if snapshot is not None:
            self.tray.show(snapshot)
        self._thread.start()
        assert self.ready.wait(PATIENCE)
        return self

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def close(self) -> None:
        self.tray.stop()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE)
        assert self.ended()

    def _run(self) -> None:
        self.reason = self.tray.run(self.ready.set)


@pytest.fixture
def run_tray():
    """Start trays; they are stopped at the end."""
    running: list[RunningTray] = []

    def start(snapshot=None, *, patience: float = 5.0) -> RunningTray:
        running.append(RunningTray(patience=patience))
        return running[-1].start(snapshot)

    yield start
    for one in running:
        one.close()


class Timers:
    """The timers of trays, which run when the test says so."""

    def __init__(self) -> None:
        self._set: list[object] = []

    def after(self, call) -> None:
        self._set.append(call)

    def run_out(self, running: RunningTray) -> None:
        """Run what is set on the icon's thread, as after a long time, and what was posted before it."""
        done = threading.Event()

        def all_of_them() -> None:
            due, self._set = self._set, []
            for call in due:
                call()
            done.set()

        running.tray._on_icon_thread(all_of_them)
        assert done.wait(PATIENCE)


@pytest.fixture
def timers(monkeypatch):
    """Take the clock out of the hands of trays that start from now on."""
    timers = Timers()
    monkeypatch.setattr(DBusLoop, "after", lambda loop, seconds, call: timers.after(call))
    return timers


@pytest.fixture
def host(bus, watcher):
    """Open the menu of the item that registered, as a tray host does."""
    clients: list[MenuClient] = []

    def connect() -> MenuClient:
        name = until(lambda: watcher.items, "the tray registers")[-1]
        clients.append(MenuClient(bus, name))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()
