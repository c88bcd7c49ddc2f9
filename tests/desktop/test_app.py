"""The real program on a private bus: the menu is read and clicked, the file changes, the notice arrives, it ends."""

from __future__ import annotations

import functools
import os
import pty
import signal
import subprocess
from contextlib import closing

import pytest

from tests.desktop.session_bus import MenuClient, Notifications, Watcher, needs_bus
from tests.support.wait_until import PATIENCE, until, written
from tools.bench.process import cpu
from traycreds.awsfiles.ini_edit import parse
from traycreds.sim.faults import Fault

pytestmark = [pytest.mark.desktop, needs_bus]


@pytest.fixture
def start(sandbox, bus):
    """Start the app on the bus; it is ended with the test."""
    with sandbox.apps() as start_app:
        yield functools.partial(start_app, DBUS_SESSION_BUS_ADDRESS=bus.address)


def test_a_click_makes_a_role_the_default_profile(sandbox, bus, watcher, host, start):
    sandbox.add_role("dev", extra="keep = true")
    sandbox.add_role("prod")
    with Notifications(bus):
        app = start("run")
        menu = host()
        sandbox.wait_for_profile("dev-session")
        assert "prod-session" not in sandbox.profiles()
        menu.click("prod")
        default = sandbox.wait_for_profile("default")
        assert default["traycreds_role"] == "prod"
        prod = sandbox.profiles()["prod-session"]
        assert default["aws_session_token"] == prod["aws_session_token"]
        assert sandbox.profiles()["base"]["aws_access_key_id"] == sandbox.owner.access_key_id
        assert sandbox.credentials_file.read_text().startswith("# my own keys\n[base]\n")
        until(lambda: any(label.startswith("prod — ") and "left" in label for label in menu.labels()), "the label")
        menu.click("Quit")
        assert app.wait(20) == 0


def test_in_a_terminal_one_line_says_where_the_app_is_and_how_to_end_it(sandbox, bus, watcher, host):
    terminal, side_of_app = pty.openpty()
    environment = sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address)
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), side_of_app)
    with subprocess.Popen([*sandbox.program, "run"], env=environment, **streams) as app:
        os.close(side_of_app)
        host()
        line = os.read(terminal, 4096).decode()
        assert line.startswith(
            "traycreds is in the tray. To stop it, press Ctrl-C, choose Quit in its menu or run `traycreds quit`."
        )
        app.send_signal(signal.SIGINT)
        assert app.wait(PATIENCE) == 0
    os.close(terminal)


def test_a_click_changes_the_region_of_a_role_and_back(sandbox, bus, watcher, host, start):
    sandbox.add_role("dev", extra='keep = true\nregion = "eu-west-1"')
    sandbox.aws_config.write_text("# mine\n")
    # The app waits before it edits a file that has just changed.
    os.utime(sandbox.aws_config, (1, 1))

    def region():
        return parse(sandbox.aws_config.read_text()).get("profile dev-session", {}).get("region")

    with Notifications(bus):
        start("run")
        menu = host()
        menu.click("dev")
        until(lambda: region() == "eu-west-1", "the configured one")
        menu.wait_for("Region: eu-west-1")
        menu.click("Region: eu-west-1", "us-west-2")
        until(lambda: region() == "us-west-2", "the chosen one")
        menu.wait_for("Region: us-west-2")
        menu.click("Region: us-west-2", "As configured (eu-west-1)")
        until(lambda: region() == "eu-west-1", "the configured one again")
        assert sandbox.aws_config.read_text().startswith("# mine\n")


def test_a_refusal_is_reported_with_what_to_do(sandbox, bus, watcher, host, start):
    sandbox.add_role("dev", extra="keep = true", trusted=False)
    before = sandbox.credentials_file.read_bytes()
    with Notifications(bus) as service:
        start("run")
        notice = service.wait_for("dev")
        assert "trust policy" in notice.body
        assert sandbox.credentials_file.read_bytes() == before
        assert len(service.notices) == 1


def test_recovery_is_reported_after_a_failure_was(sandbox, bus, watcher, host, start):
    arn = sandbox.add_role("dev", extra="keep = true")
    sandbox.simulator.faults.set(Fault.UNAVAILABLE_503, role=arn)
    with Notifications(bus) as service:
        start("run")
        service.wait_for("dev: no session")
        sandbox.simulator.faults.clear(role=arn)
        menu = host()
        menu.click("Refresh all")
        service.wait_for("dev has a session")


def test_a_click_on_a_notice_does_what_it_says_and_the_notice_goes_when_its_cause_is_gone(
    sandbox, bus, watcher, host, start
):
    arn = sandbox.add_role("dev", extra="keep = true")
    sandbox.simulator.faults.set(Fault.UNAVAILABLE_503, role=arn)
    with Notifications(bus) as service:
        start("run")
        failing = service.wait_for("dev: no session")
        assert failing.actions == ("0", "Refresh now")
        sandbox.simulator.faults.clear(role=arn)
        service.invoke(failing.id, "0")
        sandbox.wait_for_profile("dev-session")
        service.wait_for("dev has a session")
        until(lambda: failing.id in service.closed, "the notice is taken back")


def test_what_this_desktop_cannot_do_is_not_offered(sandbox, bus, watcher, host, start, monkeypatch):
    """There is no display here, so there is no clipboard."""
    sandbox.add_role("dev")
    start("run")
    menu = host()
    menu.click("dev")
    menu.wait_for("More actions", "Refresh now")
    assert "Copy" not in menu.labels()


