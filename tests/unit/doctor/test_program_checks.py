"""Programs that the configuration names and that are not there: hooks, browsers and the program of MFA codes."""

from __future__ import annotations

import json
import sys

import pytest

from tests.unit.doctor.texts import DEV
from tests.windows.mark import linux_only
from traycreds.doctor.finding import Severity
from traycreds.process.programs import app_path, login_path
from traycreds.process.programs.login_path import LoginPath


@pytest.mark.parametrize(
    "key",
    [
        "mfa_process = '{}'",
        'on_refreshed = ["{}"]',
        'on_failed = ["{}"]',
        'browser = ["{}", "--new-window"]',
        'sign_in_browser = ["{}", "-P", "{{session}}"]',
    ],
)
def test_a_program_of_the_settings_that_is_not_there(only, found, key):
    finding = only(toml=f"[settings]\n{key.format('/no/where')}\n")
    assert finding[:2] == ("config.toml", 2)
    assert finding[2].startswith(f"/no/where, which {key.split()[0]} names, cannot be run")
    assert finding[4] is Severity.ERROR
    right = key.format(sys.executable.replace("\\", "\\\\") if "[" in key else f'"{sys.executable}"')
    assert found(toml=f"[settings]\n{right}\n") == []


CORP = "[sso-session corp]\nsso_start_url = https://x.example/start\nsso_region = eu-west-1\n"


def test_a_browser_of_a_sign_in_that_is_not_there(only):
    finding = only(config=DEV + CORP, toml='[sign_ins.corp]\nbrowser = ["/no/where", "{session}"]\n')
    assert finding[:2] == ("config.toml", 2)
    assert finding[2].startswith("/no/where, which browser names, cannot be run")
    assert finding[4] is Severity.ERROR


@linux_only
@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[settings]\ncontainer = true\n", 2),
        ("[settings]\nsign_in_container = true\n", 2),
        ("[sign_ins.corp]\ncontainer = true\n", 2),
        ("[settings]\nsign_in_container = true\n[sign_ins.corp]\ncontainer = false\n", 2),
    ],
)
def test_a_container_without_firefox(only, found, tmp_path, monkeypatch, toml, line):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(login_path, "of_this_process", LoginPath())
    monkeypatch.setattr(login_path, "_ask", lambda: None)
    monkeypatch.setattr(app_path, "path_of_desktop", lambda: None)
    finding = only(config=DEV + CORP, toml=toml)
    assert finding[:2] == ("config.toml", line)
    assert finding[2].startswith("firefox, which ")
    (tmp_path / "firefox").write_text("#!/bin/sh\n")
    (tmp_path / "firefox").chmod(0o755)
    assert found(config=DEV + CORP, toml=toml) == []


def test_a_sign_in_of_a_profile_with_its_own_page_has_a_table_too(found):
    legacy = "[profile old]\nsso_start_url = https://x.example/start\nsso_region = eu-west-1\n"
    legacy += "sso_account_id = 111122223333\nsso_role_name = Admin\n"
    table = f"[sign_ins.old]\nbrowser = [{json.dumps(sys.executable)}]\n"
    assert not [one for one in found(config=DEV + legacy, toml=table) if "has no effect" in one[2]]
