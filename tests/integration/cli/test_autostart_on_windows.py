"""`autostart` as a user types it, on Windows: the value that Explorer would find at login, and a program that runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.support.wait_until import PATIENCE
from tests.windows.mark import on_wine

pytestmark = pytest.mark.skipif(not on_wine, reason="needs Wine: on Windows it would change the developer's own login")
if sys.platform == "win32":
    import winreg

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


def run_value() -> str | None:
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN) as key:
        try:
            return winreg.QueryValueEx(key, "traycreds")[0]
        except FileNotFoundError:
            return None


@pytest.fixture(autouse=True)
def _off(sandbox):
    sandbox.command("autostart", "off")
    yield
    assert sandbox.command("autostart", "off").returncode == 0
    assert run_value() is None


def test_on_status_off(sandbox):
    assert sandbox.command("autostart", "status").stdout == "off\n"
    for _ in range(2):
        done = sandbox.command("autostart", "on")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == (
            f"traycreds starts when you log in: {run_value()}\nThe entry is HKEY_CURRENT_USER\\{RUN}\\traycreds\n"
        )
    done = sandbox.command("autostart", "status")
    assert (done.returncode, done.stdout) == (0, f"on: {run_value()} (HKEY_CURRENT_USER\\{RUN}\\traycreds)\n")
    assert sandbox.command("autostart", "off").stdout == "traycreds no longer starts when you log in.\n"
    assert sandbox.command("autostart", "off").returncode == 0
    assert sandbox.command("autostart", "status").stdout == "off\n"


def test_what_explorer_starts_is_the_app_without_a_window_of_its_own(sandbox):
    """By the line of the registry, which has a blank in it; Explorer gives it no standard streams."""
    folder = sandbox.home / "my own place"
    folder.mkdir()
    sandbox.add_role("dev", extra="keep = true")
    config = sandbox.config.rename(folder / "roles (1).toml")
    assert sandbox.command("--config", str(config), "autostart", "on").returncode == 0
    line = run_value()
    assert line.partition(".exe")[0].endswith("w"), "traycredsw.exe or pythonw.exe: neither opens a console"
    assert f'"{config}"' in line
    app = subprocess.Popen(line, env=sandbox.environment(), creationflags=subprocess.DETACHED_PROCESS)
    try:
        assert sandbox.wait_for_profile("dev-session")["traycreds_role"] == "dev"
        begun = time.monotonic()
        assert sandbox.command("quit").returncode == 0, "it listens, so that it has begun wholly"
        assert time.monotonic() - begun < 15
        assert app.wait(PATIENCE) == 0
    finally:
        app.kill()
        app.wait(PATIENCE)


def test_status_shows_a_program_that_is_gone_and_what_the_task_manager_has_switched_off(sandbox):
    assert sandbox.command("autostart", "on").returncode == 0
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN) as key:
        winreg.SetValueEx(key, "traycreds", 0, winreg.REG_SZ, r'"C:\gone forever\traycredsw.exe"')
    done = sandbox.command("autostart", "status")
    assert done.returncode == 2
    assert r"starts C:\gone forever\traycredsw.exe, which cannot be run." in done.stderr
    assert json.loads(sandbox.command("autostart", "status", "--json").stdout)["entry"]["alive"] is False
    assert sandbox.command("autostart", "on").returncode == 0
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, APPROVED) as key:
        winreg.SetValueEx(key, "traycreds", 0, winreg.REG_BINARY, b"\x03" + bytes(11))
    done = sandbox.command("autostart", "status")
    assert (done.returncode, done.stdout.startswith("off: turned off in the desktop settings")) == (0, True)
    assert sandbox.command("autostart", "on").returncode == 0
    assert sandbox.command("autostart", "status").stdout.startswith("on: ")
