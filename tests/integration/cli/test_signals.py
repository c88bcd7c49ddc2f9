"""A signal ends the app, no matter which of its threads gets it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

import pytest

from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE, until
from traycreds.sim import Simulator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and tgkill")


@pytest.mark.parametrize("which", ["main", "other"])
def test_a_signal_given_to_any_thread_ends_the_app(home, which):
    with Simulator() as sim:
        sandbox = Sandbox(home, sim)
        sandbox.add_role("dev", extra="keep = true")
        app = subprocess.Popen(
            [sys.executable, "-m", "traycreds", "run", "--no-tray"],
            env=sandbox.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            sandbox.wait_for_profile("dev-session")
            others = until(lambda: [t for t in os.listdir(f"/proc/{app.pid}/task") if t != str(app.pid)], "its threads")  # noqa: PTH208
            thread = app.pid if which == "main" else int(others[0])

            assert ctypes.CDLL(None).tgkill(app.pid, thread, int(signal.SIGTERM)) == 0

            assert app.wait(timeout=PATIENCE) == 0
        finally:
            app.kill()
            app.communicate()
