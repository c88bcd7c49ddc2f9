"""`exec --server`: a program that runs for hours, here against an AWS whose sessions last some seconds, with SDKs as they are."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.cli.served_programs import LIFE, fetch, port_of
from tests.support.wait_until import PATIENCE
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault

# The endpoint


def test_the_program_gets_an_endpoint_and_no_keys(dev, endpoint_environment):
    assert endpoint_environment["AWS_REGION"] == "us-east-1"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} & set(
        endpoint_environment
    )
    hidden = Path(endpoint_environment["AWS_SHARED_CREDENTIALS_FILE"])
    assert "traycreds exec dev --server" in hidden.read_text()
    status, body = fetch(endpoint_environment, token=endpoint_environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    on_file = dev.profiles()["dev-session"]
    assert status == 200
    assert json.loads(body) == {
        "AccessKeyId": on_file["aws_access_key_id"],
        "SecretAccessKey": on_file["aws_secret_access_key"],
        "Token": on_file["aws_session_token"],
        "Expiration": on_file["x_security_token_expires"],
        "AccountId": "123456789012",
    }


def test_a_session_that_someone_else_wrote_is_served_at_once(dev, endpoint_environment):
    token = endpoint_environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    _, before = fetch(endpoint_environment, token=token)
    # A new session is only written if it ends at least a second later.
    time.sleep(1.1)
    assert dev.command("once", "dev").returncode == 0
    _, after = fetch(endpoint_environment, token=token)
    assert json.loads(after)["Token"] == dev.profiles()["dev-session"]["aws_session_token"]
    assert json.loads(after)["Token"] != json.loads(before)["Token"]


def test_nobody_without_the_token_gets_anything(dev, endpoint_environment):
    token = endpoint_environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    secrets = [value for key, value in dev.profiles()["dev-session"].items() if key.startswith("aws_")]
    for wrong in (None, "", token[:-1], f"{token}x", f"Bearer {token}", token.swapcase(), "é"):
        status, body = fetch(endpoint_environment, token=wrong and wrong.encode())
        assert status == 401, wrong
        assert not any(secret in body for secret in (*secrets, token))
    assert fetch(endpoint_environment, token=token, path="/")[0] == 404
    assert fetch(endpoint_environment, token=token, method="POST")[0] == 501
    assert fetch(endpoint_environment, token=token)[0] == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_only_this_machine_reaches_it(endpoint_environment):
    def answers(address):
        with socket.socket() as one:
            one.settimeout(2)
            return one.connect_ex((address, port_of(endpoint_environment))) == 0

    assert answers("127.0.0.1")
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    hexadecimal = f":{port_of(endpoint_environment):04X}"
    assert [line[1] for line in listening if line[1].endswith(hexadecimal) and line[3] == "0A"] == [
        f"0100007F{hexadecimal}"
    ]
    table = Path("/proc/net/tcp6")
    assert not table.exists() or not any(
        line.split()[1].endswith(hexadecimal) and line.split()[3] == "0A" for line in table.read_text().splitlines()[1:]
    )


def test_half_open_and_silent_connections_block_no_other(endpoint_environment):
    mute = [socket.create_connection(("127.0.0.1", port_of(endpoint_environment))) for _ in range(30)]
    for one in mute[:10]:
        one.sendall(b"GET /credentials HTTP/1.1\r\nAuthor")
    mute[11].sendall(b"\x00\xff" * 1000 + b"\r\n\r\n")
    assert fetch(endpoint_environment, token=endpoint_environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"])[0] == 200
    for one in mute:
        one.close()


@not_on_windows
def test_no_secret_stands_in_the_process_list(dev, endpoint_environment):
    on_file = dev.profiles()["dev-session"]
    secrets = [on_file["aws_secret_access_key"], on_file["aws_session_token"]]
    secrets += [on_file["aws_access_key_id"], endpoint_environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]]
    shown = subprocess.run(["ps", "-eo", "args", "-ww"], check=True, capture_output=True, text=True).stdout
    assert "__serve dev" in shown
    assert not any(secret in shown for secret in secrets)


# The tests with the longest limits start first, and this one waits long.
@pytest.mark.timeout(90)
def test_when_nothing_is_left_the_program_gets_the_reason(brief):
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
    assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 0
