"""The tray on hosts that behave as GNOME, KDE Plasma, LXQt, XFCE and Sway do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.host_models import MODELS, LeftClick, ModelHost
from tests.desktop.session_bus import WATCHER, MenuClient, Peer, Watcher, needs_bus
from tests.desktop.test_tray_on_bus import TWO, snapshot, view
from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace

pytestmark = [pytest.mark.desktop, needs_bus]

EACH = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
NAME = "org.kde.StatusNotifierItem-1-1"
ASKED_FOR = {
    *("Category", "Id", "Title", "Status", "WindowId", "Menu", "ItemIsMenu", "ToolTip", "IconThemePath"),
    *("IconName", "IconPixmap", "OverlayIconName", "OverlayIconPixmap"),
    *("AttentionIconName", "AttentionIconPixmap", "AttentionMovieName"),
    *("IconAccessibleDesc", "AttentionAccessibleDesc", "XAyatanaLabel", "XAyatanaLabelGuide", "XAyatanaOrderingIndex"),
}
NOBODY = snapshot(view("dev"), view("prod-admin", minutes=12))
"""No role is the default profile, so that the menu lacks what can be done with it."""


@EACH
def test_the_icon_comes(model, bus, run_tray):
    with ModelHost(bus, model) as host:
        running = run_tray(TWO)
        assert host.find_item()
        assert {(width, height) for width, height, _ in host.known["IconPixmap"]} >= {(16, 16), (22, 22), (48, 48)}
        assert not running.notices


@EACH
def test_a_left_click_opens_the_menu_where_the_desktop_lets_it(model, bus, run_tray):
    with ModelHost(bus, model) as host:
        run_tray(TWO)
        host.find_item()
        labels = host.left_click()
        if model.left is LeftClick.ACTIVATE:
            assert labels is None
            labels = host.right_click()
        assert labels[:5] == [
            "2 roles fresh",
            "---",
            "Default profile: click a role to switch",
            "dev — 43 min left",
            "prod-admin — 12 min left",
        ]


@EACH
def test_nothing_that_a_desktop_asks_is_refused_but_activate(model, bus, run_tray):
    with ModelHost(bus, model) as host:
        running = run_tray(TWO)
        host.find_item()
        host.left_click()
        host.middle_click()
        host.scroll()
        failed = replace(view("dev"), status=Status.FAILED, error="The key is gone.", needs_user=True)
        running.tray.show(snapshot(failed, as_of=NOW + timedelta(minutes=1), overall=Status.FAILED))
        for signal in ("NewIcon", "NewAttentionIcon", "NewToolTip"):
            host.hears(signal)
        host.open_menu()
    assert host.refused == ([] if model.left is LeftClick.MENU else ["Activate"])


@EACH
def test_every_property_that_desktops_ask_for_is_answered(model, bus, run_tray):
    """Those of the specification, of GNOME's extension and of Plasma; GetAll of a desktop would hide one that is missing."""
    with ModelHost(bus, model) as host:
        run_tray(TWO)
        host.find_item()
        if model.reads == ("GetAll",):
            assert host.known.keys() >= ASKED_FOR
        for name in sorted(ASKED_FOR):
            host.ask_for(name)
        assert host.known.keys() >= ASKED_FOR
    assert host.refused == []


@EACH
def test_the_lines_stay_in_order_when_some_come_and_go(model, bus, run_tray):
    with ModelHost(bus, model) as host:
        running = run_tray(NOBODY)
        host.find_item()
        before = host.open_menu()
        running.tray.show(TWO)
        host.hears("NewToolTip")
        now = host.open_menu()
        running.tray.show(NOBODY)
        host.hears("NewToolTip")
        assert host.open_menu() == before
    wanted = [*before[:6], "dev, until", "Keep alive", "Open console", "Copy", "Region: none", *before[6:]]
    assert len(now) == len(wanted)
    assert all(label.startswith(start) for label, start in zip(now, wanted, strict=True)), now


@EACH
def test_a_picture_that_gnome_ignored_is_announced_again(model, bus, run_tray, timers, monkeypatch):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", model.name)
    signals = ("NewIcon", "NewAttentionIcon")
    with ModelHost(bus, model) as host:
        running = run_tray(TWO)
        host.find_item()
        before = host.known["IconPixmap"]
        for status in (Status.REFRESHING, Status.FAILED):
            running.tray.show(snapshot(view("dev"), overall=status))
            for signal in signals:
                host.ignores(signal)
        timers.run_out(running)
        if model.name != "GNOME":
            assert [host.emitted(signal) for signal in signals] == [2, 2]
            return
        for signal in signals:
            host.ignores(signal)
            host.hears(signal)
        with MenuClient(bus, host.item) as client:
            now = client.property("IconPixmap")
        assert host.known["IconPixmap"] == host.known["AttentionIconPixmap"] == now != before
        assert [host.emitted(signal) for signal in signals] == [4, 4], "twice more, and only the newest picture"


@EACH
def test_a_host_that_restarts_finds_the_icon_again(model, bus, run_tray):
    running = None
    for _ in range(3):
        with ModelHost(bus, model) as host:
            running = running or run_tray(TWO)
            assert host.find_item()
            assert host.right_click()
    assert running is not None
    assert not running.notices


def test_a_panel_of_lxqt_that_lost_the_item_while_it_started_gets_it_under_another_name(
    bus, run_tray, monkeypatch, timers
):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "LXQt")
    with Watcher(bus, draws=False) as panel:
        running = run_tray(TWO)
        until(lambda: panel.asked, "the tray asks whether there is a host")
        until(lambda: not running.tray._icon._registering, "it knows")
        timers.run_out(running)
        until(lambda: len(panel.items) == 2, "it registers again")
        assert [item.startswith(":") for item in panel.items] == [True, False]
        with MenuClient(bus, panel.items[1]) as client:
            assert client.properties()["Id"] == "traycreds"
        timers.run_out(running)
        assert not running.notices


class NamedItem(Peer):
    """An item that registers by a well-known name, as this one once did."""

    def __init__(self, bus):
        super().__init__(bus, name=NAME)

    def answer(self, sender, interface, member, body):
        shown = {"Menu": ("o", "/MenuBar"), "IconPixmap": ("a(iiay)", [(1, 1, b"1234")]), "Status": ("s", "Active")}
        return "a{sv}", (shown,)


@pytest.mark.parametrize("model", [model for model in MODELS if "GetAll" in model.reads], ids=lambda model: model.name)
def test_the_model_of_gnome_drops_an_item_that_registers_by_name(model, bus):
    with ModelHost(bus, model) as host, NamedItem(bus), open_dbus_connection(bus.address) as connection:
        watcher = DBusAddress("/StatusNotifierWatcher", WATCHER, WATCHER)
        connection.send_and_get_reply(new_method_call(watcher, "RegisterStatusNotifierItem", "s", (NAME,)))
        assert host.find_item() is (model.name != "GNOME")
