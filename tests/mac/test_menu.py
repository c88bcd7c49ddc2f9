"""Every line of the menu does what it said when it was clicked, whatever the menu has become meanwhile."""

from __future__ import annotations

import json

import pytest

from tests.mac.mark import as_on_a_mac
from tests.support.wait_until import until, written
from traycreds.desktop.autostart_macos import LABEL

pytestmark = as_on_a_mac


@pytest.fixture
def start(mac):
    """Start the app with these roles, and wait for their sessions."""

    def started(*names):
        for name in names:
            mac.sandbox.add_role(name, extra="keep = true")
        app = mac.start("run")
        for name in names:
            app.wait_for(f"{name} — ")
            mac.sandbox.wait_for_profile(f"{name}-session")
        busy = (" — getting", " — refreshing")
        until(lambda: not any(words in title for words in busy for title in app.titles()), "all are shown")
        return app

    return started


def notices(app):
    return [call for call in app.called("osascript") if "display notification" in call]


def default(mac):
    return mac.sandbox.profiles().get("default", {}).get("traycreds_role")


def test_a_click_makes_a_role_the_default_profile(mac, start):
    app = start("dev", "staging")
    assert app.click("staging").startswith("staging — ")
    until(lambda: default(mac) == "staging", "the switch")
    until(
        lambda: [line["state"] for line in app.ask("menu") if line["title"].startswith("staging — ")] == [1], "the mark"
    )
    app.click("dev")
    until(lambda: default(mac) == "dev", "the switch back")


def test_every_line_does_what_it_says(mac, start):
    app = start("dev")
    home = mac.sandbox.home
    app.click("dev")
    until(lambda: default(mac) == "dev", "the default")
    app.click("Settings", "Open configuration")
    until(lambda: f"-t {mac.sandbox.config} " in app.called("open"), "the editor")
    app.click("Settings", "Check configuration")
    until(lambda: len(notices(app)) == 1, "what the check found")
    app.click("Settings", "Open log")
    until(lambda: any("traycreds.log" in call for call in app.called("open")), "the log")
    app.click("Settings", "About")
    until(lambda: len(notices(app)) == 2, "about the program")
    app.click("Copy", "Profile name")
    assert written(home / "clipboard", "the name") == "dev-session"
    app.click("Copy", "Environment variables")
    until(lambda: "AWS_SESSION_TOKEN" in (home / "clipboard").read_text(), "the variables")
    app.click("Copy", "Account ID")
    until(lambda: (home / "clipboard").read_text() == "123456789012", "the account")

    asked = len(mac.sandbox.simulator.calls)
    app.click("More actions", "Refresh now")
    until(lambda: len(mac.sandbox.simulator.calls) > asked, "a new session")
    app.click("More actions", "Keep alive for 1")
    app.wait_for("Keep alive until")
    app.click("Keep alive")
    until(lambda: not kept(mac), "it is kept no longer")
    app.click("Keep alive")
    until(lambda: kept(mac), "it is kept")
    app.click("More actions", "Do not use as default")
    until(lambda: default(mac) is None, "no default")
    app.click("Start at login")
    until(lambda: agent(mac).exists(), "the agent")
    until(lambda: [line["state"] for line in app.ask("menu") if line["title"] == "Start at login"] == [1], "the mark")
    app.click("Start at login")
    until(lambda: not agent(mac).exists(), "no agent")
    app.click("Pause refreshing")
    app.wait_for("Resume refreshing")
    app.click("Resume refreshing")
    app.wait_for("Pause refreshing")
    app.click("Refresh all")
    app.ask("open")
    app.ask("close")
    until(lambda: not app.ask("is_open"), "the menu is closed")
    app.click("Quit")
    assert app.wait() == 0
    assert mac.socket_file() is None


def kept(mac):
    """Whether the first role is kept alive."""
    return json.loads(mac.command("status", "--json").stdout)["roles"][0]["kept"]


def agent(mac):
    """What starts the app at login."""
    return mac.sandbox.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def names(mac):
    """The roles that the running app knows."""
    return [role["name"] for role in json.loads(mac.command("status", "--json").stdout)["roles"]]


def test_a_line_of_an_open_menu_does_what_it_offered_even_if_the_one_above_is_gone(mac, start):
    app = start("dev", "staging", "prod")
    app.ask("open")
    shown = app.ask("menu")
    text = mac.sandbox.config.read_text()
    begin = text.index("[roles.dev]")
    mac.sandbox.config.write_text(text[:begin] + text[text.index("[roles.staging]") :])
    until(lambda: names(mac) == ["staging", "prod"], "the app knows that dev is gone")
    assert [line["tag"] for line in app.ask("menu")] == [line["tag"] for line in shown], "the open menu keeps its lines"
    assert app.ask("choose", "staging").startswith("staging — ")
    until(lambda: default(mac) is not None, "a switch")
    assert default(mac) == "staging"
    until(lambda: not any(title.startswith("dev") for title in app.titles()), "the next menu has the current lines")


def test_a_line_that_has_gone_is_clicked_for_nothing_and_hits_no_other(mac, start):
    app = start("dev", "staging", "prod")
    app.ask("open")
    text = mac.sandbox.config.read_text()
    mac.sandbox.config.write_text(text[text.index("[roles.staging]") :])
    until(lambda: names(mac) == ["staging", "prod"], "the app knows that dev is gone")
    app.ask("choose", "dev")
    app.click("prod")
    until(lambda: default(mac) is not None, "a switch")
    assert default(mac) == "prod", "what was clicked after it"


def test_an_open_menu_counts_down_with_the_same_lines(mac):
    app = mac.start("demo", "--speed", "60")
    app.wait_for("staging — 1")
    app.ask("open")
    before = app.ask("menu")
    until(lambda: app.titles() != [line["title"] for line in before], "another minute")
    assert [line["tag"] for line in app.ask("menu")] == [line["tag"] for line in before]
    app.ask("close")
