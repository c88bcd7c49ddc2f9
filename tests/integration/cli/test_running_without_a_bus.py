"""`run` where no tray icon can be shown, as in a terminal over SSH: it says so once, advises nothing that it does."""

from __future__ import annotations

import sys

import pytest

from tests.support.wait_until import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there a tray needs no bus")


def test_without_a_bus_it_runs_on_and_advises_nothing_that_it_does(sandbox):
    sandbox.add_role("dev", extra="keep = true")
    app = sandbox.start("run", DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere", DISPLAY="")
    try:
        sandbox.wait_for_profile("dev-session")
        until(sandbox.listens, "it takes commands")
        assert sandbox.command("quit").returncode == 0
        out, _ = app.communicate(timeout=PATIENCE)
    finally:
        if app.poll() is None:
            app.kill()
    reported = "so traycreds runs here without a tray icon. Start it from a desktop session to get one.\n"
    assert out.count(reported) == 1
    assert "--no-tray" not in out
