"""The Tray and the clipboard on Wayland, without any X11: waybar in sway shows the icon, real clicks choose a role."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from tests.desktop.session_bus import MenuClient, registered_items
from tests.desktop.test_tray_on_bus import snapshot, view
from tests.desktop.test_tray_on_panel import GREEN, RED, changed_height, keep_pictures
from tests.desktop.wayland import Wayland, needs_wayland
from tests.support.builders import NOW
from tests.support.process_list import command_lines
from tests.support.sandbox import Sandbox
from tests.support.wait_until import until
from traycreds.core.events import RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.desktop import clipboard
from traycreds.sim.simulator import Simulator

pytestmark = [pytest.mark.desktop, needs_wayland]

TEXT = "export AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEYaa'\nü\n"
SECOND_ROLE = (120, 107)
"""Where the second role of the menu is, from the pointer that opened it: so far to the left, and from the top."""


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.thorough)])
def wayland(request, tmp_path, monkeypatch):
    with Wayland(tmp_path, dark=request.param == "dark") as desktop:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.bus.address)
        monkeypatch.delenv("DISPLAY", raising=False)
        yield desktop
    keep_pictures(tmp_path, f"wayland-{request.param}")


def test_waybar_shows_the_icon_and_a_click_chooses_a_role(run_tray, wayland):
    fine = snapshot(view("dev", is_default=True), view("staging_eu", minutes=27))
    running = run_tray(fine)
    green = until(lambda: wayland.find_colour(GREEN), "a green icon in the bar")
    assert 60 < len(green) < 400, "about the area of a shield of 22 pixels"
    x, y = green[len(green) // 2]

    closed = wayland.still()
    wayland.click(x, y)
    until(lambda: changed_height(closed, wayland.picture()) > 150, "a menu hangs below the bar")
    left, top = x - SECOND_ROLE[0], SECOND_ROLE[1]
    # This also moves the pointer away from the tooltip.
    wayland.pointer.move(left, top)
    opened = wayland.still("menu")

    running.tray.show(replace(fine, as_of=NOW + timedelta(minutes=1)))
    until(lambda: changed_height(opened, wayland.picture()), "the open menu counts down")
    assert changed_height(closed, wayland.still()) > 150, "and it stays open"

    wayland.click(left, top)
    assert until(lambda: running.events, "the click arrives") == [RoleChosen(RoleName("staging_eu"))]
    running.tray.show(replace(fine, overall=Status.FAILED))
    until(lambda: wayland.find_colour(RED), "a red icon in the bar")
    assert not running.notices


@pytest.fixture
def plain(tmp_path):
    with Wayland(tmp_path) as desktop:
        yield desktop


def test_what_is_copied_can_be_pasted_and_is_on_no_command_line(plain):
    environ = plain.environment()
    assert clipboard.fill_command(environ)[0].endswith("wl-copy")
    clipboard.put("before", environ)
    clipboard.put(TEXT, environ)
    until(lambda: plain.paste() == TEXT, "the text can be pasted")
    running = [line for line in command_lines().values() if "wl-copy" in line]
    assert running, "wl-copy keeps the clipboard"
    assert not [line for line in running if "wJalr" in line]


def test_the_app_itself_runs_without_x11_and_copies_a_session(plain, home):
    """The whole program: waybar shows its icon, its menu copies a session, and it ends on Quit."""
    with Simulator() as simulator, contextlib.ExitStack() as stack:
        sandbox = Sandbox(home, simulator)
        sandbox.add_role("dev", extra="keep = true")
        needed = ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE")
        app = sandbox.start("run", SHELL="/bin/bash", **{name: plain.environment()[name] for name in needed})
        stack.callback(app.communicate)
        stack.callback(app.kill)
        sandbox.wait_for_profile("dev-session")
        until(lambda: plain.find_colour(GREEN), "a green icon in the bar")
        (item,) = registered_items(plain.bus)
        menu = stack.enter_context(MenuClient(plain.bus, item))
        menu.click("dev")
        menu.wait_for("Copy", "Environment variables")
        menu.click("Copy", "Environment variables")
        key = sandbox.profiles()["dev-session"]["aws_secret_access_key"]
        until(lambda: key in plain.paste(), "the keys can be pasted")
        assert "export AWS_SESSION_TOKEN='" in plain.paste()
        menu.click("Quit")
        assert app.wait(20) == 0
        until(lambda: not plain.find_colour(GREEN), "the icon goes")
