"""While as many calls hang as may be in progress at once, whatever needs no call is as quick as ever."""

from __future__ import annotations

import json

import pytest

from tests.desktop.session_bus import needs_bus
from tests.desktop.test_app import start  # noqa: F401 - a fixture
from tests.support.wait_until import PATIENCE, until
from traycreds.sim.faults import Fault

pytestmark = [pytest.mark.desktop, needs_bus]


def test_neither_menu_nor_commands_nor_the_end_wait_for_calls_that_hang(sandbox, bus, watcher, host, start):
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    slow = [f"slow{number}" for number in range(8)]
    for name in slow:
        sandbox.simulator.faults.set(Fault.HANG, role=sandbox.add_role(name, extra="keep = true"))
    before = len(sandbox.simulator.calls)
    app = start("run")
    menu = host()
    until(lambda: len(sandbox.simulator.calls) == before + len(slow), "all calls hang")

    assert any(label.startswith("dev") for label in menu.labels())
    assert refreshing(sandbox) == set(slow), "the menu came while they hang"

    reported = json.loads(sandbox.command("status", "--json").stdout)
    states = {role["name"]: role["state"] for role in reported["roles"]}
    assert states == {"dev": "fresh", **dict.fromkeys(slow, "refreshing")}

    menu.click("dev")
    sandbox.wait_for_profile("default")
    assert refreshing(sandbox) == set(slow), "a click that needs the file alone was done while they hang"

    menu.click("Quit")
    assert app.wait(PATIENCE) == 0
    assert len(sandbox.simulator.calls) == before + len(slow), "the end came before any call had ended"


def refreshing(sandbox):
    """The roles whose calls are still in progress."""
    reported = json.loads(sandbox.command("status", "--json").stdout)
    return {role["name"] for role in reported["roles"] if role["state"] == "refreshing"}
