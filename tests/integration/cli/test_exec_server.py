"""`exec --server`: a program of hours, here against an AWS whose sessions last some seconds, with SDKs as they are."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.sandbox import Sandbox
from tests.terminal import Terminal
from tests.waiting import until
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault
from traycreds.sim.simulator import Simulator

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
LIFE = 7
"""Seconds that a session of the brief AWS lasts; they are handed on until five are left."""
JS_FOLDER = Path(os.environ.get("TRAYCREDS_TEST_JS_SDK") or Path("~/.cache/traycreds-tests/jssdk").expanduser())
"""Found when the tests are collected, so in the developer's home and not in the test's."""

BOTO3 = """
import boto3, time
sts = boto3.Session().client("sts")
seen = []
sts.meta.events.register("before-send.sts", lambda request, **_: seen.append(
    request.headers["Authorization"].decode().partition("Credential=")[2].partition("/")[0]))
while len(set(seen)) < 3:
    assert "assumed-role/dev/" in sts.get_caller_identity()["Arn"]
    time.sleep(0.3)
print(len(seen), *dict.fromkeys(seen))
"""
JS = """
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
(async () => {
  const seen = [];
  const sts = new STSClient({ credentials: fromNodeProviderChain() });
  sts.middlewareStack.add((next) => async (args) => {
    seen.push(args.request.headers.authorization.split("Credential=")[1].split("/")[0]);
    return next(args);
  }, { step: "finalizeRequest", priority: "low" });
  while (new Set(seen).size < 3) {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (!Arn.includes("assumed-role/dev/")) throw new Error(Arn);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  console.log(seen.length, ...new Set(seen));
})().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture
def brief(home):
    """A home at an AWS whose sessions end after LIFE seconds, whatever was asked for, and whose clock is right."""
    behind = timedelta(hours=1) - timedelta(seconds=LIFE)
    with Simulator(clock=lambda: datetime.now(timezone.utc) - behind) as simulator:
        simulator.faults.date_skew = behind
        sandbox = Sandbox(home, simulator)
        sandbox.add_role("dev", extra='region = "us-east-1"')
        yield sandbox


@pytest.fixture
def dev(sandbox):
    sandbox.add_role("dev", extra='region = "us-east-1"')
    return sandbox


def served(sandbox, *program, timeout=50, **environment):
    return sandbox.command("exec", "dev", "--server", "--", *program, timeout=timeout, **environment)


def start(sandbox, code, **environment):
    """Start a Python program with an endpoint; its first line says that it is there."""
    process = sandbox.start("exec", "--server", "dev", "--", sys.executable, "-c", code, **environment)
    return process, process.stdout.readline().strip()


@pytest.fixture
def open_door(dev):
    """The environment of a program with an endpoint, for as long as the test lasts."""
    code = "import json, os; print(json.dumps(dict(os.environ)), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "exec", "dev", "--server", "--", sys.executable, "-c", code],
        env=dev.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield json.loads(process.stdout.readline())
    process.communicate("\n", timeout=10)
    assert process.returncode == 0


def port_of(environment):
    return int(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].split(":")[2].split("/")[0])


def fetch(environment, *, token=None, path="/credentials", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(environment), timeout=10)
    connection.request(method, path, headers={} if token is None else {"Authorization": token})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


# SDKs, over several sessions


def assert_went_on(sandbox, done):
    """Three sessions in one process without a call that failed, and each of them a session of traycreds's own."""
    assert (done.returncode, done.stderr) == (0, "")
    count, *keys = done.stdout.split()
    assert len(keys) == 3
    assert int(count) > 3
    calls = [call for call in sandbox.simulator.calls if call.action in {"AssumeRole", "GetCallerIdentity"}]
    assert {call.outcome for call in calls} == {"OK"}
    assert sum(call.action == "AssumeRole" for call in calls) >= 3


def test_boto3_goes_on_over_the_end_of_sessions(brief):
    assert_went_on(brief, served(brief, sys.executable, "-W", "error", "-c", BOTO3))


def test_boto3_goes_on_while_the_app_runs(brief, start_app):
    start_app(brief)
    assert_went_on(brief, served(brief, sys.executable, "-c", BOTO3))


@pytest.fixture
def start_app():
    running = []

    def started(sandbox):
        process = sandbox.start("run", "--no-tray")
        running.append(process)
        until(sandbox.listens, "the app takes commands", timeout=20)

    yield started
    for process in running:
        process.kill()
        process.communicate(timeout=5)


