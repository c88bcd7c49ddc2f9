"""The notifier against a real bus with a recording service, and the contract that it shares with the fake."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.contract.notifier_contract")

from tests.contract.notifier_contract import *
from tests.integration.notifications.service import NotificationService
from tests.support.fakes.notifier import RecordingNotifier
from traycreds.core.events import Notify
from traycreds.desktop.notifications.freedesktop import FreedesktopService
from traycreds.desktop.notifications.notifier import DesktopNotifier

NOTICE = Notify("dev", "dev failed", "1 < 2 & <b>bold</b>", urgent=True)


class FakeDesktop:
    def __init__(self):
        self.notifier = RecordingNotifier()

    def visible(self):
        return [(notice.title, notice.body, notice.urgent) for notice in self.notifier.visible.values()]

    def break_it(self):
        self.notifier.broken = True

    def repair(self):
        self.notifier.broken = False


class DesktopOnBus:
    def __init__(self, service, notifier):
        self.service = service
        self.notifier = notifier
        self.visible = service.seen

    def break_it(self):
        self.service.refuses = True

    def repair(self):
        self.service.refuses = False


def over(address: str, limit: float = 2.0) -> DesktopNotifier:
    """A notifier that has the bus alone."""
    return DesktopNotifier([FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": address}, limit)])


@pytest.fixture(params=["fake", "markup", "plain"])
def any_desktop(request):
    if request.param == "fake":
        yield FakeDesktop()
        return
    address = request.getfixturevalue("bus")
    with NotificationService(address, markup=request.param == "markup") as service:
        yield DesktopOnBus(service, over(address))


def test_what_goes_over_the_bus(bus):
    with NotificationService(bus) as service:
        over(bus).send(NOTICE)
    (seen,) = service.calls
    assert (seen.app, seen.replaces, seen.title, seen.actions, seen.timeout) == ("traycreds", 0, "dev failed", [], -1)
    assert seen.hints == {"urgency": ("y", 2), "desktop-entry": ("s", "traycreds")}


@pytest.mark.parametrize(
    ("markup", "body"), [(True, "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;"), (False, "1 < 2 & <b>bold</b>")]
)
def test_the_body_is_escaped_only_for_a_service_that_reads_markup(bus, markup, body):
    with NotificationService(bus, markup=markup) as service:
        over(bus).send(NOTICE)
    assert service.calls[0].body == body


def test_a_restarted_service_gets_no_old_number(bus):
    notifier = over(bus)
    with NotificationService(bus, first=41) as service:
        notifier.send(NOTICE)
        notifier.send(NOTICE)
    assert [seen.replaces for seen in service.calls] == [0, 41]
    with NotificationService(bus) as service:
        notifier.send(NOTICE)
    assert [seen.replaces for seen in service.calls] == [0]


@pytest.mark.logs_warnings
def test_a_hung_service_costs_its_limit_and_no_other_way_is_tried(bus, caplog):
    others = []
    with NotificationService(bus, hung=True):
        service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": bus}, 0.2)
        notifier = DesktopNotifier([service, others.append])
        began = time.monotonic()
        # The service never answers, so this takes the whole timeout.
        notifier.send(NOTICE)
        assert time.monotonic() - began >= 0.2
        notifier.send(NOTICE)
    assert (notifier.failures, others) == (2, [])
    (record,) = caplog.records
    assert "does not respond" in record.getMessage()


@pytest.mark.logs_warnings
def test_a_service_that_wakes_up_is_used_again(bus):
    notifier = over(bus, 0.2)
    with NotificationService(bus, hung=True):
        notifier.send(NOTICE)
    with NotificationService(bus) as service:
        notifier.send(NOTICE)
    assert (len(service.calls), notifier.failures) == (1, 1)


@pytest.mark.logs_warnings
def test_an_absent_service_goes_on_to_the_next_way(bus):
    shown = []
    service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": bus}, 2.0)
    notifier = DesktopNotifier([service, shown.append])
    notifier.send(NOTICE)
    assert (shown, notifier.failures) == ([NOTICE], 0)
    alone = over(bus)
    alone.send(NOTICE)
    assert alone.failures == 1


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "tcp:host=localhost,port=1", "nonsense", ""])
def test_no_bus_goes_on_to_the_next_way(address):
    shown = []
    notifier = DesktopNotifier([FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": address}), shown.append])
    notifier.send(NOTICE)
    assert shown == [NOTICE]


def test_the_bus_of_systemd_is_found_without_an_address(bus):
    place = Path(bus.removeprefix("unix:path="))
    assert place.name == "bus"
    assert place.is_socket()
    with NotificationService(bus) as service:
        DesktopNotifier([FreedesktopService({"XDG_RUNTIME_DIR": str(place.parent)})]).send(NOTICE)
    assert len(service.calls) == 1


@pytest.mark.logs_warnings
def test_a_bus_that_accepts_and_says_nothing_costs_the_limit(tmp_path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        way = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'silent'}"}, 0.4)
        notifier = DesktopNotifier([way])
        notifier.send(NOTICE)
    assert notifier.failures == 1


@pytest.mark.logs_warnings
def test_a_frozen_bus_costs_the_limit(tmp_path, bus, request):
    from jeepney.io.blocking import open_dbus_connection

    with open_dbus_connection(bus) as connection:
        (pid,) = connection.bus_proxy.GetConnectionUnixProcessID("org.freedesktop.DBus")
    os.kill(pid, signal.SIGSTOP)
    request.addfinalizer(lambda: os.kill(pid, signal.SIGCONT))
    notifier = DesktopNotifier([FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": bus})], limit=0.3)
    for _ in range(3):
        notifier.send(NOTICE)
    assert notifier.failures == 3


def test_a_notice_shows_our_own_picture(bus):
    with NotificationService(bus) as service:
        FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": bus}, picture=lambda _: (2, bytes(range(16))))(NOTICE)
        over(bus).send(NOTICE)
    ours, none = service.calls
    assert ours.hints["image-data"] == ("(iiibiiay)", (2, 2, 8, True, 8, 4, bytes(range(16))))
    assert "image-data" not in none.hints
    assert none.icon == "dialog-warning"
