"""Buttons of notices over a real bus: what they offer, what a click does, and when a notice is taken back."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from tests.integration.notifications.service import NotificationService
from tests.support.wait_until import until
from traycreds.core.events import Button, Notify, RefreshAsked
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop.notifications.freedesktop import FreedesktopService
from traycreds.desktop.notifications.notifier import DesktopNotifier

AGAIN = RefreshAsked(("dev",))
NOTICE = Notify(
    "failing-network",
    "dev failed",
    "No network.",
    buttons=(Button("Refresh now", AGAIN), Button("Open log", UiCommand.OPEN_LOG)),
)


class NotifierOnBus:
    """A notifier on a bus, with all that was clicked."""

    def __init__(self, address):
        self.clicked: list[object] = []
        self.service = FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": address}, click=self.clicked.append)
        self.notifier = DesktopNotifier([self.service])
        self.send = self.notifier.send


@pytest.fixture
def on_bus(bus):
    made = NotifierOnBus(bus)
    yield made
    made.notifier.close()


@pytest.mark.parametrize(("number", "command"), [("0", AGAIN), ("1", UiCommand.OPEN_LOG)])
def test_a_click_does_what_its_button_says(bus, on_bus, number, command):
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        assert service.calls[0].actions == ["0", "Refresh now", "1", "Open log"]
        service.click(1, number)
        assert until(lambda: on_bus.clicked, "the click arrives") == [command]
        until(lambda: not on_bus.notifier.shown_keys, "the notice is known to be gone")


def test_a_click_that_comes_before_the_notice_has_its_number_counts(bus, on_bus):
    with NotificationService(bus, hasty=True):
        on_bus.send(NOTICE)
        assert until(lambda: on_bus.clicked, "the click arrives") == [AGAIN]
        until(lambda: not on_bus.notifier.shown_keys, "the notice is known to be gone")


def test_a_service_without_buttons_shows_the_notice_without_them(bus, on_bus):
    with NotificationService(bus, actions=False) as service:
        on_bus.send(NOTICE)
        assert [(seen.title, seen.actions) for seen in service.calls] == [("dev failed", [])]


def test_a_click_on_a_notice_that_was_closed_first_still_counts(bus, on_bus):
    """Not all services send the click before the closing."""
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        service.dismiss(1)
        service._signal("ActionInvoked", "us", (1, "0"))
        assert until(lambda: on_bus.clicked, "the click arrives") == [AGAIN]


def test_clicks_on_what_is_not_ours_do_nothing(bus, on_bus):
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        # This notice belongs to another program.
        service.click(7, "0")
        # The click is on the notice itself, which only closes it.
        service.click(1, "default")
        service.click(1, "9")
        service.click(1, "0")
        until(lambda: on_bus.clicked, "the last click arrives")
    assert on_bus.clicked == [AGAIN]


def test_a_click_on_a_replaced_notice_means_what_it_shows_now(bus, on_bus):
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        on_bus.send(Notify(NOTICE.key, "dev failed", "x", buttons=(Button("Open log", UiCommand.OPEN_LOG),)))
        assert [seen.replaces for seen in service.calls] == [0, 1]
        service.click(1, "0")
        assert until(lambda: on_bus.clicked, "the click arrives") == [UiCommand.OPEN_LOG]


def test_a_restarted_service_is_noticed_and_its_numbers_mean_its_own_notices(bus, on_bus):
    with NotificationService(bus) as service:
        on_bus.send(Notify("about", "t", "b", buttons=(Button("Quit", UiCommand.QUIT),)))
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        service.click(1, "0")
        assert until(lambda: on_bus.clicked, "the click arrives") == [AGAIN]


def test_another_program_cannot_click(bus, on_bus):
    """Anyone on the bus can send signals; only the service that showed the notice is believed."""
    from jeepney import DBusAddress, new_signal
    from jeepney.io.blocking import open_dbus_connection

    with NotificationService(bus) as service, open_dbus_connection(bus) as stranger:
        on_bus.send(NOTICE)
        name = "org.freedesktop.Notifications"
        place = DBusAddress("/org/freedesktop/Notifications", None, name)
        stranger.send(new_signal(place, "ActionInvoked", "us", (1, "1")))
        # The bus answers this call after it has passed the signal on.
        stranger.bus_proxy.GetId()
        service.click(1, "0")
        until(lambda: on_bus.clicked, "the true click arrives")
    assert on_bus.clicked == [AGAIN]


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


def test_a_notice_is_taken_back_and_others_stay(bus, on_bus):
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        on_bus.send(Notify("recovered", "dev is fresh again", "x"))
        assert on_bus.notifier.shown_keys == {"failing-network", "recovered"}
        on_bus.notifier.take_back(["failing-network", "never-shown"])
        until(lambda: service.closed == [1], "the notice is taken back")
        assert [seen.title for seen in service.visible.values()] == ["dev is fresh again"]
        assert on_bus.notifier.shown_keys == {"recovered"}


def test_what_the_user_closed_is_not_taken_back_again(bus, on_bus):
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        service.dismiss(1)
        until(lambda: not on_bus.notifier.shown_keys, "the closing is heard")
        on_bus.service.take_back(["failing-network"])
        # The service answers this only after everything that came before.
        on_bus.send(Notify("recovered", "dev is fresh again", "x"))
        assert service.closed == []


def test_a_bus_that_comes_back_is_used_again(tmp_path, request, on_bus, bus):
    with NotificationService(bus):
        on_bus.send(NOTICE)
    # The connection ends like this when the bus dies.
    on_bus.service._connection._jeepney.sock.shutdown(2)
    until(lambda: on_bus.service._connection.lost, "the loss is noticed")
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        service.click(1, "1")
        assert until(lambda: on_bus.clicked, "the click arrives") == [UiCommand.OPEN_LOG]
    assert on_bus.notifier.failures == 0


def test_taking_back_never_waits_for_a_bus_that_is_frozen(bus, on_bus, request):
    from jeepney.io.blocking import open_dbus_connection

    with NotificationService(bus):
        on_bus.send(NOTICE)
        with open_dbus_connection(bus) as connection:
            (pid,) = connection.bus_proxy.GetConnectionUnixProcessID("org.freedesktop.DBus")
        os.kill(pid, signal.SIGSTOP)
        request.addfinalizer(lambda: os.kill(pid, signal.SIGCONT))
        before = threading.active_count()
        # The bus is still frozen, so each call would wait for its timeout.
        for _ in range(100):
            on_bus.notifier.take_back(["failing-network"])
        assert threading.active_count() <= before + 1
        os.kill(pid, signal.SIGCONT)


def test_only_the_newest_notices_are_remembered(bus, on_bus):
    with NotificationService(bus) as service:
        for number in range(60):
            on_bus.send(Notify(f"k{number}", "t", "b", buttons=NOTICE.buttons))
        assert len(on_bus.service._notices) == 50
        service.click(60, "0")
        until(lambda: on_bus.clicked, "the newest is known")


def test_closing_leaves_no_thread_and_may_be_done_twice(bus):
    on_bus = NotifierOnBus(bus)
    on_bus.notifier.close()
    with NotificationService(bus):
        on_bus.send(NOTICE)
        on_bus.notifier.close()
        until(lambda: not any(t.name == "notifications" for t in threading.enumerate()), "the listener ends")
        on_bus.notifier.close()


def test_what_is_shown_goes_with_the_program(bus):
    on_bus = NotifierOnBus(bus)
    with NotificationService(bus) as service:
        on_bus.send(NOTICE)
        on_bus.send(Notify("about", "traycreds", "x"))
        assert len(service.visible) == 2
        on_bus.notifier.close()
        until(lambda: not service.visible, "both are taken back")
