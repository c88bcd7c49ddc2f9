"""What `traycreds login` reads before it signs in."""

from __future__ import annotations

import os
import sys

import pytest

from tests.support.sso_profiles import SSO_PROFILE
from traycreds.process.programs import login_path, lookup
from traycreds.process.programs.login_path import LoginPath
from traycreds.state import paths
from traycreds.usecases import sign_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no login shells")


@pytest.fixture
def shell(home, monkeypatch):
    """A login shell with one more program on its PATH, which notes each time it is asked for it."""
    tool = home / "tools" / "company-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    shell = home / "shell"
    shell.write_text(f'#!/bin/sh\necho x >> {home}/asked; PATH="$PATH:{tool.parent}"; eval "$4"\n')
    for program in (tool, shell):
        program.chmod(0o755)
    monkeypatch.setenv("SHELL", str(shell))
    monkeypatch.setattr(login_path, "in_terminal", lambda: False)
    monkeypatch.setattr(login_path, "of_this_process", LoginPath())
    return home / "asked"


@pytest.mark.parametrize(("setting", "asked"), [("login_path = false", False), ("login_path = true", True), ("", True)])
def test_a_sign_in_asks_the_login_shell_only_if_login_path_allows_it(home, shell, setting, asked):
    where = paths.locate(os.environ)
    for path, text in ((where.aws_config_file, SSO_PROFILE), (where.config_file, f"[settings]\n{setting}\n")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert sign_in.find(where, "corp").label == "corp"

    expected = str(home / "tools" / "company-tool") if asked else "company-tool"
    assert lookup.found(["company-tool"]).words == [expected]
    assert shell.exists() is asked