def test_the_menu_checks_the_configuration_and_reports_what_is_wrong(sandbox, bus, watcher, host, start, monkeypatch):
    sandbox.add_role("dev")
    sandbox.credentials_file.chmod(0o644)
    (sandbox.home / "bin").mkdir()
    opener = sandbox.home / "bin" / "xdg-open"
    opener.write_text(f'#!/bin/sh\ncp "$1" {sandbox.home}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    with Notifications(bus) as service:
        start("run")
        host().click("Settings", "Check")
        notice = service.wait_for("Configuration checked")
        assert "Run: chmod 600" in notice.body, "of a long path, only the report has the whole"
        assert notice.actions == ("0", "Open configuration")
        written(sandbox.home / "opened", "the report is opened")
        host().click("Settings", "About")
        assert "~/.config/traycreds/config.toml" in service.wait_for("traycreds 0").body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_while_a_call_hangs(sandbox, bus, watcher, host, start, number):
    arn = sandbox.add_role("dev", extra="keep = true")
    sandbox.simulator.faults.set(Fault.HANG, role=arn)
    app = start("run")
    watcher.item()
    until(lambda: sandbox.simulator.calls, "the call is in progress", timeout=20)
    app.send_signal(number)
    assert app.wait(15) == 0, "the call hangs for longer"


def test_it_ends_when_the_desktop_session_does(sandbox, bus, watcher, start):
    """At logout the session bus ends; a program that lingers would keep the next login's own from starting."""
    sandbox.add_role("dev", extra="keep = true")
    app = start("run")
    watcher.item()
    before = sandbox.wait_for_profile("dev-session")
    bus.kill()
    assert app.wait(20) == 0
    assert sandbox.profiles()["dev-session"] == before
    assert not (sandbox.runtime / "traycreds" / "control.sock").exists()
    assert "stopped" in (sandbox.home / ".local" / "state" / "traycreds" / "log" / "traycreds.log").read_text()


def test_without_a_tray_host_it_says_so_once_and_goes_on(sandbox, bus, start):
    sandbox.add_role("dev", extra="keep = true")
    app = start("run")
    sandbox.wait_for_profile("dev-session")
    reported = "This desktop does not show tray icons now"
    # The app first waits for a panel that may start later.
    message = next(line for line in app.stdout if reported in line)
    with Watcher(bus) as late, closing(MenuClient(bus, late.item())) as menu:
        assert any(label.startswith("dev") for label in menu.labels())
    app.terminate()
    out, _ = app.communicate(timeout=20)
    assert app.returncode == 0
    assert (message + out).count(reported) == 1


def test_a_second_start_points_to_the_first(sandbox, bus, watcher, host, start):
    sandbox.add_role("dev")
    with Notifications(bus) as service:
        start("run")
        watcher.item()
        second = sandbox.command("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        assert (second.returncode, second.stderr) == (0, "")
        assert second.stdout == "traycreds is already running. Use its menu in the tray.\n"
        hint = service.wait_for("traycreds is already running")
        assert hint.body == "Click its icon in the tray for the menu.", "for who started it without a terminal"
        assert len(watcher.items) == 1
    assert len(watcher.items) == 1


def test_a_saved_configuration_is_taken_over(sandbox, bus, watcher, host, start, monkeypatch):
    sandbox.add_role("dev")
    (sandbox.home / "bin").mkdir()
    opener = sandbox.home / "bin" / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {sandbox.home}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    start("run")
    menu = host()
    menu.click("Settings", "Open")
    assert written(sandbox.home / "opened", "the editor opens").strip() == str(sandbox.config)
    sandbox.add_role("ops", extra="keep = true")
    sandbox.wait_for_profile("ops-session")
    until(lambda: any(label.startswith("ops") for label in menu.labels()), "ops in the menu")


def test_a_menu_of_a_thousand_roles_opens_at_once_while_it_counts(sandbox, bus, watcher, host, start):
    """What a tray host asks for when the user clicks, of the real program: under 100 ms of computing; 2 are needed."""
    role = '[roles.{0}]\nrole_arn = "arn:aws:iam::{1:012}:role/{0}"\nsource_profile = "base"\n'
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sandbox.config.write_text("".join(role.format(f"role-{n:04}", n % 30) for n in range(1000)))
    app = start("run")
    menu = host()
    menu.wait_for("000000000000 to 000000000005 (199)")
    spent = []
    for _ in range(7):
        begin = cpu(app.pid)
        menu.menu("AboutToShow", "i", (0,))
        _revision, (_id, _properties, lines) = menu.menu("GetLayout", "iias", (0, 1, []))
        spent.append(cpu(app.pid) - begin)
    assert len(lines) <= 28
    assert min(spent) < 0.1
    begin = cpu(app.pid)
    whole = menu.get_layout()
    assert cpu(app.pid) - begin < 2, "GNOME asks for all levels, ahead of any click"
    assert sum(1 for line in _walk(whole) if line.mark == "radio" and line.label.startswith("role-")) == 1000
    assert not any(below.children for line in whole.children for below in line.children), "two levels"
    assert all(len(line.children) <= 210 for line in whole.children)


def _walk(line):
    yield line
    for child in line.children:
        yield from _walk(child)


def test_what_is_heavy_is_loaded_only_after_the_icon_is_up(sandbox, watcher, start, monkeypatch):
    """Python lists what it imports; with no role to refresh, nothing but the icon's own parts is there."""
    sandbox.add_role("dev")
    app = start("run", PYTHONPROFILEIMPORTTIME="1")
    watcher.item()
    until(lambda: sandbox.command("quit").returncode == 0, "all of the app is there, and ends")
    listed, _ = app.communicate(timeout=20)
    assert "traycreds.engine" in listed
    for heavy in ("botocore", "boto3", "plyer", "keyring", "filelock", "_hashlib", "_ssl", "PIL"):
        assert f" {heavy}" not in listed, f"{heavy} is loaded at start"
