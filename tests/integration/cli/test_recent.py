"""Roles that are taken by commands come forward in the menu, and do so after a restart too."""

from __future__ import annotations

import json
import signal
import sys

import pytest

from tests.desktop.session_bus import MenuClient, PrivateBus, Watcher, needs_bus
from tests.support.wait_until import PATIENCE, until
from traycreds.ui.menu import model

FAR = ("far-1", "far-2", "far-3")


@pytest.fixture
def many_roles(sandbox):
    """More roles than the first level of the menu holds, those far behind last."""
    for name in (*(f"near-{n}" for n in range(model.FRONT)), *FAR, "fond"):
        sandbox.add_role(name, extra="favourite = true" if name == "fond" else "")
    return sandbox


def recent(sandbox) -> list[str]:
    kept = sandbox.state / "choices.json"
    return json.loads(kept.read_text())["recent"] if kept.exists() else []


@pytest.mark.desktop
@needs_bus
def test_roles_taken_by_commands_come_forward_in_the_menu(many_roles):
    sandbox = many_roles
    with PrivateBus() as bus, Watcher(bus) as watcher:
        app = sandbox.start("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        try:
            with MenuClient(bus, watcher.item()) as client:
                first = [line.label for line in client.get_layout().children if line.mark == "radio"]
                assert first == ["fond", *(f"near-{n}" for n in range(model.FRONT - 1))]
                until(sandbox.listens, "it takes commands")

                assert sandbox.command("env", "far-1").returncode == 0
                assert sandbox.command("exec", "far-2", "--", sys.executable, "-c", "").returncode == 0
                assert sandbox.command("creds", "far-3").returncode == 0

                def shown() -> list[str]:
                    lines = client.get_layout().children
                    return [line.label.partition(" — ")[0] for line in lines if line.mark == "radio"]

                wanted = ["fond", "far-2", "far-1", *(f"near-{n}" for n in range(model.FRONT - 4)), "far-3"]
                until(lambda: shown() == wanted, "favourites, then those used last; creds, an SDK's call, moves none")
        finally:
            app.send_signal(signal.SIGTERM)
            app.communicate(timeout=PATIENCE)
    assert recent(sandbox) == ["far-2", "far-1"]


def test_they_are_remembered_over_a_restart(many_roles, start):
    app = start()
    assert many_roles.command("env", "far-3").returncode == 0
    assert many_roles.command("use", "far-1").returncode == 0
    app.send_signal(signal.SIGTERM)
    app.communicate(timeout=PATIENCE)
    assert recent(many_roles) == ["far-1", "far-3"]
    app = start()
    assert many_roles.command("env", "far-2").returncode == 0
    app.send_signal(signal.SIGTERM)
    app.communicate(timeout=PATIENCE)
    assert recent(many_roles) == ["far-2", "far-1", "far-3"]