def test_the_aws_cli_in_a_shell_of_hours(brief):
    code = (
        "import subprocess, sys, time\n"
        "aws = [sys.executable, '-m', 'awscli', 'sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text']\n"
        f"subprocess.run(aws, check=True); time.sleep({LIFE - 4}); subprocess.run(aws, check=True)\n"
    )
    done = served(brief, sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "assumed-role/dev/" in first
    assert "assumed-role/dev/" in second
    assert {call.outcome for call in brief.simulator.calls} == {"OK"}
    assert sum(call.action == "AssumeRole" for call in brief.simulator.calls) >= 2


def test_the_javascript_sdk_goes_on_over_the_end_of_sessions(brief):
    node = shutil.which("node")
    if node is None or not (JS_FOLDER / "node_modules" / "@aws-sdk" / "client-sts").is_dir():
        pytest.skip(
            f"needs node and the SDK: mkdir -p {JS_FOLDER} && cd {JS_FOLDER} && "
            "npm install @aws-sdk/credential-providers @aws-sdk/client-sts"
        )
    # The SDK calls STS where AWS_ENDPOINT_URL_STS says, which the sandbox sets.
    done = served(brief, node, "-e", JS, NODE_PATH=str(JS_FOLDER / "node_modules"), NODE_NO_WARNINGS="1")
    assert_went_on(brief, done)


def test_another_default_profile_does_not_come_in_between(dev):
    """Neither one that is there nor one that `use` writes meanwhile: SDKs would take it before the endpoint."""
    dev.add_role("other")
    text = dev.credentials_file.read_text()
    dev.credentials_file.write_text(f"{text}[default]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n")
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = served(dev, sys.executable, "-c", code, AWS_PROFILE="other", AWS_ACCESS_KEY_ID="AKIAY")
    assert "assumed-role/dev/" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "default", ["credential_process = mine", "role_arn = arn:aws:iam::1:role/x", "sso_role_name = x"]
)
def test_a_default_of_the_configuration_that_would_win_is_told(dev, default):
    dev.aws_config.write_text(f"[default]\nregion = us-east-1\n{default}\n")
    done = served(dev, "echo", "ran")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"[default] in {dev.aws_config}, line 1, has " in done.stderr
    assert "traycreds import --live dev" in done.stderr
    assert not dev.simulator.calls


def test_traycreds_in_the_program_has_the_users_own_file(dev):
    dev.add_role("other")
    done = served(dev, sys.executable, "-m", "traycreds", "exec", "other", "--", sys.executable, "-c", SHOW)
    seen = json.loads(done.stdout)
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == str(dev.credentials_file)
    assert seen["AWS_SESSION_TOKEN"] == dev.profiles()["other-session"]["aws_session_token"]


# the endpoint


