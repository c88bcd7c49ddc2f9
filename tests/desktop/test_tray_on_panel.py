"""The Tray with pixels: a real xfce4-panel shows it, xdotool clicks it, the screen is looked at."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desktop.desktop import PANEL_HEIGHT
from tests.desktop.test_tray_on_bus import snapshot, view
from tests.desktop.x11 import Screen, needs_lxqt, needs_screen
from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.core.events import RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace

pytestmark = [pytest.mark.desktop, needs_screen]

GREEN, RED, AMBER, VIOLET = "#12a06b", "#e0382c", "#f5a50b", "#8256e8"
MENU_HEIGHT = 150
"""Pixels that the shortest menu here surely has."""
ROLES = (
    view("dev", is_default=True),
    view("staging_eu", minutes=27),
    view("prod-admin", Status.EXPIRING, 4, error="AWS STS cannot be reached.", hint="Check the network."),
    view("audit", Status.FAILED, None, error="The sign-in of corp has ended.", hint="Sign in again.", needs_user=True),
    view("sandbox", Status.OFF, None, kept=False),
)


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.thorough)])
def screen(request, tmp_path, monkeypatch):
    with Screen(tmp_path, dark=request.param == "dark") as desktop:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.bus.address)
        yield desktop
    keep_pictures(tmp_path, request.param)


def keep_pictures(folder, name):
    """For anyone who wants to look at them: SHOTS_FOLDER names a folder."""
    shots = os.environ.get("SHOTS_FOLDER")
    if shots:
        for picture in folder.glob("menu*.png"):
            shutil.copy(picture, Path(shots) / f"{name}-{picture.name}")


def test_the_panel_shows_the_icon_and_the_menu_chooses_a_role(run_tray, screen):
    fine = snapshot(*ROLES[:2], next_refresh_at=NOW + timedelta(minutes=9))
    running = run_tray(fine)
    green = until(lambda: screen.find_colour(GREEN), "a green icon in the panel")
    assert 60 < len(green) < 400, "about the area of a shield of 22 pixels"
    x, y = green[len(green) // 2]

    closed = screen.still()
    screen.click(x, y)
    until(lambda: changed_height(closed, screen.picture()) > MENU_HEIGHT, "a menu hangs below the panel")
    opened = screen.still("menu")

    # The labels count down, so the open menu changes.
    running.tray.show(replace(fine, as_of=NOW + timedelta(minutes=1)))
    until(lambda: changed_height(opened, screen.picture()), "the open menu counts down")
    assert changed_height(closed, screen.still()) > MENU_HEIGHT, "and it stays open"

    # The header cannot be chosen, so the keys go to `dev` and then to `staging_eu`.
    screen.keys("Down", "Down", "Return")
    assert until(lambda: running.events, "the click arrives") == [RoleChosen(RoleName("staging_eu"))]
    assert not running.notices

    running.tray.show(snapshot(*ROLES, overall=Status.FAILED))
    until(lambda: screen.find_colour(VIOLET), "an icon that says that a person is wanted")
    assert not screen.find_colour(GREEN)
    screen.click(x, y)
    screen.still()
    screen.keys("Down", "Down")
    screen.still("menu-trouble")
    screen.keys("Escape")
    running.tray.show(snapshot(replace(ROLES[3], needs_user=False), overall=Status.FAILED))
    until(lambda: screen.find_colour(RED), "a red icon in the panel")
    running.tray.show(snapshot(*ROLES[:3], overall=Status.EXPIRING))
    until(lambda: screen.find_colour(AMBER), "an amber icon in the panel")


@needs_lxqt
def test_a_second_panel_shows_the_same(run_tray, tmp_path, monkeypatch):
    """lxqt-panel: Qt's menus, opened by the right button."""
    with Screen(tmp_path, panel="lxqt-panel") as screen:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", screen.bus.address)
        running = run_tray(snapshot(*ROLES[:2]))
        green = until(lambda: screen.find_colour(GREEN), "a green icon in the panel")
        x, y = green[len(green) // 2]
        closed = screen.still()
        screen.click(x, y, 3)
        until(lambda: changed_height(closed, screen.picture()) > MENU_HEIGHT, "a menu hangs below the panel")
        screen.still("menu-lxqt")
        # The keys go to `dev` and then to `staging_eu`.
        screen.keys("Down", "Down", "Return")
        assert until(lambda: running.events, "the click arrives") == [RoleChosen(RoleName("staging_eu"))]
        running.tray.show(snapshot(*ROLES, overall=Status.FAILED))
        until(lambda: screen.find_colour(VIOLET), "an icon that says that a person is wanted")
        assert not running.notices
        running.close()
    keep_pictures(tmp_path, "lxqt")


def changed_height(before, after) -> int:
    """Rows below the panel that differ."""
    wide = before.width
    first, second = before.tobytes(), after.tobytes()
    rows = range(PANEL_HEIGHT, before.height)
    return sum(
        first[3 * wide * row : 3 * wide * (row + 1)] != second[3 * wide * row : 3 * wide * (row + 1)] for row in rows
    )
