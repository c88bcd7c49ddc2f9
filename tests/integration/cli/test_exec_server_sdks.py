"""`exec --server`: a program that runs for hours, against an AWS whose sessions last some seconds, with SDKs as they are."""

from __future__ import annotations

import json
import sys

import pytest

from tests.contract.readers import installed_programs
from tests.integration.cli.served_programs import LIFE, SHOW, served
from tests.support.wait_until import until

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
        process.communicate(timeout=20)


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


@pytest.mark.readers
def test_the_javascript_sdk_goes_on_over_the_end_of_sessions(brief):
    if missing := installed_programs.missing_javascript():
        pytest.skip(missing)
    # The SDK calls STS where AWS_ENDPOINT_URL_STS says, which the sandbox sets.
    done = served(brief, "node", "-e", JS, NODE_PATH=str(installed_programs.JAVASCRIPT), NODE_NO_WARNINGS="1")
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
def test_a_default_of_the_configuration_that_would_win_is_reported(dev, default):
    dev.aws_config.write_text(f"[default]\nregion = us-east-1\n{default}\n")
    done = served(dev, "echo", "ran")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"[default] in {dev.aws_config}, line 1, has " in done.stderr
    assert "traycreds import live dev" in done.stderr
    assert not dev.simulator.calls


def test_traycreds_in_the_program_has_the_users_own_file(dev):
    dev.add_role("other")
    done = served(dev, sys.executable, "-m", "traycreds", "exec", "other", "--", sys.executable, "-c", SHOW)
    seen = json.loads(done.stdout)
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == str(dev.credentials_file)
    assert seen["AWS_SESSION_TOKEN"] == dev.profiles()["other-session"]["aws_session_token"]