def test_the_program_gets_an_endpoint_and_no_keys(dev, open_door):
    assert open_door["AWS_REGION"] == "us-east-1"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} & set(open_door)
    hidden = Path(open_door["AWS_SHARED_CREDENTIALS_FILE"])
    assert "traycreds exec dev --server" in hidden.read_text()
    status, body = fetch(open_door, token=open_door["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    on_file = dev.profiles()["dev-session"]
    assert status == 200
    assert json.loads(body) == {
        "AccessKeyId": on_file["aws_access_key_id"],
        "SecretAccessKey": on_file["aws_secret_access_key"],
        "Token": on_file["aws_session_token"],
        "Expiration": on_file["x_security_token_expires"],
        "AccountId": "123456789012",
    }


def test_a_session_that_somebody_else_wrote_is_served_at_once(dev, open_door):
    token = open_door["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    _, before = fetch(open_door, token=token)
    time.sleep(1.1)  # a session that does not last longer, by the second, would not be written
    assert dev.command("once", "dev").returncode == 0
    _, after = fetch(open_door, token=token)
    assert json.loads(after)["Token"] == dev.profiles()["dev-session"]["aws_session_token"]
    assert json.loads(after)["Token"] != json.loads(before)["Token"]


def test_nobody_without_the_token_gets_anything(dev, open_door):
    token = open_door["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    secrets = [value for key, value in dev.profiles()["dev-session"].items() if key.startswith("aws_")]
    for wrong in (None, "", token[:-1], f"{token}x", f"Bearer {token}", token.swapcase(), "é"):
        status, body = fetch(open_door, token=wrong and wrong.encode())
        assert status == 401, wrong
        assert not any(secret in body for secret in (*secrets, token))
    assert fetch(open_door, token=token, path="/")[0] == 404
    assert fetch(open_door, token=token, method="POST")[0] == 501
    assert fetch(open_door, token=token)[0] == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_only_this_machine_reaches_it(open_door):
    def answers(address):
        with socket.socket() as one:
            one.settimeout(2)
            return one.connect_ex((address, port_of(open_door))) == 0

    assert answers("127.0.0.1")
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    hexadecimal = f":{port_of(open_door):04X}"
    assert [line[1] for line in listening if line[1].endswith(hexadecimal) and line[3] == "0A"] == [
        f"0100007F{hexadecimal}"
    ]
    table = Path("/proc/net/tcp6")
    assert not table.exists() or not any(
        line.split()[1].endswith(hexadecimal) and line.split()[3] == "0A" for line in table.read_text().splitlines()[1:]
    )


def test_half_open_and_mute_visitors_keep_nobody_out(open_door):
    mute = [socket.create_connection(("127.0.0.1", port_of(open_door))) for _ in range(30)]
    for one in mute[:10]:
        one.sendall(b"GET /credentials HTTP/1.1\r\nAuthor")
    mute[11].sendall(b"\x00\xff" * 1000 + b"\r\n\r\n")
    assert fetch(open_door, token=open_door["AWS_CONTAINER_AUTHORIZATION_TOKEN"])[0] == 200
    for one in mute:
        one.close()


@not_on_windows
def test_no_secret_stands_in_the_process_list(dev, open_door):
    on_file = dev.profiles()["dev-session"]
    secrets = [on_file["aws_secret_access_key"], on_file["aws_session_token"]]
    secrets += [on_file["aws_access_key_id"], open_door["AWS_CONTAINER_AUTHORIZATION_TOKEN"]]
    shown = subprocess.run(["ps", "-eo", "args", "-ww"], check=True, capture_output=True, text=True).stdout
    assert "__serve dev" in shown
    assert not any(secret in shown for secret in secrets)


def test_when_nothing_is_left_the_program_hears_why(brief):
    code = (
        "import os, sys, time, urllib.error, urllib.request as r\n"
        "get = lambda: r.urlopen(r.Request(os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'],"
        " headers={'Authorization': os.environ['AWS_CONTAINER_AUTHORIZATION_TOKEN']}), timeout=30).read()\n"
        "get(); print('there', flush=True); sys.stdin.readline()\n"
        "try: get()\n"
        "except urllib.error.HTTPError as error: print(error.code, error.read().decode(), flush=True)\n"
        "sys.stdin.readline(); get(); print('again', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "exec", "dev", "--server", "--", sys.executable, "-c", code],
        env=brief.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdout.readline() == "there\n"
    brief.simulator.faults.set(Fault.ERROR_500, role="dev")
    time.sleep(LIFE)
    process.stdin.write("\n")
    status, _, body = process.stdout.readline().partition(" ")
    assert status == "503"
    assert json.loads(body)["Message"].startswith("traycreds: dev: ")
    brief.simulator.faults.clear("dev")
    process.stdin.write("\n")
    assert process.stdout.readline() == "again\n"
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


# the program as the user sees it


def test_arguments_streams_and_exit_code_pass_through(dev):
    code = "import sys; print(sys.argv[1:], sys.stdin.read()); print('err', file=sys.stderr); sys.exit(42)"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "traycreds",
            "exec",
            "dev",
            "--server",
            "--",
            sys.executable,
            "-c",
            code,
            "--",
            "a b",
            "",
        ],
        env=dev.environment(),
        input="typed",
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (42, "['--', 'a b', ''] typed\n", "err\n")


@not_on_windows
def test_open_files_and_ignored_signals_pass_through(dev, tmp_path):
    command = f'"{sys.executable}" -m traycreds exec dev --server -- sh -c "echo there >&7; cat /proc/self/status"'
    done = subprocess.run(
        ["sh", "-c", f"trap '' HUP; {command} 7>{tmp_path / 'seven'}"],
        env=dev.environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (tmp_path / "seven").read_text() == "there\n"
    (ignored,) = (line.split()[1] for line in done.stdout.splitlines() if line.startswith("SigIgn"))
    assert int(ignored, 16) == 1 << (signal.SIGHUP - 1)


@not_on_windows
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1", "SIGQUIT"])
def test_signals_reach_the_program_and_its_end_is_ours(dev, name):
    number = getattr(signal, name)
    process, _ = start(dev, "import time; print('there', flush=True); time.sleep(30)")
    process.send_signal(number)
    rest = process.communicate(timeout=10)[0]
    if name == "SIGINT":  # Python's own KeyboardInterrupt, after which it dies of the signal
        assert "KeyboardInterrupt" in rest
    else:
        assert rest == ""
    assert process.returncode == -number


@not_on_windows
def test_a_program_that_takes_its_time_at_sigterm_is_waited_for(dev):
    code = (
        "import signal, time\n"
        "heard = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: heard.append(1))\n"
        "print('there', flush=True)\n"
        "while not heard: time.sleep(0.05)\n"
        "time.sleep(0.5)\n"
        "print('tidy', flush=True)\n"
        "exit(7)\n"
    )
    process, _ = start(dev, code)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[0] == "tidy\n"
    assert process.returncode == 7


@not_on_windows
def test_the_program_is_what_the_user_started_and_has_no_child_that_it_does_not_know(dev):
    """So whatever a shell does to the process, it does to the program."""
    code = "import os, time\ntry: os.waitpid(-1, 0)\nexcept ChildProcessError: print(os.getpid(), flush=True)\ntime.sleep(30)"
    process, said = start(dev, code)
    assert int(said) == process.pid
    process.kill()
    process.communicate(timeout=5)


@not_on_windows
def test_it_is_stopped_and_goes_on_as_job_control_has_it(dev):
    code = "print('there', flush=True)\nfor i in range(10**9): print(i, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "exec", "--server", "dev", "--", sys.executable, "-c", code],
        env=dev.environment(),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=os.setpgrp,  # noqa: PLW1509 - as a shell does: a group whose shell is gone is not stopped by this signal
    )
    assert process.stdout.readline().strip() == "there"
    process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    process.send_signal(signal.SIGCONT)
    assert process.stdout.readline()
    process.kill()
    process.communicate(timeout=5)


@pytest.mark.parametrize("more", [(), ("--server",)], ids=["plain", "server"])
def test_ctrl_c_in_a_terminal_reaches_the_program_once(dev, more):
    """The terminal tells both of us; passed on, it would be a second one."""
    code = (
        "import signal, time\n"
        "count = []\n"
        "signal.signal(signal.SIGINT, lambda *_: count.append(1))\n"
        "print('there', flush=True)\n"
        "while not count: time.sleep(0.05)\n"
        "time.sleep(1)\n"
        "print('heard', len(count), flush=True)\n"
        "exit(9)\n"
    )
    arguments = ["exec", "dev", *more, "--", sys.executable, "-c", code]
    terminal = Terminal([sys.executable, "-m", "traycreds", *arguments], dev.environment())
    shown, told = "", False
    try:
        deadline = time.monotonic() + 30
        while (piece := terminal.read(0.1)) is not None and time.monotonic() < deadline:
            shown += piece
            if "there" in shown and not told:
                told = True
                terminal.interrupt()
        assert terminal.wait(10) == 9
    finally:
        terminal.close()
    assert "heard 1" in shown


def test_nothing_is_left_behind(dev, tmp_path):
    done = served(dev, sys.executable, "-c", SHOW, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    seen = json.loads(done.stdout)
    assert Path(seen["AWS_SHARED_CREDENTIALS_FILE"]).is_relative_to(tmp_path)
    until(lambda: not list(tmp_path.glob("traycreds-*")), "its files are gone")
    until(lambda: not listens(port_of(seen)), "it listens no more")


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_the_endpoint_goes_however_the_program_goes(dev, tmp_path):
    code = "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(30)"
    process, said = start(dev, code, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    assert listens(port_of(json.loads(said)))
    process.kill()
    assert process.wait(5) == (1 if sys.platform == "win32" else -9)
    process.stdout.close()
    until(lambda: not listens(port_of(json.loads(said))), "the endpoint has gone")
    until(lambda: not list(tmp_path.glob("traycreds-*")), "its files are gone")


def test_what_is_no_program(dev, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("no program")
    done = served(dev, "no-such-program")
    assert (done.returncode, done.stderr) == (
        127,
        "There is no command no-such-program.\nLook at its spelling and at PATH.\n",
    )
    assert served(dev, str(plain)).returncode == 126
    assert dev.command("exec", "--server", "dev").returncode == 2


def test_nothing_runs_without_a_session(sandbox, tmp_path):
    sandbox.add_role("dev", trusted=False)
    code = "import sys; open(sys.argv[1], 'w')"
    assert served(sandbox, sys.executable, "-c", code, str(tmp_path / "ran")).returncode == 3
    assert not (tmp_path / "ran").exists()
