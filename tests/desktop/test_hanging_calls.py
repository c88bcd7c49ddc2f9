"""While as many calls hang as may be under way at once, whatever needs no call is as quick as ever."""

from __future__ import annotations

import json
import time

import pytest

from tests.desktop.harness import needs_bus
from tests.desktop.test_app import start  # noqa: F401 - a fixture
from tests.waiting import until
from traycreds.sim.faults import Fault

pytestmark = [pytest.mark.desktop, needs_bus]


def test_neither_menu_nor_commands_nor_the_end_wait_for_calls_that_hang(sandbox, bus, watcher, host, start):  # noqa: F811
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    slow = [f"slow{number}" for number in range(8)]
    for name in slow:
        sandbox.simulator.faults.set(Fault.HANG, role=sandbox.add_role(name, extra="keep = true"))
    before = len(sandbox.simulator.calls)
    app = start("run")
    menu = host()
    until(lambda: len(sandbox.simulator.calls) == before + len(slow), "all calls hang")

    begun = time.monotonic()
    assert any(label.startswith("dev") for label in menu.labels())
    assert time.monotonic() - begun < 0.5, "the menu"

    begun = time.monotonic()
    told = json.loads(sandbox.command("status", "--json").stdout)
    assert time.monotonic() - begun < 2, "a command, the start of Python included"
    states = {role["name"]: role["state"] for role in told["roles"]}
    assert states == {"dev": "fresh", **dict.fromkeys(slow, "refreshing")}

    begun = time.monotonic()
    menu.click("dev")
    sandbox.wait_for_profile("default")
    assert time.monotonic() - begun < 2, "a click that needs the file alone"

    begun = time.monotonic()
    menu.click("Quit")
    assert app.wait(5) == 0
    assert time.monotonic() - begun < 2, "the end"
