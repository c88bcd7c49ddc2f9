"""A team's file with nothing but the desktop: told, read, accepted by clicks; its program only after a click of its own."""

from __future__ import annotations

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.support.sandbox import ACCOUNT
from tests.support.wait_until import until, written

pytestmark = [pytest.mark.desktop, needs_bus]


@pytest.fixture
def app(sandbox, bus, tmp_path):
    """Start the app, with a program that opens files; it is ended with the test."""
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/opened\n')
    opener.chmod(0o755)
    running = []

    def started():
        running.append(
            sandbox.start("run", DBUS_SESSION_BUS_ADDRESS=bus.address, PATH=f"{opener.parent}:/usr/bin:/bin")
        )
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate(timeout=20)


def test_roles_of_the_team_come_by_clicks_alone(sandbox, bus, watcher, host, app, tmp_path):
    ran = tmp_path / "ran"
    program = tmp_path / "code"
    program.write_text(f"#!/bin/sh\ntouch {ran}\necho 123456\n")
    program.chmod(0o755)
    sandbox.add_role("mine")
    sandbox.config.write_text('include = ["team.toml"]\n' + sandbox.config.read_text())
    arn = f"arn:aws:iam::{ACCOUNT}:role/ops"
    sandbox.simulator.world.add_role(arn, trust=[sandbox.owner.principal.arn], max_session=43200)
    sandbox.config.with_name("team.toml").write_text(
        f'[roles.ops]\nrole_arn = "{arn}"\nsource_profile = "base"\n'
        f'[roles.vault]\nrole_arn = "{arn}"\nsource_profile = "base"\n'
        f'mfa_serial = "arn:aws:iam::{ACCOUNT}:mfa/me"\nmfa_process = "{program}"\n'
    )
    with Notifications(bus) as service:
        app()
        menu = host()
        notice = service.wait_for("team.toml: 2 added.")
        assert notice.title == "Team roles wait for your review"
        assert notice.actions == ("0", "Review…")
        assert not any(label.startswith("ops") for label in menu.labels())
        menu.click("Settings", "Review team roles")
        offer = service.wait_for("Read the list")
        assert offer.actions == ("0", "Accept")
        assert f"{program}\n" in written(tmp_path / "opened", "the review is opened")
        assert not any(label.startswith("ops") for label in menu.labels())
        service.invoke(offer.id, "0")
        asked = service.wait_for("name a program to run")
        until(lambda: any(label.startswith("ops") for label in menu.labels()), "the role is in the menu")
        assert "Without it, you enter MFA codes." in asked.body
        menu.click("ops")
        assert sandbox.wait_for_profile("default")["traycreds_role"] == "ops"
        menu.click("More actions", "vault")
        service.wait_for("No MFA code")
        assert not ran.exists()
        # People whose desktop has no buttons on notices use the menu.
        menu.click("Settings", "Allow reviewed team programs")
        service.wait_for("The program is allowed to run")
        # By the time `status` answers, the app has checked which programs are allowed.
        assert sandbox.command("status").returncode == 0
        until(ran.exists, "the program is run, since the role is kept")
