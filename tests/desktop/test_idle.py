"""With nothing due the app sleeps: few wake-ups, few threads, and no D-Bus call of its own."""

from __future__ import annotations

import sys
import time

import pytest

from tests.desktop.session_bus import needs_bus
from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE
from tools.bench import process
from traycreds.sim.simulator import Simulator

QUIET_SECONDS = 8.0
"""Seconds after which the looks that follow start and write are over."""
WATCHED = 33.0
"""Seconds: more than the half minute between two checks of the files."""
MOST_WAKES_A_MINUTE = 12.0
"""Four are the goal; twice that comes of one more in this window, and a busy machine adds some."""
MOST_THREADS = 12


@pytest.mark.desktop
@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells it")
@needs_bus
def test_an_app_with_nothing_to_do_sleeps(home, bus, watcher):
    with Simulator() as simulator:
        sandbox = Sandbox(home, simulator)
        sandbox.add_role("dev", extra="keep = true")
        app = sandbox.start("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        try:
            watcher.item()
            sandbox.wait_for_profile("dev-session")
            time.sleep(QUIET_SECONDS)
            asked = watcher.asked
            idle = process.idle(app.pid, WATCHED)
            assert idle.wakes <= MOST_WAKES_A_MINUTE
            assert idle.threads <= MOST_THREADS
            assert watcher.asked == asked
        finally:
            app.terminate()
            app.communicate(timeout=PATIENCE)
