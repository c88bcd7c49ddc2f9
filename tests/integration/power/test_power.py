"""Waking as logind tells it, from a fake of it on a private bus; without it nothing is missed but the haste."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading

import pytest
from jeepney import DBusAddress, new_method_call, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

from tests.desktop.harness import until
from tests.integration.notify.conftest import bus  # noqa: F401 - a private bus
from traycreds.adapters import power

MANAGER = DBusAddress("/org/freedesktop/login1", None, "org.freedesktop.login1.Manager")


class Logind:
    """Owns logind's name on a private bus and announces sleep."""

    def __init__(self, address, name="org.freedesktop.login1"):
        self._connection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._connection, timeout=5).RequestName(name)

    def prepare_for_sleep(self, going):
        self._connection.send(new_signal(MANAGER, "PrepareForSleep", "b", (going,)))
        Proxy(message_bus, self._connection, timeout=5).GetId()  # it has left the bus by now

    def close(self):
        self._connection.close()


def rules(connection):
    """The match rules of all who are on the bus."""
    stats = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Debug.Stats")
    return connection.send_and_get_reply(new_method_call(stats, "GetAllMatchRules"), timeout=5).body


@pytest.fixture
def listening(bus, monkeypatch):  # noqa: F811
    """The wakings that were heard, once the listener is on the bus."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus)
    woken = []
    power.watch(lambda: woken.append(1))
    with open_dbus_connection(bus=bus) as connection:
        until(lambda: "PrepareForSleep" in str(rules(connection)), "it listens")
    return woken


def test_waking_is_heard_and_going_to_sleep_is_not(bus, listening):  # noqa: F811
    logind = Logind(bus)
    for going in (True, False, True, False):
        logind.prepare_for_sleep(going=going)
    until(lambda: len(listening) == 2, "both wakings")
    logind.close()


def test_nobody_else_can_say_so(bus, listening):  # noqa: F811
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
        power._listen(pytest.fail)
    assert "no word from logind" in caplog.text


def test_a_bus_that_goes_ends_the_listening_and_nothing_else(tmp_path, monkeypatch, caplog):
    path = tmp_path / "own"
    daemon = subprocess.Popen(
        [shutil.which("dbus-daemon"), "--session", "--nofork", "--nopidfile", f"--address=unix:path={path}"]
    )
    try:
        until(path.exists, "the bus")
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
        with caplog.at_level(logging.INFO, logger="traycreds"):
            thread = threading.Thread(target=power._listen, args=(pytest.fail,), daemon=True)
            thread.start()
            with open_dbus_connection(bus=f"unix:path={path}") as connection:
                until(lambda: "PrepareForSleep" in str(rules(connection)), "it listens")
            daemon.terminate()
            thread.join(10)
        assert not thread.is_alive()
        assert "no word from logind" in caplog.text
    finally:
        daemon.kill()
        daemon.wait(5)
