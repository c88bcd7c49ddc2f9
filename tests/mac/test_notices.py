"""Notices as macOS shows them: in its Notification Center, with the user's permission, or by osascript."""

from __future__ import annotations

import pytest

from tests.mac.mark import as_on_a_mac
from tests.mac.variables import BUNDLE, UNSIGNED
from tests.support.wait_until import until

pytestmark = as_on_a_mac

APP = {BUNDLE: "io.github.traycreds.traycreds"}
OFF = "Notices are off: System Settings > Notifications > traycreds"
SCRIPT_EDITOR = "No notices? Run: traycreds doctor --notify"


@pytest.fixture
def start(mac):
    """Start the app with a role that is kept, and wait for its session."""

    def started(trusted=True, **more):
        mac.sandbox.add_role("dev", extra="keep = true", trusted=trusted)
        app = mac.start("run", **more)
        if trusted:
            mac.sandbox.wait_for_profile("dev-session")
        return app

    return started


def titles(app):
    return [notice["title"] for notice in app.ask("notices")]


def notices_by_osascript(app):
    return [call for call in app.called("osascript") if "display notification" in call]


def allowed(app):
    """The user allows notices once macOS asks."""
    until(lambda: app.ask("permission_asked") == 1, "the question")
    app.ask("answer_permission", True)
    return app


def test_permission_is_asked_once_the_first_session_of_a_kept_role_is_there_and_not_before(mac):
    mac.sandbox.add_role("dev")
    app = mac.start("run", **APP)
    app.wait_for("dev")
    assert mac.command("status", "--json").returncode == 0
    assert app.ask("permission_asked") == 0, "no role is kept"
    app.click("More actions", "dev")
    mac.sandbox.wait_for_profile("dev-session")
    until(lambda: app.ask("permission_asked") == 1, "the question")
    app.ask("answer_permission", True)
    app.click("Settings", "Check configuration")
    until(lambda: titles(app), "what the check found")
    assert app.ask("permission_asked") == 1


def test_a_notice_waits_for_the_answer_and_is_shown_then(start):
    app = start(**APP)
    until(lambda: app.ask("permission_asked") == 1, "the question")
    app.click("Settings", "About")
    app.click("Settings", "Check configuration")
    assert titles(app) == []
    app.ask("answer_permission", True)
    until(lambda: len(titles(app)) == 2, "both")
    assert notices_by_osascript(app) == []


def test_a_notice_comes_before_any_session_has_been_got_so_that_it_asks(start):
    app = start(trusted=False, **APP)
    until(lambda: app.ask("permission_asked") > 0, "the question")
    app.ask("answer_permission", True)
    until(lambda: titles(app), "the notice")
    assert "dev" in titles(app)[0]


@pytest.mark.parametrize("menu_open", [False, True], ids=["closed", "open"])
def test_a_button_does_what_it_says(mac, start, menu_open):
    app = start(trusted=False, **APP)
    until(lambda: app.ask("permission_asked") > 0, "the question")
    app.ask("answer_permission", True)
    until(lambda: titles(app), "the notice")
    (notice,) = app.ask("notices")
    assert notice["buttons"] == ["Refresh now"]
    if menu_open:
        app.ask("open")
    asked = len(mac.sandbox.simulator.calls)
    app.ask("press", notice["title"], "Refresh now")
    until(lambda: len(mac.sandbox.simulator.calls) > asked, "another try")


def test_what_holds_no_longer_is_taken_back(mac, start):
    app = start(trusted=False, **APP)
    until(lambda: app.ask("permission_asked") > 0, "the question")
    app.ask("answer_permission", True)
    until(lambda: titles(app), "the notice")
    text = mac.sandbox.config.read_text()
    mac.sandbox.config.write_text(text[: text.index("[roles.dev]")])
    assert mac.command("status").returncode == 0, "the app reads what was saved a moment ago"
    until(lambda: titles(app) == [], "it is gone")


def test_a_click_beside_the_buttons_does_nothing(start):
    app = allowed(start(**APP))
    app.click("Settings", "About")
    until(lambda: titles(app), "the notice")
    app.ask("press", titles(app)[0], None)
    assert titles(app) == []
    app.click("Settings", "About")
    until(lambda: titles(app), "another one")


def test_the_end_takes_notices_away_whose_buttons_would_do_nothing(mac, start):
    app = allowed(start(**APP))
    app.click("Settings", "About")
    until(lambda: titles(app), "the notice")
    app.log_out()
    assert app.wait() == 0
    assert (mac.sandbox.home / "taken-back").read_text() == "about\n"


def test_a_refusal_is_reported_in_the_menu_and_by_doctor_and_no_other_way_is_tried(mac, start):
    app = start(**APP)
    until(lambda: app.ask("permission_asked") == 1, "the question")
    app.ask("answer_permission", False)
    app.click("Settings", "Check configuration")
    # After this click, the app checks whether it may show notices.
    app.click("Start at login")
    app.wait_for(OFF)
    assert titles(app) == []
    assert notices_by_osascript(app) == []
    found = mac.command("doctor", "--notify", **APP)
    assert found.returncode == 4
    assert "Allow them in System Settings > Notifications > traycreds." in found.stderr
    app.ask("answer_permission", True)
    found = mac.command("doctor", "--notify", **APP)
    assert (found.returncode, found.stdout) == (
        0,
        "The running app sent a test notice through macOS's Notification Center.\n",
    )
    until(lambda: "traycreds: test notice" in titles(app), "the test notice")


def test_without_an_app_osascript_shows_them_and_doctor_says_how_to_allow_it(mac, start):
    app = start()
    found = mac.command("doctor", "--notify")
    assert found.returncode == 0
    assert "through osascript, as Script Editor" in found.stdout
    assert "if System Settings > Notifications allows notices from Script Editor" in found.stdout
    assert len(notices_by_osascript(app)) == 1
    until(lambda: SCRIPT_EDITOR in app.titles("Settings"), "the line")
    assert OFF not in app.titles()
    found = mac.command(*SCRIPT_EDITOR.partition("Run: traycreds ")[2].split())
    assert found.stdout.startswith("The running app sent a test notice through osascript, as Script Editor.")
    assert len(notices_by_osascript(app)) == 2
    app.click("Settings", "About")
    until(lambda: len(notices_by_osascript(app)) == 3, "a notice")
    app.click("Settings", "About")
    until(lambda: len(notices_by_osascript(app)) == 4, "another one")
    log = (mac.sandbox.home / "Library" / "Logs" / "traycreds" / "traycreds.log").read_text(encoding="utf-8")
    assert log.count("allows notices from Script Editor") == 1, "once a run"


def test_an_app_that_macos_lets_send_none_falls_back_to_osascript(mac, start):
    app = start(**APP, **{UNSIGNED: "1"})
    app.click("Settings", "About")
    until(lambda: notices_by_osascript(app), "the notice")
    until(lambda: SCRIPT_EDITOR in app.titles("Settings"), "the line")


def test_without_a_running_app_the_command_sends_the_notice_itself(mac):
    found = mac.command("doctor", "--notify")
    assert found.returncode == 0
    assert found.stdout.startswith("No app is running, so this command sent a test notice through osascript")
