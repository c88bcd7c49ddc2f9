"""The unit tests in a process that believes that it runs on macOS; Linux's own have marks."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.mac import declarations
from tests.mac.app import ROOT
from tests.mac.mark import as_on_a_mac

LIMIT = 280
pytestmark = [*as_on_a_mac[:-1], pytest.mark.timeout(LIMIT + 20)]

CLOSE = ("control", "desktop", "doctor", "files", "process", "state", "ui")
"""Of tests/unit: files, sockets, programs, the desktop and the menu."""
LINUX_ALONE = ("dbus",)
OTHERS = tuple(
    sorted(
        path.name
        for path in (ROOT / "tests" / "unit").iterdir()
        if (path / "__init__.py").exists() and path.name not in (*CLOSE, *LINUX_ALONE)
    )
)
"""Those that hardly ask for the platform."""


@pytest.mark.parametrize("parts", [CLOSE, OTHERS], ids=["close to the system", "others"])
def test_they_hold_as_on_a_mac(home, parts):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    environment.pop("TRAYCREDS_NO_SKIPS", None)
    environment["TRAYCREDS_TEST_APPLE_TYPES"] = str(declarations.TYPES)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.mac.as_darwin"]
    done = subprocess.run(
        [*command, *(f"tests/unit/{part}" for part in parts)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) > 1000, "they are not left out"
    refused = home / "violations"
    assert not refused.exists() or not refused.read_text(), refused.read_text()
