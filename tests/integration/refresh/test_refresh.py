"""`once` and `status` as a user runs them: subprocesses against the simulator over HTTP, and every wrong input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSResponse
from botocore.session import Session

from tests.support.sandbox import ACCOUNT, ROLE_OF_STATUS, has_mode
from tests.windows.mark import not_on_windows
from traycreds.files import contents, locks
from traycreds.sim.faults import Fault


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """What was printed on stderr; it is sentences for people, no traceback."""
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.strip().endswith((".", "?", "--as mine-base")), "a sentence, or a command to copy"
    return done.stderr


def test_once_writes_what_aws_cli_can_use(sandbox):
    sandbox.add_role("dev", extra='keep = true\nduration = "1h"')
    sandbox.add_role("other")
    done = sandbox.command("once")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: written to profile dev-session, expires at ")
    assert done.stdout.count("\n") == 1, "only the role that is kept"
    written = sandbox.profiles()["dev-session"]
    assert set(written) == {
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "x_security_token_expires",
        "traycreds_role",
        "traycreds_key",
        "traycreds_of",
        "aws_account_id",
    }
    assert written["aws_account_id"] == ACCOUNT
    assert written["traycreds_key"] == written["aws_access_key_id"]
    assert written["traycreds_role"] == "dev"
    expires = datetime.strptime(written["x_security_token_expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs(expires - datetime.now(timezone.utc) - timedelta(hours=1)) < timedelta(minutes=1)
    endpoint = ("--endpoint-url", sandbox.simulator.url, "--region", "us-east-1")
    asked = sandbox.aws("sts", "get-caller-identity", "--profile", "dev-session", *endpoint)
    assert json.loads(asked.stdout)["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/dev/")


def test_aws_cli_reads_every_profile_written(sandbox):
    for name in ("a", "b", "c"):
        sandbox.add_role(name)
    done = sandbox.command("once", "a", "b", "c")
    assert done.returncode == 0
    for name in ("a", "b", "c"):
        got = sandbox.aws("configure", "get", "aws_session_token", "--profile", f"{name}-session")
        assert got.stdout.strip() == sandbox.profiles()[f"{name}-session"]["aws_session_token"]


def test_the_apps_own_environment_never_changes_what_a_role_means(sandbox):
    sandbox.add_role("dev")
    done = sandbox.command(
        "once", "dev", AWS_PROFILE="nowhere", AWS_ACCESS_KEY_ID="AKIAWRONG", AWS_SECRET_ACCESS_KEY="wrong"
    )
    assert done.returncode == 0
    assert sandbox.profiles()["dev-session"]["aws_access_key_id"].startswith("ASIA")


def test_status_reports_what_is_on_file_without_a_secret(sandbox):
    sandbox.add_role("dev", extra="keep = true")
    sandbox.add_role("prod")
    assert sandbox.command("once", "dev").returncode == 0
    done = sandbox.command("status", "--json")
    assert done.returncode == 0
    dev, prod = json.loads(done.stdout)["roles"]
    assert set(dev) == ROLE_OF_STATUS
    assert (dev["name"], dev["profile"], dev["state"], dev["kept"]) == ("dev", "dev-session", "fresh", True)
    assert 3500 < dev["seconds_left"] <= 3600
    assert dev["expires_at"] == sandbox.profiles()["dev-session"]["x_security_token_expires"]
    assert (prod["state"], prod["expires_at"], prod["seconds_left"], prod["is_default"]) == ("off", None, None, False)
    table = sandbox.command("status")
    assert table.returncode == 0
    assert "dev-session" in table.stdout
    for secret in ("aws_secret_access_key", "aws_session_token"):
        value = sandbox.profiles()["dev-session"][secret]
        assert value not in done.stdout + table.stdout


def test_without_our_configuration_the_roles_of_aws_config_are_offered(sandbox):
    arn = sandbox.add_role("x")
    sandbox.config.unlink()
    sandbox.aws_config.write_text(f"[profile admin]\nrole_arn = {arn}\nsource_profile = base\nregion = eu-west-1\n")
    status = json.loads(sandbox.command("status", "--json").stdout)["roles"]
    assert [(role["name"], role["profile"], role["kept"]) for role in status] == [("admin", "admin-session", False)]
    assert sandbox.command("once", "admin").returncode == 0
    assert sandbox.profiles()["admin-session"]["traycreds_role"] == "admin"


# Wrong input: a sentence, a hint, an exit code, and no byte of the file changed


@pytest.fixture
def untouched(sandbox):
    before = sandbox.credentials_file.read_bytes()
    yield
    assert sandbox.credentials_file.read_bytes() == before
    assert [path.name for path in sandbox.credentials_file.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.usefixtures("untouched")
def test_no_role_anywhere(sandbox):
    done = sandbox.command("once")
    assert done.returncode == 2
    assert "No role is configured" in complaint(done)


def test_missing_aws_folder(sandbox, tmp_path):
    nowhere = tmp_path / "empty"
    nowhere.mkdir()
    files = {
        "AWS_SHARED_CREDENTIALS_FILE": str(nowhere / ".aws" / "credentials"),
        "AWS_CONFIG_FILE": str(nowhere / ".aws" / "config"),
    }
    done = sandbox.command("once", HOME=str(nowhere), **files)
    assert done.returncode == 2
    assert complaint(done)
    assert not (nowhere / ".aws").exists()


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[roles.dev\n", "line 1"),
        ('[roles.dev]\nrole_arm = "x"\nsource_profile = "base"\n', "role_arn"),
        ('[roles.dev]\nrole_arn = "arn:aws:iam::123456789012:role/x"\nsource_profile = "bsae"\n', "base"),
        ('[roles.dev]\nrole_arn = "arn:aws:iam::1:role/x"\nsource_profile = "base"\nduration = "1d"\n', "duration"),
    ],
)
def test_broken_configuration(sandbox, text, message):
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_text(text)
    for command in (("once",), ("status",), ("run", "--no-tray")):
        done = sandbox.command(*command)
        assert done.returncode == 2
        assert message in complaint(done)


@pytest.mark.usefixtures("untouched")
def test_a_configuration_file_that_was_named_must_be_there(sandbox, tmp_path):
    lost = str(tmp_path / "nowhere" / "my.toml")
    for done in (
        sandbox.command("--config", lost, "status"),
        sandbox.command("once", TRAYCREDS_CONFIG=lost),
        sandbox.command("--config", lost, "creds", "dev"),
    ):
        assert done.returncode == 2
        assert f"There is no configuration file {lost}." in complaint(done)


@pytest.mark.usefixtures("untouched")
def test_unknown_role_names_the_nearest(sandbox):
    sandbox.add_role("production")
    done = sandbox.command("once", "prodution")
    assert done.returncode == 2
    assert "Did you mean production?" in complaint(done)


@pytest.mark.usefixtures("untouched")
def test_unreachable_endpoint(sandbox):
    sandbox.add_role("dev")
    done = sandbox.command("once", "dev", AWS_ENDPOINT_URL_STS="http://127.0.0.1:1")
    assert done.returncode == 3
    assert "dev" in complaint(done)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.THROTTLE, Fault.ERROR_500, Fault.PROXY_502, Fault.DROP])
def test_refused_by_aws(sandbox, fault):
    arn = sandbox.add_role("dev")
    sandbox.simulator.faults.set(fault, role=arn)
    done = sandbox.command("once", "dev")
    assert done.returncode == 3
    assert "dev" in complaint(done)
    assert done.stdout == ""


def test_unreadable_file(sandbox):
    sandbox.add_role("dev", source="elsewhere")
    sandbox.aws_config.write_text(
        f"[profile elsewhere]\naws_access_key_id = {sandbox.owner.access_key_id}\n"
        f"aws_secret_access_key = {sandbox.owner.secret_access_key}\n"
    )
    sandbox.credentials_file.write_text("[base]\na = 1\n[base]\nb = 2\n")
    done = sandbox.command("once", "dev")
    assert done.returncode in {2, 4}
    assert "line 3" in complaint(done)
    assert sandbox.credentials_file.read_text() == "[base]\na = 1\n[base]\nb = 2\n"


def test_a_profile_of_someone_else_is_refused(sandbox):
    sandbox.add_role("dev", extra='profile = "mine"')
    with sandbox.credentials_file.open("a") as file:
        file.write("\n[mine]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    before = sandbox.credentials_file.read_bytes()
    done = sandbox.command("once", "dev")
    assert done.returncode == 4
    assert "traycreds import take-over mine" in complaint(done)
    assert sandbox.credentials_file.read_bytes() == before


def test_created_file_is_private(sandbox, tmp_path):
    """Source keys in ~/.aws/config, no credentials file yet: it is made with its folder, for its owner alone."""
    sandbox.aws_config.write_text(
        f"[profile base]\naws_access_key_id = {sandbox.owner.access_key_id}\n"
        f"aws_secret_access_key = {sandbox.owner.secret_access_key}\n"
    )
    sandbox.add_role("dev")
    fresh = tmp_path / "new" / "credentials"
    done = sandbox.command("once", "dev", AWS_SHARED_CREDENTIALS_FILE=str(fresh))
    assert done.returncode == 0, done.stderr
    assert has_mode(fresh, 0o600)
    assert has_mode(fresh.parent, 0o700)


def test_help_lists_no_command_that_does_not_work(sandbox):
    done = sandbox.command("--help")
    assert done.returncode == 0
    for name in ("run", "demo", "once", "status"):
        assert name in done.stdout


def test_a_reader_that_has_enough_ends_it_quietly(sandbox):
    sandbox.add_role("dev")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "traycreds", "status"],
            env=sandbox.environment(),
            check=False,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            timeout=20,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [("--version",), ("status",), ("status", "--json")])
def test_quick_commands_load_nothing_heavy(sandbox, arguments):
    sandbox.add_role("dev")
    done = sandbox.command(*arguments, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "traycreds.cli" in done.stderr
    for heavy in ("botocore", "boto3", "plyer", "pystray", "PIL", "keyring"):
        assert f" {heavy}" not in done.stderr


LONG_LIVED = "2036-01-01T00:00:00Z"


def printing(sandbox, **answer: str) -> None:
    """A role dev whose credential_process prints this."""
    printed = sandbox.home / "printed.json"
    printed.write_text(json.dumps({"Version": 1, "SecretAccessKey": "s", "Expiration": LONG_LIVED, **answer}))
    with sandbox.aws_config.open("a") as file:
        file.write(f"[profile dev]\ncredential_process = {sys.executable} -c \"print(open('{printed}').read())\"\n")
    sandbox.config.parent.mkdir(parents=True)
    sandbox.config.write_text('[roles.dev]\nfrom_profile = "dev"\n')


@not_on_windows
def test_a_session_whose_key_resembles_a_long_term_one_is_served_each_time(sandbox):
    printing(sandbox, AccessKeyId="AKIAIOSFODNN7EXAMPLE", SessionToken="t")
    done = sandbox.command("once", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: written to profile dev-session")
    again = sandbox.command("once", "dev")
    assert (again.returncode, again.stdout) == (3, ""), "nothing was written: it has no new session"
    assert again.stderr.startswith("dev: profile dev-session keeps its session until ")
    assert again.stderr.endswith(". The new one would not last longer.\n"), "it is the same"
    assert json.loads(sandbox.command("creds", "dev").stdout)["AccessKeyId"] == "AKIAIOSFODNN7EXAMPLE"


def test_a_shorter_session_that_is_asked_for_is_written(sandbox):
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    before = sandbox.profiles()["dev-session"]
    sandbox.config.write_text(f'{sandbox.config.read_text()}duration = "15m"\n')
    done = sandbox.command("once", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("dev: written to profile dev-session")
    after = sandbox.profiles()["dev-session"]
    assert after["aws_access_key_id"] != before["aws_access_key_id"]
    assert after["x_security_token_expires"] < before["x_security_token_expires"]


@not_on_windows
@pytest.mark.parametrize(("account", "known"), [("210987654321", "210987654321"), ("my account", None)])
def test_the_account_that_a_program_names_goes_with_its_session(sandbox, account, known):
    printing(sandbox, AccessKeyId="ASIAIOSFODNN7EXAMPLE", SessionToken="t", AccountId=account)
    assert sandbox.command("once", "dev").returncode == 0
    assert sandbox.profiles()["dev-session"].get("aws_account_id") == known
    assert json.loads(sandbox.command("creds", "dev").stdout).get("AccountId") == known
    assert json.loads(sandbox.command("env", "dev", "--shell", "json").stdout).get("AWS_ACCOUNT_ID") == known


def test_a_session_serves_where_an_endpoint_needs_its_account(sandbox):
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    with sandbox.aws_config.open("a") as file:
        file.write("[profile dev-session]\nregion = eu-west-1\naccount_id_endpoint_mode = required\n")
    session = Session(profile="dev-session")
    session.set_config_variable("config_file", str(sandbox.aws_config))
    session.set_config_variable("credentials_file", str(sandbox.credentials_file))
    asked: list[str] = []

    def answer(request, **_):
        asked.append(request.url)
        return AWSResponse(request.url, 200, {}, SimpleNamespace(stream=lambda: [b"{}"]))

    client = session.create_client("dynamodb")
    client.meta.events.register("before-send.dynamodb", answer)
    assert client.list_tables()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert asked == [f"https://{ACCOUNT}.ddb.eu-west-1.amazonaws.com/"]


@not_on_windows
# The tests with the longest limits start first, and this one waits long.
@pytest.mark.timeout(90)
def test_nothing_is_called_written_while_the_file_is_locked(sandbox):
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    before = sandbox.credentials_file.read_bytes()
    with locks.locked(contents.real_path(sandbox.credentials_file), sandbox.state / "locks"):
        done = sandbox.command("once", "dev", timeout=50)
    assert (done.returncode, done.stdout) == (4, "")
    assert "Another traycreds is busy" in complaint(done)
    assert sandbox.credentials_file.read_bytes() == before


def test_a_session_that_another_program_wrote_is_not_handed_out_as_the_roles(sandbox):
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    text = sandbox.credentials_file.read_text()
    key = sandbox.profiles()["dev-session"]["aws_access_key_id"]
    sandbox.credentials_file.write_text(text.replace(f"aws_access_key_id = {key}", "aws_access_key_id = ASIATHEIRS"))
    done = sandbox.command("creds", "dev")
    assert (done.returncode, done.stdout) == (4, "")
    assert "holds a session that traycreds did not write" in done.stderr
    assert sandbox.profiles()["dev-session"]["aws_access_key_id"] == "ASIATHEIRS"


def test_without_an_app_no_retry_is_promised_and_a_role_is_kept_as_configured(sandbox):
    sandbox.add_role("dev", extra="keep = true")
    assert sandbox.command("use", "dev").returncode == 0
    kept = [
        json.loads(sandbox.command(*words, "--json").stdout)["roles"][0]["kept"] for words in (["once"], ["status"])
    ]
    assert kept == [True, True]
    sandbox.simulator.faults.set(Fault.ERROR_500)
    for words in (["once"], ["refresh", "dev"]):
        done = sandbox.command(*words)
        assert done.returncode == 3
        assert done.stderr.endswith("Try again in a minute.\n"), "not that traycreds retries, though dev is the default"
