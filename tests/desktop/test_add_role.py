"""The window that adds a role, on a real screen: from the menu of a first run to the session, with real keys."""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
import sys

import pytest

pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")

from tests.desktop.desktop import start_x
from tests.desktop.session_bus import MenuClient, Notifications, item_of, needs_bus
from tests.desktop.test_find_role import Keys
from tests.desktop.wayland import Wayland, needs_wayland, needs_xwayland
from tests.desktop.x11 import needs_screen
from tests.support.process_list import command_lines
from tests.support.sandbox import ACCOUNT
from tests.support.wait_until import until
from traycreds.ui.dialog_program import CANNOT_SHOW, REFUSED
from traycreds.ui.new_role.window import TITLE

pytestmark = [pytest.mark.desktop, needs_bus, needs_screen]

ARN = f"arn:aws:iam::{ACCOUNT}:role/team/Admin"
BEFORE = "# mine\n[roles.dev]   # and this\nrole_arn = 'arn:aws:iam::123456789012:role/dev'\nsource_profile = 'base'"


@pytest.fixture
def screen():
    with contextlib.ExitStack() as processes:
        yield Keys(start_x(processes), title=TITLE)


@pytest.fixture
def begin(sandbox, bus, watcher, screen):
    """Start the app on the screen, where AWS has the role; it is ended with the test."""
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn], max_session=43200)
    with sandbox.apps() as start_app:
        yield functools.partial(start_app, "run", DBUS_SESSION_BUS_ADDRESS=bus.address, DISPLAY=screen.display)


def processes(sandbox):
    return [pid for pid, line in command_lines(f"HOME={sandbox.home}").items() if line.endswith("add-role")]


def test_a_person_without_any_role_adds_one_and_has_its_session(sandbox, bus, host, begin, screen):
    with Notifications(bus) as service:
        begin()
        menu = host()
        menu.wait_for("Add role")
        assert menu.labels()[:3] == ["No roles configured", "Import roles from ~/.aws/config", "Add role…"]
        menu.click("Add role")
        screen.type(ARN, "Return")
        sandbox.wait_for_profile("Admin-session")
        notice = service.wait_for("Admin was added")
        assert "Click it in the menu" in notice.body
        menu.wait_for("Admin — ")
        assert sandbox.config.read_text().endswith(
            f'\n[roles.Admin]\nrole_arn = "{ARN}"\nsource_profile = "base"\nkeep = true\n'
        )


def test_what_was_in_the_configuration_stays_and_a_mistake_is_not_taken(sandbox, bus, host, begin, screen):
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_bytes(BEFORE.encode())
    with Notifications(bus):
        begin()
        menu = host()
        menu.wait_for("Settings", "Add role")
        menu.click("Settings", "Add role")
        window = screen.focus()
        screen.xdotool("type", "--delay", "40", "4444")
        screen.xdotool("key", "Return", "Tab")
        screen.xdotool("type", "--delay", "40", "Admin")
        screen.xdotool("key", "Return")
        assert window in screen.windows(), "four digits are not an account"
        assert sandbox.config.read_bytes() == BEFORE.encode()
        screen.xdotool("key", "shift+Tab", "ctrl+a")
        screen.type(f"{ACCOUNT[:4]}-{ACCOUNT[4:8]}-{ACCOUNT[8:]}", "Tab", "Tab", "Tab", "Tab", "Tab", "space", "Return")
        menu.wait_for("Admin")
    text = sandbox.config.read_text()
    assert text.startswith(BEFORE)
    added = f'[roles.Admin]\nrole_arn = "arn:aws:iam::{ACCOUNT}:role/Admin"\nsource_profile = "base"\n'
    assert text.removeprefix(BEFORE).strip() == added.strip(), "not kept: the mark was taken away"


def test_escape_and_cancel_add_nothing_and_quitting_closes_the_window(sandbox, bus, host, begin, screen):
    with Notifications(bus) as service:
        app = begin()
        menu = host()
        menu.wait_for("Add role")
        menu.click("Add role")
        screen.type(ARN, "Escape")
        until(lambda: not processes(sandbox), "its process has ended")
        menu.click("Add role")
        screen.type(ARN, *["Tab"] * 6, "Return")
        assert not sandbox.config.exists()
        until(lambda: not processes(sandbox), "its process has ended")
        menu.click("Add role")
        screen.focus()
        menu.click("Add role")
        assert "behind your other windows" in service.wait_for("is already open").body
        assert len(processes(sandbox)) == 1
        menu.click("Quit")
        assert app.wait(20) == 0
        until(lambda: not processes(sandbox), "the window goes with the app")


@needs_wayland
@needs_xwayland
def test_on_wayland_its_window_comes_by_xwayland(sandbox, tmp_path):
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn], max_session=43200)
    (tmp_path / "desktop").mkdir()
    with Wayland(tmp_path / "desktop", xwayland=True) as desktop, sandbox.apps() as start_app:
        app = start_app("run", DBUS_SESSION_BUS_ADDRESS=desktop.bus.address, DISPLAY=desktop.x_display)
        with MenuClient(desktop.bus, until(lambda: item_of(desktop.bus, app.pid), "waybar has the icon")) as menu:
            menu.wait_for("Add role")
            menu.click("Add role")
            until(lambda: desktop.has_window(TITLE), "sway shows it")
            Keys(desktop.x_display, title=TITLE).type(ARN, "Return")
            sandbox.wait_for_profile("Admin-session")
            until(lambda: not desktop.has_window(TITLE), "it is gone")


def test_where_no_window_can_be_shown_the_menu_names_the_command(sandbox, bus, watcher, host):
    with sandbox.apps() as start_app:
        start_app("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        menu = host()
        assert not menu.wait_for("To add a role, run traycreds add").enabled
        assert not any(label.startswith("Add role") for label in menu.labels())


def asked(sandbox, **more):
    return subprocess.run(
        [sys.executable, "-m", "traycreds", "add-role"],
        input=json.dumps({"config": str(sandbox.config)}),
        env=sandbox.environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_screen_and_with_a_broken_configuration_it_says_so(sandbox):
    assert asked(sandbox).returncode == CANNOT_SHOW
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_text("[roles")
    broken = asked(sandbox)
    assert broken.returncode == REFUSED
    shown = json.loads(broken.stdout)
    assert "invalid TOML" in shown["sentence"]
    assert shown["hint"]
