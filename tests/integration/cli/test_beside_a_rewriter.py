"""Commands beside a program that rewrites the credentials file in two halves all the time: none of them fails."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture
def rewritten(sandbox):
    """A home with a session of `dev`, whose credentials file is rewritten to the end of the test."""
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    with sandbox.credentials_file.open("a", encoding="utf-8") as file:
        file.write("".join(f"[other-{number}]\nregion = eu-west-1\n" for number in range(200)))
        file.write("\n[mine]\ncount = 0\n")
    assert sandbox.command("once", "dev").returncode == 0
    module = "tests.integration.credentials_file.rewriter"
    with subprocess.Popen(
        [sys.executable, "-m", module, str(sandbox.credentials_file)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout.readline() == "begun\n"
        yield sandbox
        assert program.poll() is None, "it has rewritten the file all the time"
        program.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can tell who has a file open for writing")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.thorough)])
def test_no_command_fails(rewritten, rounds):
    failed = []
    for _ in range(rounds):
        for words in (
            ("creds", "dev"),
            ("env", "dev"),
            ("exec", "dev", "--", "true"),
            ("once", "dev"),
            ("doctor",),
        ):
            done = rewritten.command(*words)
            if done.returncode != 0:
                failed.append((words, done.returncode, done.stdout[-300:], done.stderr))
    assert failed == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can tell who has a file open for writing")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.thorough)])
def test_no_command_to_the_running_app_fails(rewritten, start, rounds):
    start()
    failed = []
    for _ in range(rounds):
        for words in (("refresh", "dev"), ("use", "dev"), ("use", "--none"), ("keep", "dev"), ("drop", "dev")):
            done = rewritten.command(*words)
            if done.returncode != 0:
                failed.append((words, done.returncode, done.stdout[-300:], done.stderr))
    assert failed == []
