"""`import --live`: the profile of ~/.aws/config by which SDKs follow a role's session, written byte by byte."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from tests.support.sandbox import has_mode
from tests.windows.mark import on_wine
from traycreds.awsfiles.ini_edit import parse
from traycreds.importers.live_profile import command_line
from traycreds.process.own_program import program

PROGRAM = command_line(program(), windows=sys.platform == "win32")
COMMENTED = b"# mine\r\n[default]\r\nregion=us-east-1 \r\n\r\n[profile x]\r\ns3 =\r\n  max_queue_size = 5\r\n; the end"


def live(sandbox, *more, **environment):
    done = sandbox.command("import", "--live", "dev", *more, **environment)
    assert "Traceback" not in done.stderr
    return done


def caller(sandbox, *words, profile="dev-live"):
    """What a program that asks STS who it is prints."""
    return subprocess.run(
        words,
        env=sandbox.environment(AWS_PROFILE=profile),
        check=False,
        capture_output=True,
        text=True,
        timeout=sandbox.patience,
    )


def test_the_profile_names_this_program_and_the_role_and_its_region(sandbox):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    sandbox.aws_config.write_bytes(COMMENTED)
    done = live(sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Profile dev-live is now in {sandbox.aws_config}.\n" in done.stdout
    added = (
        f"\r\n\r\n[profile dev-live]\r\ncredential_process = {PROGRAM} creds dev\r\n"
        "traycreds_role = dev\r\nregion = eu-west-1\r\n"
    )
    assert sandbox.aws_config.read_bytes() == COMMENTED + added.encode()


def test_the_command_live_writes_what_the_option_wrote(sandbox):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    sandbox.aws_config.write_bytes(COMMENTED)
    assert live(sandbox).returncode == 0
    written = sandbox.aws_config.read_bytes()
    sandbox.aws_config.write_bytes(COMMENTED)
    done = sandbox.command("import", "live", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.aws_config.read_bytes() == written
    assert sandbox.command("import", "live", "dev", "--as", "other").returncode == 0
    assert parse(sandbox.aws_config.read_text())["profile other"]["traycreds_role"] == "dev"
    now = sandbox.aws_config.read_bytes()
    for more in ((), ("dev", "--yes"), ("dev", "prod"), ("dve",)):
        done = sandbox.command("import", "live", *more)
        assert (done.returncode, done.stdout) == (2, "")
    assert sandbox.aws_config.read_bytes() == now


def test_a_second_time_changes_nothing(sandbox):
    sandbox.add_role("dev")
    assert live(sandbox).returncode == 0
    before, stamp = sandbox.aws_config.read_bytes(), sandbox.aws_config.stat().st_mtime_ns
    done = live(sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Profile dev-live is already in {sandbox.aws_config}.\n" in done.stdout
    assert (sandbox.aws_config.read_bytes(), sandbox.aws_config.stat().st_mtime_ns) == (before, stamp)


def test_one_of_ours_is_brought_up_to_date_and_the_rest_of_it_kept(sandbox):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    text = (
        "[profile dev-live]\n# old place\ncredential_process=/gone/traycreds creds dev\nOutput = json\n"
        "traycreds_role = dev\n\n[default]\nregion = us-east-1\n"
    )
    sandbox.aws_config.write_text(text)
    assert live(sandbox).returncode == 0
    assert sandbox.aws_config.read_text() == text.replace(
        "credential_process=/gone/traycreds creds dev", f"credential_process = {PROGRAM} creds dev"
    ).replace("traycreds_role = dev\n", "traycreds_role = dev\nregion = eu-west-1\n")


def test_what_someone_wrote_by_hand_just_so_is_left(sandbox):
    sandbox.add_role("dev")
    text = f"[profile dev-live]\ncredential_process = {PROGRAM} creds dev\n"
    sandbox.aws_config.write_text(text)
    assert live(sandbox).returncode == 0
    assert sandbox.aws_config.read_text() == text


@pytest.mark.parametrize(
    ("aws_config", "credentials", "role", "message"),
    [
        ("[profile dev-live]\ncredential_process = mine\n", "", "", "line 1, was not written by traycreds"),
        ("[profile dev-live]\nregion = x\n", "", "", "line 1, was not written by traycreds"),
        ('[profile "dev-live"]\nregion = x\n', "", "", "line 1, and was not written by traycreds"),
        (
            "",
            "[dev-live]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n",
            "",
            "whose keys would take precedence",
        ),
        ("", "", 'profile = "dev-live"', "The role dev already writes profile dev-live"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_another_one_works(sandbox, aws_config, credentials, role, message):
    sandbox.add_role("dev", extra=role)
    sandbox.aws_config.write_text(aws_config)
    with sandbox.credentials_file.open("a", newline="\n") as file:
        file.write(credentials)
    before = sandbox.aws_config.read_bytes(), sandbox.credentials_file.read_bytes()
    done = live(sandbox)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.endswith("such as --as dev-live-2.\n")
    assert (sandbox.aws_config.read_bytes(), sandbox.credentials_file.read_bytes()) == before
    assert live(sandbox, *done.stderr.rstrip(".\n").split()[-2:]).returncode == 0
    assert sandbox.aws_config.read_bytes().startswith(before[0])
    assert parse(sandbox.aws_config.read_text())["profile dev-live-2"]["traycreds_role"] == "dev"


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("[default]\nregion = x\n[default]\n", (), "line 3"),
        ("[default]\nregion = x\n", ("--as", "a b"), "is not read the same way by all AWS tools"),
        ("[default]\nregion = x\n", ("--yes",), "--live writes one profile"),
        ("[default]\nregion = x\n", ("--take-over", "x"), "--live writes one profile"),
    ],
)
def test_what_cannot_be_done_touches_nothing(sandbox, text, arguments, message):
    sandbox.add_role("dev")
    sandbox.aws_config.write_text(text)
    done = live(sandbox, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert sandbox.aws_config.read_text() == text


def test_an_unknown_role(sandbox):
    sandbox.add_role("dev")
    done = sandbox.command("import", "--live", "dve")
    assert (done.returncode, done.stderr) == (2, "There is no role dve.\nDid you mean dev?\n")


def test_a_file_that_is_not_there_is_made(sandbox):
    sandbox.add_role("dev")
    sandbox.aws_config.unlink()
    assert live(sandbox).returncode == 0
    assert sandbox.aws_config.read_text().startswith("[profile dev-live]\n")
    assert has_mode(sandbox.aws_config, 0o600)


@pytest.mark.skipif(on_wine, reason="Wine 8 says that it has made a link, and has not")
def test_a_link_is_followed_once_there_is_what_it_leads_to(sandbox, tmp_path):
    sandbox.add_role("dev")
    sandbox.aws_config.unlink()
    real = tmp_path / "dotfiles" / "config"
    real.parent.mkdir()
    sandbox.aws_config.symlink_to(real)
    refused = live(sandbox)
    assert (refused.returncode, f"touch {real}" in refused.stderr) == (2, True)
    assert not real.exists(), "a volume may not be mounted"
    real.touch(mode=0o644)
    assert live(sandbox).returncode == 0
    assert sandbox.aws_config.is_symlink()
    assert real.read_text().startswith("[profile dev-live]\n")
    assert live(sandbox, "--as", "second").returncode == 0
    assert has_mode(real, 0o644)


@pytest.mark.parametrize(
    "words",
    [
        (sys.executable, "-c", "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"),
        (sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"),
    ],
    ids=["boto3", "awscli"],
)
def test_sdks_take_the_session_from_it(sandbox, words):
    """With a configuration of its own place, whose name has what a shell would take apart."""
    sandbox.add_role("dev", extra='region = "us-east-1"')
    place = sandbox.home / "my 'own' $place"
    place.mkdir()
    own = sandbox.config.rename(place / "roles (1).toml")
    done = sandbox.command("--config", str(own), "import", "--live", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    done = caller(sandbox, *words)
    assert "assumed-role/dev/" in done.stdout, done.stderr
    assert sandbox.profiles()["dev-session"]["traycreds_role"] == "dev"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_shells_split_the_command_as_botocore_does():
    arguments = ["/a b/tray;creds", "--config", '/it\'s $HOME/`x`\\&"q"*~', "creds", "dev"]
    line = command_line(arguments, windows=False)
    assert shlex.split(line) == arguments
    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {line}"], check=True, capture_output=True, text=True
    ).stdout
    assert shown.splitlines() == arguments
    assert line[0] not in "'\""


def test_on_windows_no_command_begins_with_a_quote():
    plain = command_line(["C:\\py\\traycreds.exe", "creds", "dev"], windows=True)
    assert plain == "C:\\py\\traycreds.exe creds dev"
    spaced = command_line(["C:\\Program Files\\traycreds.exe", "creds", "dev"], windows=True)
    assert spaced == 'cmd /c "C:\\Program Files\\traycreds.exe" creds dev'
