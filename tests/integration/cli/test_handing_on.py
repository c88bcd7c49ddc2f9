"""`creds`, `env`, `exec`: a session handed to SDKs, shells and programs, with the app and without it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.integration.cli.conftest import assume_role_calls, ignored_signals
from tests.support import fork_server
from tests.support.machine_speed import slowness
from tests.support.wait_until import until
from tests.windows.mark import not_on_windows, on_wine, windows_only
from traycreds.sim.faults import Fault

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
KEYS = {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"}
SHOW = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('AWS_')}))"


def shorten(sandbox, left: timedelta) -> None:
    """Make the session on file end sooner, by what the file says."""
    text = sandbox.credentials_file.read_text()
    old = sandbox.profiles()["dev-session"]["x_security_token_expires"]
    new = (datetime.now(timezone.utc) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
    sandbox.credentials_file.write_text(text.replace(old, new))


def shim(folder: Path) -> Path:
    """`traycreds` in a folder, as pip would put it there."""
    folder.mkdir()
    path = folder / ("traycreds.cmd" if sys.platform == "win32" else "traycreds")
    here = f'"{sys.executable}" -m traycreds'
    path.write_text(f"@{here} %*\n" if sys.platform == "win32" else f'#!/bin/sh\nexec {here} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(params=["alone", "app"])
def app(request, sandbox, start):
    """The same with a running app and without one."""
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    if request.param == "app":
        start()
    return request.param


def test_creds_is_what_a_credential_process_prints(sandbox, app):
    done = sandbox.command("creds", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    given = json.loads(done.stdout)
    assert set(given) == KEYS
    on_file = sandbox.profiles()["dev-session"]
    assert given["Version"] == 1
    assert given["AccessKeyId"] == on_file["aws_access_key_id"]
    assert given["SecretAccessKey"] == on_file["aws_secret_access_key"]
    assert given["SessionToken"] == on_file["aws_session_token"]
    assert given["Expiration"] == on_file["x_security_token_expires"]
    assert sandbox.command("creds", "dev").stdout == done.stdout
    assert assume_role_calls(sandbox) == 1


def patient_command(sandbox, *arguments):
    """A command that gives the app as long as it needs, since fifty at once keep a machine busy for seconds."""
    module = "tests.integration.cli.patient_command"
    return fork_server.run_anywhere(module, arguments, sandbox.environment(), timeout=50)


def test_fifty_at_once_make_one_call(sandbox, app):
    # Under Wine, each command takes a second.
    count = 8 if on_wine else 50
    with ThreadPoolExecutor(count) as pool:
        all_done = list(pool.map(lambda _: patient_command(sandbox, "creds", "dev"), range(count)))
    assert {done.returncode for done in all_done} == {0}
    assert len({done.stdout for done in all_done}) == 1
    assert assume_role_calls(sandbox) == 1


def test_those_that_wait_share_the_failure(sandbox):
    arn = sandbox.add_role("dev", trusted=False)
    with ThreadPoolExecutor(8) as pool:
        all_done = list(pool.map(lambda _: sandbox.command("creds", "dev", timeout=50), range(8)))
    assert {done.returncode for done in all_done} == {3}
    assert all("trust policy" in done.stderr and not done.stdout for done in all_done)
    assert assume_role_calls(sandbox) < 8
    sandbox.simulator.world.add_role(arn, trust=[sandbox.owner.principal.arn])
    assert sandbox.command("creds", "dev").returncode == 0, "anyone who comes later tries again"


def test_a_session_near_its_end_is_refreshed(sandbox, app):
    assert sandbox.command("creds", "dev").returncode == 0
    shorten(sandbox, timedelta(minutes=16))
    assert sandbox.command("creds", "dev").returncode == 0
    assert assume_role_calls(sandbox) == 1
    shorten(sandbox, timedelta(minutes=14))
    given = json.loads(sandbox.command("creds", "dev").stdout)
    assert assume_role_calls(sandbox) == 2
    assert given["Expiration"] == sandbox.profiles()["dev-session"]["x_security_token_expires"]
    left = datetime.fromisoformat(given["Expiration"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert left > timedelta(minutes=55)


def test_while_aws_is_down_what_is_left_is_given(sandbox, app):
    assert sandbox.command("creds", "dev").returncode == 0
    shorten(sandbox, timedelta(minutes=5))
    sandbox.simulator.faults.set(Fault.UNAVAILABLE_503)
    done = sandbox.command("creds", "dev")
    assert (done.returncode, set(json.loads(done.stdout))) == (0, KEYS)
    shorten(sandbox, timedelta(minutes=-5))
    done = sandbox.command("creds", "dev")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("dev: ")


def test_keys_that_someone_else_put_there_are_not_handed_on(sandbox, app):
    with sandbox.credentials_file.open("a") as file:
        file.write("[dev-session]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    done = sandbox.command("creds", "dev")
    assert (done.returncode, done.stdout) == (4, "")
    assert "take-over" in done.stderr


def test_an_app_with_another_configuration_is_no_hindrance(sandbox, start, tmp_path):
    sandbox.add_role("dev")
    start()
    other = tmp_path / "other.toml"
    other.write_text(sandbox.config.read_text().replace("roles.dev", "roles.elsewhere"))
    done = sandbox.command("--config", str(other), "creds", "elsewhere")
    assert (done.returncode, done.stderr) == (0, "")


def test_botocore_takes_the_session_from_it(sandbox, app):
    command = f'"{shim(sandbox.home / "my own tools")}" creds dev'
    sandbox.aws_config.write_text(f"[profile live]\nregion = us-east-1\ncredential_process = {command}\n")
    code = "import boto3; print(boto3.Session(profile_name='live').client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=sandbox.environment(PYTHONPATH=str(Path.cwd())),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "assumed-role/dev/" in done.stdout, done.stderr


@pytest.mark.measures
@not_on_windows
def test_creds_from_file_is_quick(sandbox):
    """Under 120 ms of computing, a bare Python aside, on the machine that the limit was set on."""
    from tools.bench.process import children_cpu

    sandbox.add_role("dev")
    assert sandbox.command("creds", "dev").returncode == 0
    times = []
    for _ in range(7):
        begun = children_cpu()
        assert sandbox.command("creds", "dev", cold=True).returncode == 0
        times.append((children_cpu() - begun) / slowness())
    assert statistics.median(times) < 0.2


@pytest.mark.parametrize("command", [("creds", "dve"), ("env", "dve"), ("exec", "dve", "--", "true")])
def test_unknown_role(sandbox, command):
    sandbox.add_role("dev")
    done = sandbox.command(*command)
    assert (done.returncode, done.stderr) == (2, "There is no role dve.\nDid you mean dev?\n")


def test_no_secret_enters_the_log_or_the_notes_in_the_state_folder(sandbox, app):
    assert sandbox.command("creds", "dev").returncode == 0
    secrets = [value for key, value in sandbox.profiles()["dev-session"].items() if key.startswith("aws_")]
    for path in sandbox.state.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_text() for secret in secrets), path


# Env


@windows_only
@pytest.mark.parametrize(
    "lines",
    [
        ["@call traycreds env dev --shell cmd > session.cmd", "@call session.cmd > nul"],
        pytest.param(
            ["@for /f \"delims=\" %%i in ('traycreds env dev --shell cmd') do @%%i"],
            marks=pytest.mark.skipif(on_wine, reason="Wine's cmd takes the line that %%i holds for one word"),
        ),
    ],
    ids=["file", "for"],
)
def test_cmd_reads_env_and_has_the_session(sandbox, lines):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    folder = sandbox.home / "my own tools"
    shim(folder)
    batch = sandbox.home / "read.cmd"
    batch.write_text("\n".join([*lines, f'@"{sys.executable}" -c "{SHOW}"', ""]))
    assert_shows_session(sandbox, [batch], PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")


def assert_shows_session(sandbox, command, **variables):
    """A program that shows its variables has those of the session, and none of what stood there before."""
    done = subprocess.run(
        command,
        env=sandbox.environment(AWS_PROFILE="other", AWS_SECURITY_TOKEN="old", **variables),
        cwd=sandbox.home,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert_has_session(sandbox, json.loads(done.stdout))


def assert_has_session(sandbox, seen):
    on_file = sandbox.profiles()["dev-session"]
    assert seen["AWS_ACCESS_KEY_ID"] == on_file["aws_access_key_id"]
    assert seen["AWS_SECRET_ACCESS_KEY"] == on_file["aws_secret_access_key"]
    assert seen["AWS_SESSION_TOKEN"] == on_file["aws_session_token"]
    assert seen["AWS_CREDENTIAL_EXPIRATION"] == on_file["x_security_token_expires"]
    assert (seen["AWS_REGION"], seen["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
    assert not {"AWS_PROFILE", "AWS_SECURITY_TOKEN"} & set(seen)


@not_on_windows
@pytest.mark.parametrize("shell", ["bash", "dash", "zsh", "fish"])
def test_a_shell_that_reads_env_has_the_session(sandbox, shell):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}: sudo apt-get install -y {shell}")
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    traycreds = f'"{sys.executable}" -m traycreds env dev'
    read = f"{traycreds} | source" if shell == "fish" else f'eval "$({traycreds})"'
    assert_shows_session(sandbox, [program, "-c", f"{read}; '{sys.executable}' -c \"{SHOW}\""], SHELL=program)


@not_on_windows
def test_env_leaves_no_secret_in_the_history_of_a_shell_nor_in_the_process_list(sandbox, tmp_path):
    sandbox.add_role("dev")
    assert sandbox.command("creds", "dev").returncode == 0
    history = tmp_path / "history"
    lines = (
        f"HISTFILE={history}; set -o history",
        f'eval "$("{sys.executable}" -m traycreds env dev --shell bash)"',
        'ps -eo args -ww; test -n "$AWS_SESSION_TOKEN" && history -a && echo done',
    )
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-i"],
        input="\n".join(lines) + "\n",
        env=sandbox.environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
    )
    assert "done" in done.stdout, done.stderr
    assert "env dev" in history.read_text(), "the command itself is there"
    secrets = [value for key, value in sandbox.profiles()["dev-session"].items() if key.startswith("aws_")]
    assert not any(secret in history.read_text() + done.stdout + done.stderr for secret in secrets)


def test_env_as_json(sandbox):
    sandbox.add_role("dev")
    given = json.loads(sandbox.command("env", "dev", "--shell", "json").stdout)
    assert given["AWS_SESSION_TOKEN"] == sandbox.profiles()["dev-session"]["aws_session_token"]
    assert "AWS_REGION" not in given


def test_a_shell_without_output_is_usage_before_anything_is_refreshed(sandbox):
    sandbox.add_role("dev")
    for more, shell in ((("--shell", "tcsh"), ""), ((), "/bin/tcsh")):
        done = sandbox.command("env", "dev", *more, SHELL=shell)
        assert (done.returncode, done.stdout) == (2, "")
        assert "tcsh" in done.stderr
    assert assume_role_calls(sandbox) == 0


# Exec


def run(sandbox, *program, **environment):
    return sandbox.command("exec", "dev", "--", *program, **environment)


def test_exec_gives_the_program_the_session_and_no_profile(sandbox, app):
    done = run(
        sandbox, sys.executable, "-c", SHOW, AWS_PROFILE="other", AWS_DEFAULT_PROFILE="x", AWS_SECURITY_TOKEN="y"
    )
    seen, on_file = json.loads(done.stdout), sandbox.profiles()["dev-session"]
    assert seen["AWS_SESSION_TOKEN"] == on_file["aws_session_token"]
    assert seen["AWS_REGION"] == "eu-west-1"
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"} & set(seen)


def test_exec_passes_arguments_streams_and_exit_code_on(sandbox):
    sandbox.add_role("dev")
    code = "import sys; print(sys.argv[1:]); print('err', file=sys.stderr); sys.exit(42)"
    done = run(sandbox, sys.executable, "-c", code, "--", "-v", "exec", "--help", "a b", "")
    assert (done.returncode, done.stdout, done.stderr) == (42, "['--', '-v', 'exec', '--help', 'a b', '']\n", "err\n")


@not_on_windows
def test_exec_is_the_program_as_far_as_signals_go(sandbox):
    sandbox.add_role("dev")
    code = "import os, signal, sys, time; print(os.getpid(), flush=True); time.sleep(30)"
    process = sandbox.start("exec", "dev", "--", sys.executable, "-c", code)
    assert int(process.stdout.readline()) == process.pid
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM
    process.stdout.close()


@linux_only
def test_exec_leaves_no_signal_ignored(sandbox):
    sandbox.add_role("dev")
    assert ignored_signals(run(sandbox, "cat", "/proc/self/status").stdout) == set()


@linux_only
def test_exec_shows_no_secret_in_the_process_list(sandbox):
    sandbox.add_role("dev")
    process = sandbox.start("exec", "dev", "--", "sleep", "30")
    shown = until(lambda: b"sleep" in (line := _command_line(process.pid)) and b"traycreds" not in line and line)
    assert shown == b"sleep\x0030\x00"
    process.kill()
    process.communicate(timeout=20)


def _command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_exec_of_what_is_no_program(sandbox, tmp_path):
    sandbox.add_role("dev")
    done = run(sandbox, "no-such-program")
    assert (done.returncode, done.stderr) == (
        127,
        "There is no command no-such-program.\nCheck its spelling and PATH.\n",
    )
    plain = tmp_path / "plain"
    plain.write_text("no program")
    assert run(sandbox, str(plain)).returncode == 126
    for arguments in (("exec", "dev"), ("exec", "dev", "--")):
        done = sandbox.command(*arguments)
        assert done.returncode == 2
        assert "as in `traycreds exec dev -- aws s3 ls`." in done.stderr


def test_exec_runs_nothing_without_a_session(sandbox, tmp_path):
    sandbox.add_role("dev", trusted=False)
    done = run(sandbox, sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", str(tmp_path / "ran"))
    assert done.returncode == 3
    assert not (tmp_path / "ran").exists()
