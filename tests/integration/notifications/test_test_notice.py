"""`doctor --notify`: a test notice, by the running app or by the command itself, and by which way."""

from __future__ import annotations

import sys

import pytest

from tests.integration.notifications.service import NotificationService
from tests.support.wait_until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a session bus is Linux's")

SERVICE = "the desktop's notification service (org.freedesktop.Notifications)"
TITLE = "traycreds: test notice"


@pytest.fixture
def app(sandbox, bus):
    """Starts the app on the bus, and waits until it takes commands."""
    with sandbox.apps() as start:

        def started():
            start("run", "--no-tray", DBUS_SESSION_BUS_ADDRESS=bus)
            until(sandbox.listens, "the app takes commands")

        yield started


def test_the_command_sends_it_where_no_app_runs(sandbox, bus):
    with NotificationService(bus) as service:
        done = sandbox.command("doctor", "--notify", DBUS_SESSION_BUS_ADDRESS=bus)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"No app is running, so this command sent a test notice through {SERVICE}.\n"
        assert [call.title for call in service.calls] == [TITLE]


def test_the_running_app_sends_it_whose_notices_they_are(sandbox, bus, app):
    sandbox.add_role("dev")
    with NotificationService(bus) as service:
        app()
        done = sandbox.command("doctor", "--notify")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"The running app sent a test notice through {SERVICE}.\n"
        assert [call.title for call in service.calls] == [TITLE]


def test_a_missing_way_is_reported_with_the_reason(sandbox, bus):
    done = sandbox.command("doctor", "--notify", DBUS_SESSION_BUS_ADDRESS=bus, PATH="/nonexistent")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("No app is running, so this command could not show a notice.\n")
    assert "org.freedesktop.Notifications" in done.stderr
    assert "Error:" not in done.stderr.replace("org.freedesktop.DBus.Error", "")


def test_without_a_bus_the_remedy_is_a_desktop_and_carried_out_it_helps(sandbox, bus):
    done = sandbox.command("doctor", "--notify", PATH="/nonexistent")
    assert done.returncode == 4
    assert "It failed: there is no session bus" in done.stderr
    assert "Run it in a desktop session that has a notification service" in done.stderr
    with NotificationService(bus):
        assert sandbox.command("doctor", "--notify", DBUS_SESSION_BUS_ADDRESS=bus).returncode == 0
