"""The key `s` of the live view signs in as `traycreds login` does, and the waiting role is refreshed."""

from __future__ import annotations

import pytest

from tests.support.wait_until import until
from tests.support.window import Window
from tests.windows.mark import not_on_windows

pytestmark = not_on_windows
pytest.importorskip("prompt_toolkit")


@pytest.fixture
def window(sso_home):
    sso_home.sandbox.config.parent.mkdir(parents=True)
    sso_home.sandbox.config.write_text('[roles.admin]\nfrom_profile = "sso"\nkeep = true\n')
    opened = []

    def open_it(*arguments, **more):
        environment = sso_home.sandbox.environment(**sso_home.endpoints, **more)
        opened.append(Window(environment, *arguments, columns=120))
        return opened[-1]

    yield open_it
    for each in opened:
        each.terminal.kill()


def test_it_signs_in_and_the_role_is_refreshed(sso_home, window):
    view = window("run", "--no-tray", **sso_home.browser("allow"))
    view.wait_for("s sign in", "Needs a sign-in", "Press s to sign in.")
    assert sso_home.actions("AuthorizePage") == []
    view.type("s")
    view.wait_for("You are signed in: corp", "Fresh, ")
    assert sso_home.sandbox.wait_for_profile("admin-session")
    view.type("q")
    assert view.end() == 0


def test_beside_a_running_app_it_names_the_page(sso_home, window):
    with sso_home.sandbox.apps() as start:
        start("run", "--no-tray", **sso_home.endpoints)
        until(sso_home.sandbox.listens, "the app takes commands")
        view = window("watch", **sso_home.browser("leave"))
        view.wait_for("s sign in")
        view.type("s")
        view.wait_for("Opening the sign-in page of corp in your browser.", "If none opens, go to http://127.0.0.1:")
        view.type("q")
        assert view.end() == 0
        assert "Opening the sign-in page of corp" in view.scrollback
        assert sso_home.sandbox.command("quit").returncode == 0


def test_what_the_browser_prints_is_not_seen(sso_home, window):
    browser = sso_home.sandbox.home / "printing-browser"
    visitor = sso_home.browser("allow")["BROWSER"]
    browser.write_text(f"#!/bin/sh\necho NOISE\necho NOISE >&2\nexec '{visitor}' \"$@\"\n")
    browser.chmod(0o755)
    view = window("run", "--no-tray", BROWSER=str(browser))
    view.wait_for("s sign in")
    view.type("s")
    view.wait_for("You are signed in: corp", "Fresh, ")
    view.type("q")
    assert view.end() == 0
    assert "NOISE" not in view.output
    assert "You are signed in: corp" in view.scrollback, "standard output leads to the terminal again"
