"""A command that asks the running app for a session says the same as one that reads all files itself."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import pytest

from tests.support.wait_until import PATIENCE
from tests.windows.mark import not_on_windows

pytestmark = not_on_windows
NAMES = ("AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_ACCOUNT_ID")


@pytest.fixture
def app(sandbox, start):
    """An app that keeps dev, whose session is on file."""
    sandbox.add_role("dev", extra='keep = true\nregion = "us-east-1"')
    app = start()
    sandbox.wait_for_profile("dev-session")
    assert sandbox.command("use", "dev").returncode == 0
    return app


def variables(sandbox, *options, **environment):
    done = sandbox.command(*options, "env", "dev", "--json", **environment)
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout)
    return [given.get(name) for name in NAMES]


def test_it_is_the_session_on_file(app, sandbox):
    key = sandbox.profiles()["dev-session"]["aws_access_key_id"]
    assert variables(sandbox) == [key, "us-east-1", "123456789012"]
    assert json.loads(sandbox.command("creds", "dev").stdout)["AccessKeyId"] == key


def test_a_configuration_that_was_saved_a_moment_ago_counts(app, sandbox):
    text = sandbox.config.read_text(encoding="utf-8")
    sandbox.config.write_text(text.replace("us-east-1", "eu-west-2"), encoding="utf-8")
    assert variables(sandbox)[1] == "eu-west-2"


def test_a_region_that_was_chosen_a_moment_ago_counts(app, sandbox):
    assert sandbox.command("use", "dev", "--region", "eu-west-3").returncode == 0
    assert variables(sandbox)[1] == "eu-west-3"


def test_a_broken_configuration_is_reported(app, sandbox):
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write("[roles.dev]\n")
    done = sandbox.command("creds", "dev")
    assert done.returncode == 2
    assert "config.toml" in done.stderr


def test_an_unknown_role_is_reported(app, sandbox):
    done = sandbox.command("env", "dve")
    assert (done.returncode, done.stderr) == (2, "There is no role dve.\nDid you mean dev?\n")


def test_an_app_with_other_files_is_not_believed(app, sandbox, tmp_path):
    own = tmp_path / "other.toml"
    own.write_text(sandbox.config.read_text(encoding="utf-8").replace("us-east-1", "ca-west-1"), encoding="utf-8")
    assert variables(sandbox, "--config", str(own))[1] == "ca-west-1"
    assert variables(sandbox, TRAYCREDS_CONFIG=str(own))[1] == "ca-west-1"
    folder = tmp_path / "xdg"
    (folder / "traycreds").mkdir(parents=True)
    own.rename(folder / "traycreds" / "config.toml")
    assert variables(sandbox, XDG_CONFIG_HOME=str(folder))[1] == "ca-west-1"


def test_a_session_that_another_program_removed_is_got_again(app, sandbox):
    text = sandbox.credentials_file.read_text(encoding="utf-8")
    sandbox.credentials_file.write_text(text.partition("\n[dev-session]")[0], encoding="utf-8")
    key = json.loads(sandbox.command("creds", "dev").stdout)["AccessKeyId"]
    assert sandbox.profiles()["dev-session"]["aws_access_key_id"] == key


@pytest.mark.parametrize(
    "words", [("creds", "dev"), ("exec", "dev", "--", sys.executable, "-c", "")], ids=lambda w: w[0]
)
def test_an_app_that_is_stopped_holds_it_up_for_a_moment_at_most(app, sandbox, words):
    os.kill(app.pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert sandbox.command(*words).returncode == 0
        assert time.monotonic() - begun < PATIENCE / 2
    finally:
        os.kill(app.pid, signal.SIGCONT)
