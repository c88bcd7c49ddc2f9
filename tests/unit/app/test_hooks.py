"""Hooks: on what occasion a program is run, with what it is told, and that a bad one bothers nobody."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.waiting import until
from traycreds.adapters import hook
from traycreds.app.hooks import Hooks
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.messages import Notify
from traycreds.core.model import Settings
from traycreds.core.shown import RoleView, Snapshot, Status

T0 = datetime(2030, 1, 1, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
SETTINGS = Settings(on_refreshed=("done", "it"), on_failed=("bad",))


def shown(status, expires_at=None, **more):
    return Snapshot(
        as_of=T0, roles=(RoleView(name="dev", profile="dev-session", status=status, expires_at=expires_at, **more),)
    )


@pytest.fixture
def ran():
    return []


@pytest.fixture
def hooks(ran):
    return Hooks(SETTINGS, run=lambda program, about: ran.append((program, about)))


def test_a_refresh_that_was_written(hooks, ran):
    for snapshot in (shown(Status.FRESH, T0), shown(Status.REFRESHING, T0), shown(Status.FRESH, T0 + HOUR)):
        hooks.see(snapshot)
    hooks.see(shown(Status.FRESH, T0 + HOUR))
    hooks.work_off()
    about = {
        "TRAYCREDS_ROLE": "dev",
        "TRAYCREDS_PROFILE": "dev-session",
        "TRAYCREDS_EXPIRES": "2030-01-01T01:00:00Z",
    }
    assert ran == [(("done", "it"), about)]


def test_what_was_on_file_or_written_by_another_is_no_refresh(hooks, ran):
    for snapshot in (shown(Status.OFF), shown(Status.FRESH, T0), shown(Status.FRESH, T0 + HOUR)):
        hooks.see(snapshot)
    hooks.see(shown(Status.REFRESHING, T0 + HOUR))
    hooks.see(shown(Status.FAILED, T0 + HOUR, error="No."))
    hooks.see(shown(Status.FRESH, T0 + 2 * HOUR))
    hooks.work_off()
    assert ran == []


def test_a_failure_that_was_told(hooks, ran):
    hooks.see(shown(Status.EXPIRED))
    hooks.told(Notify(key="failing-denied", title="", body="", roles=("dev", "gone")))
    hooks.told(Notify(key="recovered", title="", body=""))
    hooks.work_off()
    about = {"TRAYCREDS_ROLE": "dev", "TRAYCREDS_PROFILE": "dev-session", "TRAYCREDS_EXPIRES": ""}
    assert ran == [(("bad",), {**about, "TRAYCREDS_ERROR": FailureKind.DENIED.value})]


def test_a_failure_that_was_told_as_one_with_others_is_named_as_what_it_is(hooks, ran):
    hooks.see(shown(Status.FAILED, kind=FailureKind.THROTTLED, error="Slow down."))
    hooks.told(Notify(key="failing-network", title="", body="", roles=("dev",)))
    hooks.work_off()
    assert [about["TRAYCREDS_ERROR"] for _, about in ran] == [FailureKind.THROTTLED.value]


def test_new_settings_count_at_once(hooks, ran):
    hooks.configure(Settings())
    hooks.see(shown(Status.REFRESHING))
    hooks.see(shown(Status.FRESH, T0))
    hooks.work_off()
    assert ran == []


@pytest.mark.logs_warnings
def test_a_program_that_fails_is_logged_once_until_it_works_again(caplog):
    outcomes = [True, True, False, True]

    def run(program, about):
        if outcomes.pop(0):
            raise TraycredsError("It failed.", "Look.")

    hooks = Hooks(SETTINGS, run=run)
    hooks.see(shown(Status.EXPIRED))
    with caplog.at_level(logging.WARNING):
        for count in (1, 1, 1, 2):
            hooks.told(Notify(key="failing-mfa", title="", body="", roles=("dev",)))
            hooks.work_off()
            assert caplog.text.count("It failed.") == count
    assert not outcomes


def test_the_program_gets_its_words_and_the_environment(tmp_path):
    out = tmp_path / "out"
    code = "import os, sys; open(sys.argv[1], 'w').write(sys.argv[2] + os.environ['TRAYCREDS_ROLE'] + sys.stdin.read())"
    hook.run([sys.executable, "-c", code, str(out), "$HOME ;*"], {"TRAYCREDS_ROLE": "dev"})
    assert out.read_text() == "$HOME ;*dev"


def test_the_program_gets_no_credentials_that_the_app_was_started_with(tmp_path, monkeypatch):
    secrets = {
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
        "AWS_SECRET_ACCESS_KEY": "mine",
        "AWS_SESSION_TOKEN": "token",
        "AWS_SECURITY_TOKEN": "old",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "door",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    }
    for name, value in {**secrets, "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/mine", "MINE": "1"}.items():
        monkeypatch.setenv(name, value)
    code = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
    hook.run([sys.executable, "-c", code, str(tmp_path / "seen")], {"TRAYCREDS_ROLE": "dev"})
    seen = json.loads((tmp_path / "seen").read_text())
    assert not seen.keys() & secrets.keys()
    assert not set(seen.values()) & set(secrets.values())
    assert (seen["AWS_REGION"], seen["AWS_CONFIG_FILE"], seen["MINE"]) == ("eu-west-1", "/mine", "1")


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path):
    begun = time.monotonic()
    alive = tmp_path / "alive"
    child = f"import pathlib, time; time.sleep(5); pathlib.Path({str(alive)!r}).touch()"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    with pytest.raises(TraycredsError, match="was ended, since it took over 2 seconds"):
        hook.run([sys.executable, "-c", code], {}, seconds=2)
    assert time.monotonic() - begun < 5
    time.sleep(max(0.0, begun + 8 - time.monotonic()))
    assert not alive.exists()


def test_what_a_program_leaves_in_the_background_lives_on(tmp_path):
    alive = tmp_path / "alive"
    child = f"import pathlib, time; time.sleep(1); pathlib.Path({str(alive)!r}).touch()"
    hook.run([sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"], {})
    until(alive.exists, "the program in the background does its work")


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (["/not/there"], r"cannot be run: (no such file|.*(cannot find the file|file not found))"),
        ([sys.executable, "-c", "raise SystemExit(1)"], "ended with code 1"),
    ],
)
def test_a_program_that_cannot_or_fails(program, sentence):
    with pytest.raises(TraycredsError, match=sentence):
        hook.run(program, {})
