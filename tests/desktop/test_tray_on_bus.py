"""The Tray over the session bus, as a tray host sees it."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from jeepney import DBusErrorResponse

from tests.desktop.session_bus import DAEMON, Watcher, needs_bus
from tests.support.builders import NOW
from tests.support.wait_until import PATIENCE, until
from tests.unit.ui.menu.test_model_many import many
from traycreds.core.events import Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status, Surroundings
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.tray import tray
from traycreds.ui.tray.status_notifier import NOT_DRAWN

pytestmark = [pytest.mark.desktop, needs_bus]


def view(name, status=Status.FRESH, minutes=43, **changes) -> RoleView:
    base = RoleView(
        name=RoleName(name),
        profile=ProfileName(name),
        status=status,
        expires_at=None if minutes is None else NOW + timedelta(minutes=minutes),
        kept=True,
    )
    return replace(base, **changes)


def snapshot(*views, **changes) -> Snapshot:
    return replace(Snapshot(as_of=NOW, roles=views, overall=Status.FRESH), **changes)


TWO = snapshot(view("dev", is_default=True), view("prod-admin", minutes=12))


def test_the_menu_shows_the_state_and_every_role(run_tray, host):
    run_tray(TWO).tray.show_around(Surroundings(at_login=True))
    client = host()
    assert client.wait_for("Start at login").checked
    assert client.labels() == [
        "2 roles fresh",
        "Default profile: click a role to switch",
        "dev — 43 min left",
        "prod-admin — 12 min left",
        client.find("dev, until").label,
        "Keep alive",
        "Open console",
        "Copy",
        "Region: none",
        "More actions",
        "Refresh all",
        "Pause refreshing",
        "Start at login",
        "Settings",
        "Quit traycreds",
    ]
    dev, prod = client.find("dev"), client.find("prod-admin")
    assert (dev.mark, dev.checked, prod.mark, prod.checked) == ("radio", True, "radio", False)
    assert not client.find("2 roles fresh").enabled


@pytest.mark.parametrize(
    ("path", "event"),
    [
        (("prod-admin",), RoleChosen(RoleName("prod-admin"))),
        (("Refresh all",), RefreshAsked()),
        (("Pause refreshing",), Paused(on=True)),
        (("More actions", "Do not use as default"), RoleChosen(None)),
        (("More actions", "Refresh now"), RefreshAsked((RoleName("dev"),))),
        (("Keep alive",), RoleSwitched(RoleName("dev"), on=False)),
        (
            ("More actions", "Keep alive for 4 h"),
            RoleSwitched(RoleName("dev"), on=True, until=NOW + timedelta(hours=4)),
        ),
    ],
)
def test_a_click_posts_its_event(run_tray, host, path, event):
    running = run_tray(TWO)
    host().click(*path)
    assert until(lambda: running.events) == [event]


def test_configuration_and_quit_are_commands(run_tray, host):
    running = run_tray(TWO)
    client = host()
    client.click("Settings", "Open")
    client.click("Quit")
    until(lambda: len(running.commands) == 2)
    assert running.commands == [UiCommand.OPEN_CONFIG, UiCommand.QUIT]


def test_a_menu_of_a_thousand_roles_opens_with_a_tenth_of_a_second_of_computing(run_tray, host):
    run_tray(many())
    client = host()
    spent = []
    for _ in range(5):
        begin = time.process_time()
        client.menu("AboutToShow", "i", (0,))
        _revision, (_id, _properties, lines) = client.menu("GetLayout", "iias", (0, 1, []))
        spent.append(time.process_time() - begin)
    assert len(lines) <= 28
    assert min(spent) < 0.1, "2 ms"


def test_a_left_click_is_refused_so_that_plasma_opens_the_menu(run_tray, host):
    running = run_tray(TWO)
    client = host()
    with pytest.raises(DBusErrorResponse) as caught:
        client.activate()
    assert caught.value.name == "org.freedesktop.DBus.Error.UnknownMethod"
    assert client.labels()
    assert (running.events, running.commands) == ([], [])


def test_a_screen_reader_gets_the_state(run_tray, host):
    run_tray(TWO)
    properties = host().properties()
    assert properties["IconAccessibleDesc"] == properties["AttentionAccessibleDesc"]
    assert "2 roles fresh" in properties["IconAccessibleDesc"]
    assert "\n" not in properties["IconAccessibleDesc"]


def test_a_minute_later_only_labels_change_so_that_an_open_menu_stays_open(run_tray, host):
    running = run_tray(TWO)
    client = host()
    before, revision = client.find("dev"), client.revision()
    running.tray.show(replace(TWO, as_of=NOW + timedelta(minutes=1)))
    after = client.wait_for("dev — 42 min left")
    assert after.id == before.id
    [(updated, removed)] = until(lambda: client.signals("ItemsPropertiesUpdated"))
    assert removed == []
    assert (before.id, {"label": ("s", "dev — 42 min left")}) in updated
    assert client.signals("LayoutUpdated") == []
    assert client.revision() == revision


def test_an_equal_snapshot_sends_nothing(run_tray, host):
    running = run_tray(TWO)
    client = host()
    for _ in range(5):
        running.tray.show(replace(TWO))
    running.tray.show(replace(TWO, overall=Status.FAILED))
    until(lambda: client.signals("NewIcon"))
    assert client.signals("NewIcon") == [()]
    assert client.signals("ItemsPropertiesUpdated") == []
    assert client.signals("LayoutUpdated") == []
    assert client.signals("NewToolTip") == []


def test_a_role_that_comes_raises_the_revision_and_no_id_moves(run_tray, host):
    running = run_tray(TWO)
    client = host()
    ids, revision = {client.find(name).id for name in ("dev", "prod-admin")}, client.revision()
    running.tray.show(replace(TWO, roles=(view("a-new-one"), *TWO.roles)))
    new = client.wait_for("a-new-one")
    assert new.id not in ids
    assert {client.find(name).id for name in ("dev", "prod-admin")} == ids
    until(lambda: client.signals("LayoutUpdated"))
    assert client.revision() == revision + 1
    assert client.signals("LayoutUpdated")[-1] == (revision + 1, 0)


def test_a_late_click_on_a_line_that_is_gone_does_nothing(run_tray, host):
    running = run_tray(TWO)
    client = host()
    gone = client.find("prod-admin").id
    running.tray.show(replace(TWO, roles=TWO.roles[:1]))
    until(lambda: client.signals("LayoutUpdated"))
    with pytest.raises(Exception, match=f"no line {gone}"):
        client.menu("Event", "isvu", (gone, "clicked", ("i", 0), 0))
    assert client.menu("EventGroup", "a(isvu)", ([(gone, "clicked", ("i", 0), 0), (0, "opened", ("i", 0), 0)],)) == (
        [gone],
    )
    assert running.events == []


def test_underscores_are_doubled_and_ampersands_left_alone(run_tray, host):
    run_tray(snapshot(view("a_b__c&d")))
    client = host()
    assert client.find("a_b__c&d").properties["label"] == "a__b____c&d — 43 min left"


def test_the_icon_comes_as_argb_in_all_sizes(run_tray, host):
    run_tray(TWO)
    pixmaps = host().property("IconPixmap")
    assert [(width, height) for width, height, _ in pixmaps] == [(s, s) for s in (16, 22, 24, 32, 48, 64)]
    for width, height, data in pixmaps:
        assert len(data) == 4 * width * height
        # This pixel is on the shield, below the check mark.
        edge = 4 * (height * 72 // 100 * width + width // 2)
        alpha, red, green, blue = data[edge : edge + 4]
        assert alpha == 255
        assert green > red
        assert green > blue
        # The corner is transparent.
        assert data[0] == 0


def test_trouble_asks_for_attention_and_says_so(run_tray, host):
    running = run_tray(TWO)
    client = host()
    quiet = client.properties()
    assert (quiet["Status"], quiet["Id"], quiet["ItemIsMenu"]) == ("Active", "traycreds", True)
    assert quiet["ToolTip"][2:] == ("default: dev", "traycreds: 2 roles fresh\nprod-admin: 12 min left")
    bad = view("dev", Status.FAILED, None, error="AWS refused role dev.", needs_user=True)
    running.tray.show(snapshot(bad, overall=Status.FAILED))
    assert until(lambda: client.signals("NewStatus")) == [("NeedsAttention",)]
    assert client.property("ToolTip")[2:] == ("default: no role", "traycreds: dev needs you: AWS refused role dev")
    assert client.wait_for("dev — needs you: AWS refused role dev")


def test_the_layout_can_be_read_in_parts(run_tray, host):
    run_tray(TWO)
    client = host()
    _, (_, _, lines) = client.menu("GetLayout", "iias", (0, 1, ["label"]))
    copy = next(line for _, line in lines if line[1].get("label") == ("s", "Copy"))
    assert copy[1:] == ({"label": ("s", "Copy")}, [])
    _, (id_, _, below) = client.menu("GetLayout", "iias", (copy[0], 1, []))
    assert (id_, len(below)) == (copy[0], 2)
    [group] = client.menu("GetGroupProperties", "aias", ([copy[0], 9999], ["children-display"]))
    assert group == [(copy[0], {"children-display": ("s", "submenu")})]
    assert client.menu("GetProperty", "is", (copy[0], "label")) == (("s", "Copy"),)
    assert client.menu("AboutToShow", "i", (copy[0],)) == (False,)
    assert client.menu("AboutToShowGroup", "ai", ([0, 9999],)) == ([], [9999])


def test_a_panel_that_restarts_gets_the_icon_again(run_tray, bus, timers):
    first = Watcher(bus)
    running = run_tray(TWO)
    name = first.item()
    first.close()
    with Watcher(bus) as second:
        assert second.item() == name
        until(lambda: running.tray._icon._hosted and running.tray._icon._read_by_host, "it is drawn")
        timers.run_out(running)
    assert running.notices == []


def test_without_a_tray_host_a_notice_says_so_once_and_the_icon_comes_later(run_tray, bus):
    running = run_tray(TWO, patience=0.05)
    [sentence] = until(lambda: running.notices)
    assert "AppIndicator" in sentence
    with Watcher(bus) as late:
        assert late.item().startswith(":"), "hosts know it by its unique name"
    assert len(running.notices) == 1
    assert not running.ended()


def test_a_watcher_without_a_host_counts_as_none(run_tray, bus):
    with Watcher(bus, hosted=False) as empty:
        running = run_tray(TWO, patience=0.05)
        empty.item()
        assert len(until(lambda: running.notices)) == 1


def test_a_host_that_takes_the_icon_but_does_not_draw_it_is_reported(run_tray, bus):
    with Watcher(bus, draws=False) as careless:
        running = run_tray(TWO, patience=0.05)
        careless.item()
        [sentence] = until(lambda: running.notices)
        assert len(careless.items) == 1, "a second try could bring a second icon to a slow host"
    assert sentence == NOT_DRAWN
    # The panel or its extension restarts.
    with Watcher(bus) as restarted:
        restarted.item()
        until(lambda: running.tray._icon._read_by_host, "it is drawn")
    assert running.notices == [sentence]


def test_without_a_bus_there_is_no_tray_and_in_a_desktop_session_there_is(bus, monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert tray.available().endswith("Start it from a desktop session to get one.")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    assert tray.available() is None


def test_before_the_first_snapshot_the_tray_says_that_it_starts(run_tray, host):
    run_tray()
    assert host().labels()[:2] == ["Starting", "Settings"]


def test_a_lost_bus_ends_the_tray(run_tray, bus, watcher):
    running = run_tray(TWO)
    watcher.item()
    bus.kill()
    until(running.ended)
    assert running.reason is None, "the desktop session is over: no reason to continue without an icon"


def test_stopping_takes_the_item_off_the_bus(run_tray, bus, watcher, host):
    running = run_tray(TWO)
    client = host()
    running.close()
    assert running.reason is None
    assert client._ask(DAEMON, "NameHasOwner", "s", (watcher.items[0],)) == (False,)


PROGRAM = """
import signal, sys
from datetime import datetime, timezone
from traycreds.core.snapshot import Snapshot
from traycreds.ui.tray.tray import Tray
tray = Tray(post=print, command=print, on_no_host=print)
signal.signal(signal.SIGTERM, lambda *_: tray.stop())
tray.show(Snapshot(as_of=datetime(2026, 11, 24, 12, tzinfo=timezone.utc)))
reason = tray.run(lambda: print("ready", "gi" in sys.modules or "Xlib" in sys.modules, flush=True))
print("ended", reason)
"""


def test_sigterm_ends_a_tray_that_sleeps_in_its_loop(bus, watcher):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=bus.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        watcher.item()
        assert process.stdout.readline() == "ready False\n"
        process.terminate()
        assert process.communicate(timeout=PATIENCE)[0] == "ended None\n"
        assert process.returncode == 0
