"""Waking and the lock as logind tells them, from a fake of it on a private bus; without it only haste is missed."""

from __future__ import annotations

import contextlib
import logging
import threading

import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

from tests.desktop.session_bus import PrivateBus
from tests.integration.notifications.conftest import bus  # noqa: F401 - a private bus
from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.desktop.power import watch
from traycreds.desktop.power.logind import listen

pytestmark = not_on_windows

MANAGER = DBusAddress("/org/freedesktop/login1", None, "org.freedesktop.login1.Manager")


class Logind:
    """Owns logind's name on a private bus and announces sleep."""

    def __init__(self, address, name="org.freedesktop.login1"):
        self._connection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._connection, timeout=5).RequestName(name)

    def prepare_for_sleep(self, going):
        self._connection.send(new_signal(MANAGER, "PrepareForSleep", "b", (going,)))
        # When the bus answers this call, it has passed the signal on.
        Proxy(message_bus, self._connection, timeout=5).GetId()

    def close(self):
        self._connection.close()


def rules(connection):
    """The match rules of all who are on the bus."""
    stats = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Debug.Stats")
    return connection.send_and_get_reply(new_method_call(stats, "GetAllMatchRules"), timeout=5).body


class Seat(Logind):
    """A logind that knows the caller's session and tells about its lock."""

    PATH = "/org/freedesktop/login1/session/_32"

    def __init__(self, address, *, locked=False):
        super().__init__(address)
        self.locked = locked
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._over:
            try:
                call = self._connection.receive(timeout=0.02)
            except TimeoutError:
                continue
            if call.header.message_type is MessageType.method_call:
                asked = (call.header.fields[HeaderFields.path], call.header.fields[HeaderFields.member], *call.body)
                self._connection.send(new_method_return(call, *self._answer(asked)))

    def _answer(self, asked):
        if asked == ("/org/freedesktop/login1", "GetSession", "auto"):
            return "o", (self.PATH,)
        assert asked == (self.PATH, "Get", "org.freedesktop.login1.Session", "LockedHint")
        return "v", (("b", self.locked),)

    def changed(self, path=PATH, **properties):
        where = DBusAddress(path, None, "org.freedesktop.DBus.Properties")
        values = {name: ("b", value) for name, value in properties.items()}
        body = ("org.freedesktop.login1.Session", values, [])
        self._connection.send(new_signal(where, "PropertiesChanged", "sa{sv}as", body))

    def prepare_for_sleep(self, going):
        self._connection.send(new_signal(MANAGER, "PrepareForSleep", "b", (going,)))

    def close(self):
        self._over = True
        self._thread.join(5)
        super().close()


@pytest.fixture
def listening(bus, monkeypatch, caplog):
    """The wakings that were heard, once the listener is on the bus and has found no logind to ask about the lock."""
    caplog.set_level(logging.INFO, logger="traycreds")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus)
    woken = []
    watch.watch(lambda: woken.append(1), pytest.fail)
    with open_dbus_connection(bus=bus) as connection:
        until(lambda: "PrepareForSleep" in str(rules(connection)), "it listens")
    until(lambda: "logind does not report the screen's lock" in caplog.text, "it has asked")
    return woken


def test_waking_is_noticed_and_going_to_sleep_is_not(bus, listening):
    logind = Logind(bus)
    for going in (True, False, True, False):
        logind.prepare_for_sleep(going=going)
    until(lambda: len(listening) == 2, "both wakings")
    logind.close()


def test_nobody_else_can_say_so(bus, listening):
    logind, stranger = Logind(bus), Logind(bus, "org.example.Stranger")
    for _ in range(5):
        stranger.prepare_for_sleep(going=False)
    logind.prepare_for_sleep(going=False)
    until(lambda: len(listening) == 1, "only logind's own")
    logind.close()
    stranger.close()


@pytest.mark.parametrize("address", ["unix:path=/nowhere/at/all", "nonsense", "tcp:host=127.0.0.1,port=1"])
def test_without_a_bus_nothing_happens(monkeypatch, caplog, address):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    with caplog.at_level(logging.INFO, logger="traycreds"):
        listen(pytest.fail, pytest.fail)
    assert "logind does not report" in caplog.text


@contextlib.contextmanager
def system_bus(monkeypatch):
    """A bus that the test can end, in the place of the system's."""
    with PrivateBus() as private:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", private.address)
        yield private


def test_a_bus_that_goes_ends_the_listening_and_nothing_else(monkeypatch, caplog):
    with system_bus(monkeypatch) as own_bus:
        with caplog.at_level(logging.INFO, logger="traycreds"):
            thread = threading.Thread(target=listen, args=(pytest.fail, pytest.fail), daemon=True)
            thread.start()
            with open_dbus_connection(bus=own_bus.address) as connection:
                until(lambda: "PrepareForSleep" in str(rules(connection)), "it listens")
            own_bus.kill()
            thread.join(10)
        assert not thread.is_alive()
        assert "logind does not report" in caplog.text


@pytest.fixture
def changes(bus, monkeypatch):
    """Starts to listen, and gives what is heard once the session's changes are subscribed to."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus)
    words = []

    def listen():
        watch.watch(lambda: words.append("woke"), words.append)
        with open_dbus_connection(bus=bus) as connection:
            until(lambda: Seat.PATH in str(rules(connection)), "it listens")
        return words

    return listen


def test_the_lock_of_our_own_session_is_noticed_each_time_it_changes(bus, changes):
    seat = Seat(bus)
    words = changes()
    seat.changed(LockedHint=False)
    seat.changed(LockedHint=True)
    seat.changed(IdleHint=True)
    seat.changed(LockedHint=True)
    seat.changed("/org/freedesktop/login1/session/_33", LockedHint=False)
    seat.prepare_for_sleep(going=True)
    seat.prepare_for_sleep(going=False)
    seat.changed(LockedHint=False)
    until(lambda: words[-1:] == [False], "the unlocking")
    assert words == [True, "woke", False]
    seat.close()


def test_a_lock_from_before_the_start_is_noticed(bus, changes):
    seat = Seat(bus, locked=True)
    words = changes()
    until(lambda: words == [True], "the lock")
    seat.changed(LockedHint=False)
    until(lambda: words == [True, False], "the unlocking")
    seat.close()


def test_a_lock_that_is_no_longer_reported_counts_as_open(monkeypatch):
    with system_bus(monkeypatch) as own_bus:
        seat, words = Seat(own_bus.address, locked=True), []
        thread = threading.Thread(target=listen, args=(pytest.fail, words.append), daemon=True)
        thread.start()
        until(lambda: words == [True], "the lock")
        seat.close()
        own_bus.kill()
        thread.join(10)
        assert words == [True, False]
