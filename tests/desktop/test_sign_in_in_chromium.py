"""A real browser goes through the sign-in page, opened by the real command."""

from __future__ import annotations

import json
import sys

import pytest

from tests.desktop import chromium
from tests.integration.sso.conftest import Corp
from tests.waiting import until
from traycreds.sim import Simulator

pytestmark = pytest.mark.desktop


def test_login_by_a_real_browser(home, tmp_path):
    if chromium.missing():
        pytest.skip(chromium.missing())
    with Simulator() as sim:
        corp = Corp(home, sim)
        log, shot, script = tmp_path / "seen.json", tmp_path / "shot.png", tmp_path / "browser"
        script.write_text(
            f"#!/bin/sh\nexec '{sys.executable}' '{chromium.__file__}' '{log}' '{shot}' \"$1\" 2>'{log}.err'\n"
        )
        script.chmod(0o755)

        told = corp.sandbox.command("login", "corp", BROWSER=str(script), timeout=50, **corp.endpoints)

        assert told.returncode == 0, told.stderr
        seen = json.loads(until(lambda: log.exists() and log.read_text(), "the browser's report", timeout=20))
        assert "Allow access?" in seen["asked"]
        assert "alice" in seen["asked"]
        assert "You are signed in" in seen["told"]
        assert seen["address"].startswith("http://127.0.0.1:")
        assert shot.read_bytes().startswith(b"\x89PNG")
        once = corp.sandbox.command("once", "sso", **corp.endpoints)
        assert once.returncode == 0, once.stderr
        assert corp.sandbox.profiles()["sso-session"]
        assert corp.actions() == [
            "RegisterClient",
            "AuthorizePage",
            "Authorize",
            "CreateToken",
            "GetRoleCredentials",
        ]
