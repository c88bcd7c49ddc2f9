"""A real browser goes through the sign-in page, opened by the real command."""

from __future__ import annotations

import json
import sys

import pytest

from tests.desktop import browser
from tests.integration.sso.conftest import SsoHome
from tests.support.sim import AwsSimulator
from tests.support.wait_until import until, written

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(150)]


def test_login_by_a_real_browser(home, tmp_path):
    if browser.missing():
        pytest.skip(browser.missing())
    with AwsSimulator() as sim:
        sso_home = SsoHome(home, sim)
        log, screenshot, script = tmp_path / "seen.json", tmp_path / "screenshot.png", tmp_path / "browser"
        errors, ended = tmp_path / "errors", tmp_path / "ended"
        script.write_text(
            f"#!/bin/sh\n'{sys.executable}' '{browser.__file__}' '{log}' '{screenshot}' \"$1\" 2>'{errors}'\n"
            f"touch '{ended}'\n"
        )
        script.chmod(0o755)

        reported = sso_home.sandbox.command("login", "corp", BROWSER=str(script), timeout=50, **sso_home.endpoints)

        assert reported.returncode == 0, reported.stderr
        until(lambda: log.exists() or ended.exists(), "the browser's report", timeout=60)
        assert log.exists(), errors.read_text()
        seen = json.loads(written(log))
        assert "Allow access?" in seen["asked"]
        assert "alice" in seen["asked"]
        assert "You are signed in" in seen["told"]
        assert seen["address"].startswith("http://127.0.0.1:")
        assert screenshot.read_bytes().startswith(b"\x89PNG")
        once = sso_home.sandbox.command("once", "sso", **sso_home.endpoints)
        assert once.returncode == 0, once.stderr
        assert sso_home.sandbox.profiles()["sso-session"]
        assert sso_home.actions() == [
            "RegisterClient",
            "AuthorizePage",
            "Authorize",
            "CreateToken",
            "GetRoleCredentials",
        ]
