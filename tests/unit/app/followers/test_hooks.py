"""Hooks: what a program learns, and that a bad one bothers nobody; see lifecycle/test_hooks for the occasions."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import sys
import threading
from datetime import datetime, timezone

import pytest

from tests.support.wait_until import PATIENCE, until
from traycreds.app.followers.hooks import Hooks
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.events import RunHook
from traycreds.core.value_class import replace
from traycreds.process import user_hook

T0 = datetime(2030, 1, 1, tzinfo=timezone.utc)
HOOK = RunHook(program=("done", "it"), role="dev", profile="dev-session", expires_at=T0)
ABOUT = {"TRAYCREDS_ROLE": "dev", "TRAYCREDS_PROFILE": "dev-session", "TRAYCREDS_EXPIRES": "2030-01-01T00:00:00Z"}


@pytest.fixture
def ran():
    return []


@pytest.fixture
def hooks(ran):
    return Hooks(run=lambda program, about: ran.append((program, about)))


def have_run(hooks, seconds):
    """Wait until no program runs or waits; whether that came in time."""
    return hooks._worker.wait_until_done(seconds)


def test_a_hook_gets_the_role(hooks, ran):
    hooks.run(HOOK)
    assert have_run(hooks, 10)
    assert ran == [(("done", "it"), ABOUT)]


def test_a_hook_gets_the_failure(hooks, ran):
    hooks.run(replace(HOOK, program=("bad",), expires_at=None, error=FailureKind.DENIED))
    assert have_run(hooks, 10)
    assert ran == [(("bad",), {**ABOUT, "TRAYCREDS_EXPIRES": "", "TRAYCREDS_ERROR": "denied"})]


def test_programs_run_one_at_a_time_in_order_and_nobody_waits():
    gate, running, order = threading.Event(), [], []

    def run(program, about):
        running.append(about["TRAYCREDS_ROLE"])
        gate.wait(20)
        order.append(running.pop())
        assert not running

    hooks = Hooks(run=run)
    for name in ("dev", "prod", "ops"):
        hooks.run(replace(HOOK, role=name))
    assert not have_run(hooks, 0)
    gate.set()
    assert have_run(hooks, 10)
    assert order == ["dev", "prod", "ops"]


@pytest.mark.logs_warnings
def test_more_programs_than_can_wait_are_not_run_and_that_is_logged(monkeypatch, caplog):
    monkeypatch.setattr("traycreds.app.followers.hooks.MOST_WAITING", 2)
    gate, begun, ran = threading.Event(), threading.Event(), []

    def run(program, about):
        begun.set()
        gate.wait(20)
        ran.append(about["TRAYCREDS_ROLE"])

    hooks = Hooks(run=run)
    hooks.run(HOOK)
    assert begun.wait(10)
    for name in ("a", "b", "c"):
        hooks.run(replace(HOOK, role=name))
    gate.set()
    assert have_run(hooks, 10)
    assert ran == ["dev", "a", "b"]
    assert "too many programs are waiting: not running done for c" in caplog.text


@pytest.mark.logs_warnings
def test_a_program_that_fails_is_logged_once_until_it_works_again(caplog):
    outcomes = [True, True, False, True]

    def run(program, about):
        if outcomes.pop(0):
            raise TraycredsError("It failed.", "Look.")

    hooks = Hooks(run=run)
    with caplog.at_level(logging.WARNING):
        for count in (1, 1, 1, 2):
            hooks.run(HOOK)
            assert have_run(hooks, 10)
            assert caplog.text.count("It failed.") == count
    assert not outcomes


def test_the_program_gets_its_words_and_the_environment(tmp_path):
    out = tmp_path / "out"
    code = "import os, sys; open(sys.argv[1], 'w').write(sys.argv[2] + os.environ['TRAYCREDS_ROLE'] + sys.stdin.read())"
    user_hook.run([sys.executable, "-c", code, str(out), "$HOME ;*"], {"TRAYCREDS_ROLE": "dev"})
    assert out.read_text() == "$HOME ;*dev"


def test_the_program_gets_no_credentials_that_the_app_was_started_with(tmp_path, monkeypatch):
    secrets = {
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
        "AWS_SECRET_ACCESS_KEY": "mine",
        "AWS_SESSION_TOKEN": "token",
        "AWS_SECURITY_TOKEN": "old",
        "AWS_ACCESS_KEY": "AKIAJAVA",
        "AWS_SECRET_KEY": "java",
        "AMAZON_ACCESS_KEY_ID": "AKIARUBY",
        "AMAZON_SECRET_ACCESS_KEY": "ruby",
        "AMAZON_SESSION_TOKEN": "gem",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    }
    for name, value in {**secrets, "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/mine", "MINE": "1"}.items():
        monkeypatch.setenv(name, value)
    code = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
    user_hook.run([sys.executable, "-c", code, str(tmp_path / "seen")], {"TRAYCREDS_ROLE": "dev"})
    seen = json.loads((tmp_path / "seen").read_text())
    assert not seen.keys() & secrets.keys()
    assert not set(seen.values()) & set(secrets.values())
    assert (seen["AWS_REGION"], seen["AWS_CONFIG_FILE"], seen["MINE"]) == ("eu-west-1", "/mine", "1")


def test_a_program_that_hangs_is_killed_with_its_children():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        child = f"import socket, time; s = socket.create_connection({server.getsockname()}); time.sleep(600)"
        code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
        for seconds in (2, 10, 30):
            with pytest.raises(TraycredsError, match=f"because it took more than {seconds} seconds"):
                user_hook.run([sys.executable, "-c", code], {}, seconds=seconds)
            # A busy machine may not have started the child by then.
            with contextlib.suppress(BlockingIOError):
                connection, _ = server.accept()
                break
        with connection:
            connection.settimeout(PATIENCE)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b"", "the child's end of it is closed, since it is killed"


def test_what_a_program_leaves_in_the_background_lives_on(tmp_path):
    alive = tmp_path / "alive"
    child = f"import pathlib, time; time.sleep(1); pathlib.Path({str(alive)!r}).touch()"
    user_hook.run(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"], {}
    )
    until(alive.exists, "the program in the background does its work")


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (["/not/there"], r"cannot be run: (no such file|.*(cannot find the file|file not found))"),
        ([sys.executable, "-c", "raise SystemExit(1)"], "exited with code 1"),
    ],
)
def test_a_program_that_cannot_or_fails(program, sentence):
    with pytest.raises(TraycredsError, match=sentence):
        user_hook.run(program, {})
