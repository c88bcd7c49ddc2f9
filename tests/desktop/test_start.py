"""What the icon waits for when the app starts, and what happens to those who come before the app is all there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.desktop.harness import needs_bus

UNTIL_THE_ICON = """
import os, sys
from traycreds.__main__ import main
from traycreds.ui.tray import Tray

def set_up(tray, on_ready):
    print(*sorted(sys.modules), file=sys.stderr, flush=True)
    os._exit(0)

Tray._set_up = set_up
sys.argv = ["traycreds", "run"]
main()
"""
"""The whole start, up to where the icon is to appear; says what is imported by then, and ends."""

FOR_LATER = (
    "boto3",
    "botocore",
    "keyring",
    "plyer",
    "PIL",
    "filelock",
    "argparse",
    "asyncio",
    "concurrent",
    "ctypes",
    "email",
    "getpass",
    "hashlib",
    "http",
    "importlib.metadata",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib.request",
    "webbrowser",
    "xml",
    "traycreds.adapters.console",
    "traycreds.adapters.credfile",
    "traycreds.adapters.doctor",
    "traycreds.adapters.mfa",
    "traycreds.adapters.notify",
    "traycreds.adapters.power",
    "traycreds.adapters.ssologin",
    "traycreds.adapters.sts",
    "traycreds.adapters.stsdoor",
    "traycreds.adapters.vault",
    "traycreds.app.backroom",
    "traycreds.app.codes",
    "traycreds.app.errands",
    "traycreds.app.hooks",
    "traycreds.app.memory",
    "traycreds.app.orders",
    "traycreds.app.signins",
    "traycreds.cli.parser",
    "traycreds.engine.engine",
    "traycreds.sim",
    "traycreds.ui.dialogs",
    "traycreds.ui.table",
)
"""What the icon does not need, with all that is below it: it is imported once the icon is up."""
MOST_OF_OURS = 75
"""Modules of ours that may be imported by then; there were 62 when this was written."""


@pytest.mark.desktop
@needs_bus
def test_what_the_icon_does_not_need_comes_after_it(sandbox, bus):
    for number in range(3):
        sandbox.add_role(f"role{number}", extra="keep = true")
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_THE_ICON],
        env=sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    there = done.stderr.split()
    assert "traycreds.ui.sni" in there, "it came as far as the icon"
    early = [name for name in there if any(name == later or name.startswith(f"{later}.") for later in FOR_LATER)]
    assert not early, "import it in app.backroom, or within the function that needs it"
    ours = [name for name in there if name.startswith("traycreds")]
    assert len(ours) <= MOST_OF_OURS, ours
