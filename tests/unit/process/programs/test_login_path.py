"""The PATH of real shells; what they start with is in a home of the test's own."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.support.fish_home import prepare_fish
from traycreds.process.programs import login_path
from traycreds.process.programs.login_path import LoginPath

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no login shells")

STARTS = {
    "bash": (".bash_profile", 'echo hello; PATH="$PATH:{}"\n'),
    "zsh": (".zshrc", 'echo hello\nexport PATH="$PATH:{}"\n'),
    "fish": (".config/fish/config.fish", "echo hello\nset -x PATH $PATH {}\n"),
    "dash": (".profile", 'echo hello; PATH="$PATH:{}"\n'),
}


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    monkeypatch.setattr(login_path, "in_terminal", lambda: False)


@pytest.mark.parametrize("shell", STARTS)
def test_what_a_shell_adds_at_its_start_is_in_it(home, monkeypatch, shell):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    name, text = STARTS[shell]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(text.format(home / "tools"))
    prepare_fish(home)
    monkeypatch.setenv("SHELL", program)
    found = LoginPath().get()
    assert found is not None
    assert str(home / "tools") in found.split(":")
    assert "hello" not in found


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Makes the user's shell of a script."""

    def make(script: str):
        path = tmp_path / "shell"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("SHELL", str(path))
        return LoginPath()

    return make


def test_it_is_asked_once(shell, tmp_path):
    path = shell(f'echo x >> {tmp_path}/asked; PATH=/a:/b; eval "$4"')
    assert [path.get(), path.get()] == ["/a:/b", "/a:/b"]
    assert (tmp_path / "asked").read_text() == "x\n"


@pytest.mark.parametrize("script", ["exit 1", "echo /a:/b", "printf traycreds-path::traycreds-path", "kill -9 $$"])
def test_a_shell_that_does_not_answer_has_none(shell, script):
    assert shell(script).get() is None


def test_a_shell_that_takes_too_long_is_ended(shell, monkeypatch):
    monkeypatch.setattr(login_path, "SECONDS", 0.2)
    assert shell("sleep 60").get() is None


def test_a_shell_that_floods_is_ended(shell):
    assert shell("exec yes xxx").get() is None


def test_a_shell_that_is_not_there_has_none(monkeypatch):
    monkeypatch.setenv("SHELL", "/not/there")
    assert LoginPath().get() is None


def test_without_leave_or_in_a_terminal_nothing_is_asked(shell, tmp_path, monkeypatch):
    path = shell(f"touch {tmp_path}/asked")
    path.allowed = False
    assert path.get() is None
    path.allowed = True
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)
    assert path.get() is None
    assert not (tmp_path / "asked").exists()


def test_no_credentials_reach_the_shell(shell, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    path = shell('PATH="/x$AWS_SECRET_ACCESS_KEY"; eval "$4"')
    assert path.get() == "/x"
