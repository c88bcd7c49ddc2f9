"""Buttons of notices over a real bus: what they offer, what a click does, and when a notice is taken back."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from tests.integration.notify.service import NotificationService
from tests.waiting import until
from traycreds.adapters.notify import DesktopNotifier
from traycreds.adapters.notifyservice import FreedesktopService
from traycreds.core.commands import UiCommand
from traycreds.core.messages import Button, Notify, RefreshAsked

AGAIN = RefreshAsked(("dev",))
NOTICE = Notify(
    "failing-network",
    "dev failed",
    "No network.",
    buttons=(Button("Refresh now", AGAIN), Button("Open log", UiCommand.OPEN_LOG)),
)


class Desk:
    """A notifier on a bus, with all that was clicked."""

    def __init__(self, address):
        self.clicked: list[object] = []
        self.service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": address}, click=self.clicked.append)
        self.notifier = DesktopNotifier([self.service])
        self.send = self.notifier.send


@pytest.fixture
def desk(bus):
    made = Desk(bus)
    yield made
    made.notifier.close()


@pytest.mark.parametrize(("number", "command"), [("0", AGAIN), ("1", UiCommand.OPEN_LOG)])
def test_a_click_does_what_its_button_says(bus, desk, number, command):
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        assert service.calls[0].actions == ["0", "Refresh now", "1", "Open log"]
        service.click(1, number)
        assert until(lambda: desk.clicked, "the click arrives") == [command]
        until(lambda: not desk.notifier.standing, "the notice is known to be gone")


def test_a_click_that_comes_before_the_notice_has_its_number_counts(bus, desk):
    with NotificationService(bus, hasty=True):
        desk.send(NOTICE)
        assert until(lambda: desk.clicked, "the click arrives") == [AGAIN]
        until(lambda: not desk.notifier.standing, "the notice is known to be gone")


def test_a_service_without_buttons_shows_the_notice_without_them(bus, desk):
    with NotificationService(bus, actions=False) as service:
        desk.send(NOTICE)
        assert [(seen.title, seen.actions) for seen in service.calls] == [("dev failed", [])]


def test_a_click_on_a_notice_that_was_closed_first_still_counts(bus, desk):
    """Not all services send the click before the closing."""
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        service.dismiss(1)
        service._signal("ActionInvoked", "us", (1, "0"))
        assert until(lambda: desk.clicked, "the click arrives") == [AGAIN]


def test_clicks_on_what_is_not_ours_do_nothing(bus, desk):
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        service.click(7, "0")  # another program's notice
        service.click(1, "default")  # the notice itself: people click it away
        service.click(1, "9")
        service.click(1, "0")
        until(lambda: desk.clicked, "the last click arrives")
    assert desk.clicked == [AGAIN]


def test_a_click_on_a_replaced_notice_means_what_it_shows_now(bus, desk):
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        desk.send(Notify(NOTICE.key, "dev failed", "x", buttons=(Button("Open log", UiCommand.OPEN_LOG),)))
        assert [seen.replaces for seen in service.calls] == [0, 1]
        service.click(1, "0")
        assert until(lambda: desk.clicked, "the click arrives") == [UiCommand.OPEN_LOG]


def test_a_restarted_service_is_heard_and_its_numbers_mean_its_own_notices(bus, desk):
    with NotificationService(bus) as service:
        desk.send(Notify("about", "t", "b", buttons=(Button("Quit", UiCommand.QUIT),)))
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        service.click(1, "0")
        assert until(lambda: desk.clicked, "the click arrives") == [AGAIN]


def test_a_stranger_cannot_click(bus, desk):
    """Whoever is on the bus can send signals; only the service that showed the notice is believed."""
    from jeepney import DBusAddress, new_signal
    from jeepney.io.blocking import open_dbus_connection

    with NotificationService(bus) as service, open_dbus_connection(bus) as stranger:
        desk.send(NOTICE)
        name = "org.freedesktop.Notifications"
        place = DBusAddress("/org/freedesktop/Notifications", None, name)
        stranger.send(new_signal(place, "ActionInvoked", "us", (1, "1")))
        stranger.bus_proxy.GetId()  # answered after the signal was passed on
        service.click(1, "0")
        until(lambda: desk.clicked, "the true click arrives")
    assert desk.clicked == [AGAIN]


@pytest.mark.logs_warnings
def test_a_click_that_fails_ends_nothing(bus):
    clicked = []

    def click(command):
        clicked.append(command)
        if len(clicked) == 1:
            raise ValueError("no")

    service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": bus}, click=click)
    with NotificationService(bus) as shown:
        service(NOTICE)
        shown.click(1, "0")
        shown.click(1, "1")
        until(lambda: len(clicked) == 2, "the second click arrives")
    service.close()


def test_a_notice_is_taken_back_and_others_stay(bus, desk):
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        desk.send(Notify("recovered", "dev is fresh again", "x"))
        assert desk.notifier.standing == {"failing-network", "recovered"}
        desk.notifier.take_back(["failing-network", "never-shown"])
        until(lambda: service.closed == [1], "the notice is taken back")
        assert [seen.title for seen in service.visible.values()] == ["dev is fresh again"]
        assert desk.notifier.standing == {"recovered"}


def test_what_the_user_closed_is_not_taken_back_again(bus, desk):
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        service.dismiss(1)
        until(lambda: not desk.notifier.standing, "the closing is heard")
        desk.service.take_back(["failing-network"])
        desk.send(Notify("recovered", "dev is fresh again", "x"))  # answered after what came before
        assert service.closed == []


def test_a_bus_that_comes_back_is_used_again(tmp_path, request, desk, bus):
    with NotificationService(bus):
        desk.send(NOTICE)
    desk.service._line._connection.sock.shutdown(2)  # as when the bus dies
    until(lambda: desk.service._line.lost, "the loss is noticed")
    with NotificationService(bus) as service:
        desk.send(NOTICE)
        service.click(1, "1")
        assert until(lambda: desk.clicked, "the click arrives") == [UiCommand.OPEN_LOG]
    assert desk.notifier.failures == 0


def test_taking_back_never_waits_for_a_bus_that_is_frozen(bus, desk, request):
    from jeepney.io.blocking import open_dbus_connection

    with NotificationService(bus):
        desk.send(NOTICE)
        with open_dbus_connection(bus) as connection:
            (pid,) = connection.bus_proxy.GetConnectionUnixProcessID("org.freedesktop.DBus")
        os.kill(pid, signal.SIGSTOP)
        request.addfinalizer(lambda: os.kill(pid, signal.SIGCONT))
        before = threading.active_count()
        began = time.monotonic()
        for _ in range(100):
            desk.notifier.take_back(["failing-network"])
        assert time.monotonic() - began < 0.5
        assert threading.active_count() <= before + 1
        os.kill(pid, signal.SIGCONT)


def test_only_the_newest_notices_are_remembered(bus, desk):
    with NotificationService(bus) as service:
        for number in range(60):
            desk.send(Notify(f"k{number}", "t", "b", buttons=NOTICE.buttons))
        assert len(desk.service._notices) == 50
        service.click(60, "0")
        until(lambda: desk.clicked, "the newest is known")


def test_closing_leaves_no_thread_and_may_be_done_twice(bus):
    desk = Desk(bus)
    desk.notifier.close()
    with NotificationService(bus):
        desk.send(NOTICE)
        desk.notifier.close()
        until(lambda: not any(t.name == "notifications" for t in threading.enumerate()), "the listener ends")
        desk.notifier.close()
