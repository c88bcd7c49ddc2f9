"""The tray's manners on the bus: what any client may ask, and what a broken one gets."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET

import pytest
from jeepney import DBusAddress, DBusErrorResponse

from tests.desktop.session_bus import ITEM, MENU, PROPERTIES, WATCHER, Watcher, needs_bus
from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.core.snapshot import Snapshot

pytestmark = [pytest.mark.desktop, needs_bus]

INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"


@pytest.fixture
def client(run_tray, host):
    run_tray(Snapshot(as_of=NOW))
    return host()


def ask(client, path, interface, member, signature=None, body=()):
    return client._ask(DBusAddress(path, client._item, interface), member, signature, body)


@pytest.mark.parametrize(("path", "interface"), [("/StatusNotifierItem", ITEM), ("/MenuBar", MENU)])
def test_introspection_reports_every_property_and_method_as_served(client, path, interface):
    (text,) = ask(client, path, INTROSPECTABLE, "Introspect")
    [described] = [node for node in ET.fromstring(text) if node.get("name") == interface]
    reported = {node.get("name"): node.get("type") for node in described.findall("property")}
    (served,) = ask(client, path, PROPERTIES, "GetAll", "s", (interface,))
    assert reported == {name: signature for name, (signature, _) in served.items()}
    no_error = contextlib.nullcontext()
    for method in described.findall("method"):
        inputs = [arg.get("type") for arg in method.findall("arg") if arg.get("direction") == "in"]
        values = {"i": 0, "s": "", "as": [], "ai": [], "v": ("i", 0), "u": 0, "a(isvu)": []}
        may_fail = contextlib.suppress(DBusErrorResponse) if method.get("name") == "GetProperty" else no_error
        # No property has an empty name.
        with may_fail:
            ask(client, path, interface, method.get("name"), "".join(inputs), tuple(values[each] for each in inputs))


def test_the_root_names_both_objects(client):
    (text,) = ask(client, "/", INTROSPECTABLE, "Introspect")
    assert [node.get("name") for node in ET.fromstring(text)] == ["StatusNotifierItem", "MenuBar"]


def test_ping_and_an_interface_left_out(client):
    assert ask(client, "/MenuBar", "org.freedesktop.DBus.Peer", "Ping") == ()
    assert ask(client, "/MenuBar", None, "AboutToShow", "i", (0,)) == (False,)


@pytest.mark.parametrize(
    ("path", "interface", "member", "signature", "body", "error"),
    [
        ("/nowhere", ITEM, "Activate", "ii", (0, 0), "UnknownObject"),
        ("/MenuBar", MENU, "Explode", None, (), "UnknownMethod"),
        ("/MenuBar", ITEM, "AboutToShow", "i", (0,), "UnknownMethod"),
        ("/MenuBar", MENU, "AboutToShow", "i", (999,), "InvalidArgs"),
        ("/MenuBar", MENU, "GetProperty", "is", (0, "colour"), "InvalidArgs"),
        ("/MenuBar", MENU, "EventGroup", "a(isvu)", ([(999, "clicked", ("i", 0), 0)],), "InvalidArgs"),
        ("/MenuBar", PROPERTIES, "Get", "ss", (MENU, "Colour"), "InvalidArgs"),
        ("/MenuBar", PROPERTIES, "Set", "ssv", (MENU, "Version", ("u", 4)), "InvalidArgs"),
    ],
)
def test_what_cannot_be_answered_gets_an_error_by_name(client, path, interface, member, signature, body, error):
    with pytest.raises(DBusErrorResponse) as caught:
        ask(client, path, interface, member, signature, body)
    assert caught.value.name == f"org.freedesktop.DBus.Error.{error}"
    assert client.labels(), "and the tray continues"


@pytest.mark.logs_warnings
def test_a_call_with_wrong_arguments_is_logged_and_the_tray_goes_on(client, caplog):
    with pytest.raises(DBusErrorResponse, match="Internal error"):
        client.menu("GetLayout", "s", ("all of it",))
    assert "A call from the tray host failed" in caplog.text
    assert client.labels()


def test_a_click_on_a_line_that_only_informs_does_nothing(run_tray, host):
    running = run_tray(Snapshot(as_of=NOW))
    client = host()
    head = client.find("No roles configured")
    client.menu("Event", "isvu", (head.id, "clicked", ("i", 0), 0))
    client.menu("Event", "isvu", (client.find("Quit").id, "hovered", ("i", 0), 0))
    client.labels()
    assert (running.events, running.commands) == ([], [])


def test_a_host_that_comes_to_its_watcher_counts(run_tray, bus, timers):
    with Watcher(bus, hosted=False) as watcher:
        running = run_tray(Snapshot(as_of=NOW))
        watcher.item()
        until(lambda: watcher.asked and not running.tray._icon._registering, "the tray knows that there is no host")
        watcher.emit("/StatusNotifierWatcher", WATCHER, "StatusNotifierHostRegistered", None, ())
        until(lambda: running.tray._icon._hosted, "the tray knows of it")
        timers.run_out(running)
    assert not running.notices


@pytest.mark.logs_warnings
def test_a_fault_in_a_posted_call_does_not_end_the_tray(run_tray, host, caplog):
    running = run_tray(Snapshot(as_of=NOW))
    client = host()

    def fail() -> None:
        raise ValueError("a fault of drawing")

    running.tray._on_icon_thread(fail)
    until(lambda: "a fault of drawing" in caplog.text)
    assert client.labels()
