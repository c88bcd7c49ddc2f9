"""What prints data prints it as JSON too, and nothing else on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.windows.mark import on_wine


def data(done, code=0):
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", ["once", "refresh"])
def test_refreshing(sandbox, command):
    sandbox.add_role("dev")
    sandbox.add_role("shut", trusted=False)
    done = sandbox.command(command, "--json")
    roles = {role["name"]: role for role in data(done, code=3)["roles"]}
    assert roles["dev"]["expires_at"] == sandbox.profiles()["dev-session"]["x_security_token_expires"]
    assert roles["dev"]["error"] is None
    assert "is not authorized" in roles["shut"]["error"]
    assert json.loads(done.stdout)["trouble"] is None
    assert sandbox.profiles()["dev-session"]["aws_secret_access_key"] not in done.stdout


def test_refreshing_by_the_app(sandbox, start):
    sandbox.add_role("dev")
    start()
    (role,) = data(sandbox.command("refresh", "dev", "--json"))["roles"]
    assert (role["name"], role["state"]) == ("dev", "fresh")
    assert data(sandbox.command("refresh", "dev", "--json", "--no-wait"))["roles"][0]["name"] == "dev"


def test_env(sandbox):
    sandbox.add_role("dev")
    assert data(sandbox.command("env", "dev", "--json")) == data(sandbox.command("env", "dev", "--shell", "json"))


@pytest.mark.skipif(sys.platform == "win32" and not on_wine, reason="it would change the developer's own login")
def test_autostart(sandbox):
    off = {"on": False, "enabled": False, "entry": None}
    assert data(sandbox.command("autostart", "status", "--json")) == off
    on = data(sandbox.command("autostart", "on", "--json"))
    assert on["on"] is True
    assert Path(on["entry"]["command"][0]).is_absolute()
    assert data(sandbox.command("autostart", "status", "--json")) == on
    if sys.platform == "linux":
        entry = sandbox.home / ".config" / "autostart" / "traycreds.desktop"
        entry.write_text(entry.read_text().replace("Exec=/", "Exec=/gone/"))
        gone = data(sandbox.command("autostart", "status", "--json"), code=2)
        assert (gone["on"], gone["entry"]["alive"]) == (False, False)
    assert data(sandbox.command("autostart", "off", "--json")) == off


def test_import(sandbox):
    arn = "arn:aws:iam::123456789012:role/team"
    with sandbox.aws_config.open("a") as file:
        file.write(f"[profile team]\nrole_arn = {arn}\nsource_profile = base\n")
    before = sandbox.config.exists()
    found = data(sandbox.command("import", "--dry-run", "--json"))
    assert [role["table"] for role in found["roles"]] == [{"from_profile": "team"}]
    assert found["file"] == str(sandbox.config)
    assert sandbox.config.exists() == before
    done = sandbox.command("import", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--dry-run" in done.stderr


def test_import_with_nothing_to_add(sandbox):
    assert data(sandbox.command("import", "--dry-run", "--json"))["roles"] == []
