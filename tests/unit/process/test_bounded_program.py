"""A program that hangs, floods, or leaves something behind costs a bounded time and a bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.builders import a_role
from tests.support.process_list import runs
from tests.support.wait_until import PATIENCE
from tests.windows.mark import not_on_windows
from traycreds.aws import source
from traycreds.aws.mfa import code_program
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.process import bounded_program, group, user_hook


@pytest.fixture(autouse=True)
def _in_the_background(monkeypatch):
    """As the app is: these tests may run in a terminal, which programs are then left in."""
    monkeypatch.setattr(group, "in_foreground", lambda: False)


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


def gone(pid, seconds=5.0):
    end = time.monotonic() + seconds
    while runs(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not runs(pid)


def test_what_it_prints_comes_with_its_exit_code():
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert bounded_program.run(python(code), seconds=20, errors=True) == bounded_program.Finished(
        3, f"out{os.linesep}".encode(), f"err{os.linesep}".encode()
    )


def test_a_mebibyte_is_taken_whole():
    code = f"import sys; sys.stdout.write('x' * {bounded_program.LIMIT})"
    assert len(bounded_program.run(python(code), seconds=20).output) == bounded_program.LIMIT


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_one_that_prints_forever_is_ended(stream):
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    with pytest.raises(
        bounded_program.ChattyError, match=r"^traycreds stopped noisy because it printed more than 1 MiB\."
    ) as caught:
        bounded_program.run(python(code), seconds=20, errors=True, name="noisy")
    assert caught.value.hint


@not_on_windows
def test_its_end_counts_not_that_of_a_child_which_holds_its_output():
    begun = time.monotonic()
    done = bounded_program.run(["sh", "-c", "sleep 77777 & echo $!"], seconds=40)
    assert time.monotonic() - begun < PATIENCE
    child = int(done.output)
    assert runs(child)
    # The app does this when it quits.
    group.end_all()
    assert gone(child)


@not_on_windows
def test_of_what_programs_leave_behind_the_oldest_is_ended():
    children = [int(bounded_program.run(["sh", "-c", "sleep 77777 & echo $!"], seconds=20).output) for _ in range(10)]
    try:
        assert gone(children[0])
        assert gone(children[1])
        assert all(runs(child) for child in children[2:])
    finally:
        group.end_all()


@not_on_windows
def test_a_deadline_ends_the_children_too(tmp_path):
    with pytest.raises(
        bounded_program.OverdueError, match=r"^traycreds stopped sh because it took more than 1 seconds\."
    ):
        bounded_program.run(["sh", "-c", f"sleep 77777 & echo $! > {tmp_path}/pid; wait"], seconds=1)
    assert gone(int((tmp_path / "pid").read_text()))


@not_on_windows
def test_the_end_of_this_process_ends_a_program_in_progress(tmp_path):
    code = f"""
import threading, time
from pathlib import Path
from traycreds.process import bounded_program, group
group.in_foreground = lambda: False
program = ["sh", "-c", "sleep 77777 & echo $! > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; wait"]
threading.Thread(target=bounded_program.run, args=(program,), kwargs={{"seconds": 60}}, daemon=True).start()
while not Path("{tmp_path}/pid").exists():
    time.sleep(0.01)
"""
    subprocess.run(python(code), check=True, timeout=30)
    assert gone(int((tmp_path / "pid").read_text()))


@not_on_windows
def test_no_descriptor_and_no_process_is_left_over():
    bounded_program.run(["true"], seconds=20)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        bounded_program.run(["sh", "-c", "sleep 77777 &"], seconds=20)
    group.end_all()
    # Not ==: threads that other tests left may close theirs meanwhile.
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_a_hook_in_progress_ends_with_its_deadline():
    with pytest.raises(TraycredsError, match="took more than 0 seconds"):
        user_hook.run(python("import time; time.sleep(60)"), {}, seconds=0.2)


@not_on_windows
def test_an_mfa_program_may_leave_something_behind():
    try:
        assert code_program.run("sh -c 'sleep 77777 & echo 123456'", seconds=10) == "123456"
    finally:
        group.end_all()


def test_an_mfa_program_that_floods_is_reported():
    command = f'"{sys.executable}" -c "while True: print(\'123456\' * 10000)"'
    with pytest.raises(TraycredsError, match="printed more than 1 MiB"):
        code_program.run(command, seconds=20)


@pytest.fixture
def issue(home):
    """Get a session by a credential_process that is a line of a shell."""

    def issue(script):
        path = home / ".aws" / "config"
        path.parent.mkdir(exist_ok=True)
        (home / "program.sh").write_text(script)
        path.write_text(f"[profile proc]\ncredential_process = sh {home}/program.sh\nregion = eu-west-1\n")
        return StsSource().issue(a_role("dev", arn=None, source_profile=None, from_profile="proc"))

    return issue


_PRINTS = """echo '{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t",
"Expiration": "2199-01-01T00:00:00Z"}'
"""


@not_on_windows
def test_a_credential_process_may_leave_something_behind(issue):
    try:
        assert issue(f"sleep 77777 & {_PRINTS}").access_key_id == "ASIAIOSFODNN7EXAMPLE"
    finally:
        group.end_all()


@not_on_windows
def test_a_credential_process_that_floods_is_reported(issue):
    with pytest.raises(
        IssueError, match="got no credentials: traycreds stopped its credential_process because it printed more"
    ):
        issue("yes xxx")


@not_on_windows
def test_a_credential_process_that_hangs_once_is_ended_and_works_again(issue, home, monkeypatch):
    monkeypatch.setattr(source, "PROGRAM_SECONDS", 1)
    script = f"[ -e {home}/once ] || {{ touch {home}/once; sleep 77777; }}\n{_PRINTS}"
    with pytest.raises(
        IssueError, match="traycreds stopped its credential_process because it took more than 1 second"
    ) as caught:
        issue(script)
    assert caught.value.kind is FailureKind.NETWORK
    assert issue(script).session_token == "t"


@not_on_windows
@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"])
def test_no_program_gets_credentials_from_the_environment(monkeypatch, issue, home, name):
    monkeypatch.setenv(name, "12345secret")
    monkeypatch.setenv("AWS_PROFILE_OF_MINE", "kept")
    script = f"env > {home}/environment"
    issue(f"{script}\n{_PRINTS}")
    of_credential_process = (home / "environment").read_text()
    user_hook.run(["sh", "-c", script], {})
    of_hook = (home / "environment").read_text()
    code_program.run(f"sh -c '{script}; echo 123456'")
    for text in (of_credential_process, of_hook, (home / "environment").read_text()):
        assert "12345secret" not in text
        assert "AWS_PROFILE_OF_MINE=kept" in text
