"""A first run on a private bus: nothing is configured, and clicks alone lead to a session that is kept alive."""

from __future__ import annotations

import functools

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.integration.sso.conftest import SsoHome
from tests.support.sandbox import ACCOUNT
from tests.support.sim import AwsSimulator
from tests.support.wait_until import PATIENCE, until, written

pytestmark = [pytest.mark.desktop, needs_bus]

FOUND = f"""
[profile prod]
role_arn = arn:aws:iam::{ACCOUNT}:role/prod
source_profile = base
[profile dev]
role_arn = arn:aws:iam::{ACCOUNT}:role/dev
source_profile = base
"""
OFFER = "Refreshed until you switch, or always with Keep alive"


@pytest.fixture
def start(sandbox, bus):
    """Start the app on the bus; it is ended with the test."""
    with sandbox.apps() as start_app:
        yield functools.partial(start_app, DBUS_SESSION_BUS_ADDRESS=bus.address)


@pytest.fixture
def found(sandbox):
    """Two roles in ~/.aws/config, and no traycreds configuration."""
    for name in ("prod", "dev"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        sandbox.simulator.world.add_role(arn, trust=[sandbox.owner.principal.arn], max_session=43200)
    with sandbox.aws_config.open("a") as config:
        config.write(FOUND)
    return sandbox


@pytest.fixture
def editor(sandbox, monkeypatch):
    """What opens files here; a folder in which it leaves a copy of each."""
    copies, program = sandbox.home / "opened", sandbox.home / "bin" / "xdg-open"
    for folder in (copies, program.parent):
        folder.mkdir()
    program.write_text(f'#!/bin/sh\ncp "$1" {copies}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return copies


def test_a_click_on_a_found_role_brings_a_session_and_a_button_that_keeps_it_alive(found, bus, watcher, host, start):
    with Notifications(bus) as service:
        app = start("run")
        menu = host()
        menu.wait_for("prod")
        menu.click("prod")
        assert found.wait_for_profile("default")["traycreds_role"] == "prod"
        notice = service.wait_for("prod has a session")
        assert notice.actions == ("0", "Keep alive")
        assert not menu.wait_for("Keep alive").checked
        service.invoke(notice.id, "0")
        until(lambda: menu.find("Keep alive").checked, "it is kept")
        until(lambda: notice.id in service.closed, "the notice is taken back")
        assert not any(label.startswith(OFFER) for label in menu.labels())
        assert not found.config.exists(), "nothing of it needs a configuration"
        menu.click("Quit")
        assert app.wait(PATIENCE) == 0
        start("run")
        until(lambda: len(watcher.items) == 2, "the second one registers")
        again = host()
        until(lambda: again.wait_for("Keep alive").checked, "it is kept after a restart, too")
        assert len(service.notices) == 1


@pytest.mark.parametrize("service", [None, ()], ids=["no notification service", "notices without buttons"])
def test_without_buttons_the_menu_s_own_line_says_it(found, bus, watcher, host, start, service):
    notices = None if service is None else Notifications(bus, capabilities=service)
    try:
        start("run")
        menu = host()
        menu.wait_for("prod")
        menu.click("prod")
        found.wait_for_profile("default")
        assert not menu.wait_for(OFFER).enabled
        if notices is not None:
            notice = notices.wait_for("prod has a session")
            assert (notice.actions, "Keep alive in the tray menu" in notice.body) == ((), True)
        lines = menu.labels()
        assert lines.index("Keep alive") == lines.index(menu.find(OFFER).label) + 1
        menu.click("Keep alive")
        until(lambda: menu.find("Keep alive").checked, "it is kept")
        until(lambda: not any(label.startswith(OFFER) for label in menu.labels()), "the line has done its work")
    finally:
        if notices is not None:
            notices.close()


def test_an_import_keeps_what_was_picked_before(found, bus, watcher, host, start, editor):
    """The default profile, the keeping, and the session: no further call is made for it."""
    with Notifications(bus) as service:
        start("run")
        menu = host()
        menu.wait_for("prod")
        menu.click("prod")
        service.invoke(service.wait_for("prod has a session").id, "0")
        until(lambda: menu.find("Keep alive").checked, "it is kept")
        before = found.profiles()
        calls = len(found.simulator.calls)
        menu.click("Import roles from ~/.aws/config")
        offer = service.wait_for("2 roles can be imported")
        assert not found.config.exists(), "nothing is written before it is seen"
        service.invoke(offer.id, "0")
        written(editor / "config.toml", "the new configuration is opened")
        assert '[roles.prod]\nfrom_profile = "prod"' in found.config.read_text()
        menu.wait_for("Settings", "Open configuration")
        assert "Import roles from ~/.aws/config" not in menu.labels()
        prod, dev = menu.find("prod — "), menu.find("dev")
        assert (prod.checked, dev.checked) == (True, False)
        assert menu.find("Keep alive").checked
        assert found.profiles() == before
        assert len(found.simulator.calls) == calls


def test_an_import_needs_no_notices(found, bus, watcher, host, start, editor):
    start("run")
    menu = host()
    menu.wait_for("Import roles")
    menu.click("Import roles from ~/.aws/config")
    menu.wait_for("Import 2 roles: prod and dev")
    assert not found.config.exists(), "nothing is written before it is seen"
    menu.click("Import 2 roles: prod and dev")
    written(editor / "config.toml", "the new configuration is opened")
    menu.wait_for("Settings", "Open configuration")
    assert not any(label.startswith("Import") for label in menu.labels())


def test_a_first_run_begins_a_commented_configuration(found, bus, watcher, host, start, editor):
    start("run")
    menu = host()
    menu.wait_for("Settings", "Create")
    menu.click("Settings", "Create a configuration file")
    written(editor / "config.toml", "the new configuration is opened")
    lines = found.config.read_text().splitlines()
    assert all(line.startswith("#") for line in lines if line), "it changes nothing until it is edited"
    assert '# [roles."prod"]' in lines


@pytest.fixture
def sso_home(home):
    with AwsSimulator() as simulator:
        yield SsoHome(home, simulator)


@pytest.mark.parametrize("by", ["the role", "the line of the sign-in"])
def test_a_sign_in_needs_no_terminal(sso_home, bus, watcher, host, by):
    """Without a configuration, a role behind a sign-in that there never was: by the role itself, or ahead of it."""
    with Notifications(bus) as service, sso_home.sandbox.apps() as start:
        start("run", DBUS_SESSION_BUS_ADDRESS=bus.address, **sso_home.endpoints, **sso_home.browser("allow"))
        menu = host()
        if by == "the role":
            menu.wait_for("sso")
            menu.click("sso")
        else:
            menu.wait_for("Sign in to corp")
            menu.click("Sign in to corp")
            service.wait_for("Signed in to corp")
            until(lambda: not any(each.startswith("Sign in to corp") for each in menu.labels()), "the line is gone")
            menu.click("sso")
        assert sso_home.sandbox.wait_for_profile("default")["traycreds_role"] == "sso"
        assert service.wait_for("sso has a session").actions == ("0", "Keep alive")
        assert sso_home.actions("AuthorizePage") == ["AuthorizePage"], "one page"
        assert not sso_home.sandbox.config.exists()


def test_without_a_notification_service_the_menu_says_what_became_of_a_click(found, bus, watcher, host, start):
    start("run", PATH=str(found.home / "no programs"))
    menu = host()
    menu.wait_for("prod")
    menu.click("prod")
    found.wait_for_profile("default")
    menu.wait_for("Settings", "Open log")
    menu.click("Settings", "Open log")
    assert menu.wait_for("Log not opened").children, "it opens to why"
    menu.click("Settings", "About traycreds")
    menu.wait_for("traycreds ", "Configuration: ~/")
    assert not any(label.startswith("Log not opened") for label in menu.labels()), "the next click's answer replaces it"
    menu.click("Refresh all")
    until(lambda: not any(label.startswith("traycreds ") for label in menu.labels()), "it goes with the next click")
