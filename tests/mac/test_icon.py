"""How the icon is seen in the menu bar, read to the blind, and what the system tells the app."""

from __future__ import annotations

import pytest

from tests.mac.mark import as_on_a_mac
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import until

pytestmark = as_on_a_mac

USER_INITIATED_ALLOWING_IDLE_SYSTEM_SLEEP = 0x00EFFFFF
"""NSProcessInfo.h: keeps App Nap off and lets the machine sleep."""


@pytest.fixture
def app(mac):
    mac.sandbox.add_role("dev", extra="keep = true")
    app = mac.start("run")
    mac.sandbox.wait_for_profile("dev-session")
    until(lambda: any(title.startswith("dev — ") and "left" in title for title in app.titles()), "the session")
    return app


def test_the_picture_is_sharp_and_has_the_color_of_the_bar_without_a_problem(app):
    until(lambda: app.ask("button")["label"] == app.ask("button")["tooltip"], "what VoiceOver reads")
    button = app.ask("button")
    assert (button["pixels"], button["points"], button["template"]) == ([36, 36], [18, 18], True)
    assert "dev" in button["label"]


def test_trouble_has_a_colour_that_fits_the_bar(mac):
    mac.sandbox.add_role("dev", extra="keep = true", trusted=False)
    app = mac.start("run")
    until(lambda: not app.ask("button")["template"], "the trouble")
    on_light = app.ask("button")
    assert (on_light["pixels"], on_light["points"]) == ([36, 36], [18, 18])
    assert on_light["colour"] == [0xCB, 0x2A, 0x1F], "the red for a light bar"
    app.ask("turn_bar", "NSAppearanceNameDarkAqua")
    until(lambda: app.ask("button")["colour"] == [0xFF, 0x7D, 0x72], "the red for a dark bar")


def test_app_nap_is_held_off_while_a_role_is_kept(app):
    until(lambda: app.ask("activities") == [USER_INITIATED_ALLOWING_IDLE_SYSTEM_SLEEP], "the activity")
    app.click("More actions", "dev")
    until(lambda: app.ask("activities") == [], "its end")
    app.click("More actions", "dev")
    until(lambda: len(app.ask("activities")) == 1, "another one")


@pytest.mark.parametrize("menu_open", [False, True], ids=["closed", "open"])
def test_a_locked_screen_pauses_and_a_wake_is_noticed(mac, menu_open):
    mac.sandbox.add_role("dev", extra="keep = true")
    with mac.sandbox.config.open("a", encoding="utf-8") as file:
        file.write("[settings]\npause_when_locked = true\n")
    app = mac.start("run")
    mac.sandbox.wait_for_profile("dev-session")
    app.wait_for("Pause refreshing")
    if menu_open:
        app.ask("open")
    shown = [line["tag"] for line in app.ask("menu")]
    until(lambda: app.ask("announce", "session", "com.apple.screenIsLocked"), "the app wants to know of the lock")
    until(lambda: is_paused(mac), "the pause")
    if menu_open:
        assert [line["tag"] for line in app.ask("menu")] == shown, "an open menu keeps its lines"
    else:
        app.wait_for("Resume refreshing")
    assert app.ask("announce", "machine", "NSWorkspaceDidWakeNotification")
    assert app.ask("announce", "session", "com.apple.screenIsUnlocked")
    until(lambda: not is_paused(mac), "its end")
    if menu_open:
        app.ask("close")
    app.wait_for("Pause refreshing")


def is_paused(mac):
    return mac.command("status").stdout.startswith("Paused")


@pytest.mark.parametrize("menu_open", [False, True], ids=["closed", "open"])
def test_a_code_is_asked_for_in_a_dialog_of_the_system(mac, menu_open):
    mfa = Mfa(mac.sandbox)
    mfa.add_role("prod", "keep = true")
    app = mac.start("run", **mfa.environment())
    app.click("Enter MFA code")
    until(lambda: any("display dialog" in call for call in app.called("osascript")), "the dialog")
    if menu_open:
        app.ask("open")
    (mac.sandbox.home / "ready").write_text(mfa.code())
    (mac.sandbox.home / "ready").rename(mac.sandbox.home / "answer")
    mac.sandbox.wait_for_profile("prod-session")
    assert mfa.code() not in "".join(app.called("osascript"))
    if menu_open:
        app.ask("close")
    until(lambda: not any(title.startswith("Enter MFA") for title in app.titles()), "the line is gone")
