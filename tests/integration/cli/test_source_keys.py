"""`import --keyring` and back: the keys leave the credentials file, and everything continues using the profile."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from tests.support.sandbox import has_mode
from tests.support.sandbox_mfa import Mfa, log_of
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import not_on_windows
from traycreds.awsfiles.ini_edit import parse

CRLF = (
    "; mine\r\n[ops]\r\nregion=eu-west-1\r\n  \r\n[base]\r\n# the old key\r\nOutput = json\r\nAWS_Secret_Access_Key={1}\r\n"
    "# between\r\n\r\naws_access_key_id : {0}\r\nregion = eu-west-1\r\n# after\r\n\r\n[last]\r\nx=y"
)
PLAIN = "[base]\naws_access_key_id = {0}\naws_secret_access_key = {1}"


@pytest.fixture
def mfa(sandbox):
    return Mfa(sandbox)


@pytest.fixture
def run(sandbox, mfa):
    """Run `traycreds` with a keyring of the test's own; its secrets must not show."""

    def ran(*arguments, **environment):
        done = sandbox.command(*arguments, **{**mfa.environment(), **environment})
        assert "Traceback" not in done.stderr
        assert sandbox.owner.secret_access_key not in done.stdout + done.stderr
        return done

    return ran


def write(sandbox, template):
    text = template.format(sandbox.owner.access_key_id, sandbox.owner.secret_access_key).encode()
    sandbox.credentials_file.write_bytes(text)
    return text


def identity(sandbox, mfa, profile="base"):
    """Who awscli is with a profile."""
    command = ("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    return sandbox.aws(*command, AWS_PROFILE=profile, AWS_DEFAULT_REGION="us-east-1", **mfa.environment())


@pytest.mark.parametrize("template", [CRLF, PLAIN], ids=["crlf", "no-end"])
def test_keys_go_into_the_keyring_and_come_back_byte_for_byte(sandbox, mfa, run, template):
    before = write(sandbox, template)
    sandbox.credentials_file.chmod(0o600)
    unwell = json.loads(run("doctor", "--json").stdout)
    done = run("import", "--keyring", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        f"The keys of profile base are now in the keyring, and no longer in {sandbox.credentials_file}." in done.stdout
    )
    now = sandbox.credentials_file.read_bytes()
    assert sandbox.owner.secret_access_key.encode() not in now
    assert sandbox.owner.access_key_id.encode() not in now
    values = parse(before.decode())["base"]
    process = parse(now.decode())["base"].pop("credential_process")
    assert process.endswith("traycreds keys base")
    assert parse(now.decode())["base"] == {
        **{key: value for key, value in values.items() if not key.startswith("aws_")},
        "credential_process": process,
    }
    assert has_mode(sandbox.credentials_file, 0o600)
    assert sandbox.owner.secret_access_key in mfa.keyring.read_text()
    assert not [
        path
        for path in sandbox.credentials_file.parent.iterdir()
        if path.is_file() and sandbox.owner.secret_access_key in path.read_text()
    ], "no copy is left in plain text"
    assert all(one in unwell for one in json.loads(run("doctor", "--json").stdout)), "doctor finds nothing new"

    done = run("import", "--from-keyring", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.credentials_file.read_bytes() == before
    assert sandbox.owner.secret_access_key not in mfa.keyring.read_text(), "the keyring has forgotten them"


@pytest.mark.parametrize("template", [CRLF, PLAIN], ids=["crlf", "no-end"])
def test_the_command_keyring_and_its_undo(sandbox, mfa, run, template):
    before = write(sandbox, template)
    done = run("import", "keyring", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.owner.secret_access_key.encode() not in sandbox.credentials_file.read_bytes()
    assert identity(sandbox, mfa).stdout.strip() == sandbox.owner.principal.arn
    again = done.stdout.partition("To put them back: traycreds ")[2].split()
    assert again == ["import", "keyring", "base", "--undo"]
    for refused in ((*again, "--yes"), ("import", "keyring", "base", "more"), ("import", "keyring")):
        done = run(*refused)
        assert (done.returncode, done.stdout) == (2, "")
    done = run(*again)
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.credentials_file.read_bytes() == before
    assert sandbox.owner.secret_access_key not in mfa.keyring.read_text()


def test_awscli_and_roles_use_them_from_the_keyring(sandbox, mfa, run):
    sandbox.add_role("dev")
    mfa.add_role("prod")
    assert run("import", "--keyring", "base").returncode == 0
    done = identity(sandbox, mfa)
    assert done.stdout.strip() == sandbox.owner.principal.arn, done.stderr
    done = run("once", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.profiles()["dev-session"]["traycreds_role"] == "dev"
    assert sandbox.profiles()["base"].keys() == {"credential_process"}
    text = "".join(path.read_text() for path in (sandbox.credentials_file, sandbox.config))
    assert sandbox.owner.secret_access_key not in text + log_of(sandbox.home)
    # `once` has no terminal to ask in. It lacks the code, not the keys.
    done = run("once", "prod")
    assert "Role prod needs a code from MFA device phone." in done.stderr


def test_a_running_app_goes_on_with_them(sandbox, mfa, run, start):
    sandbox.add_role("dev", extra="keep = true")
    start(**mfa.environment())
    first = sandbox.wait_for_profile("dev-session")
    assert run("import", "--keyring", "base").returncode == 0
    done = run("refresh", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    until(lambda: sandbox.profiles()["dev-session"] != first, "a new session is written", timeout=20)
    assert sandbox.owner.secret_access_key not in log_of(sandbox.home)


@not_on_windows
def test_no_secret_is_in_a_command_line(sandbox, mfa, run):
    """A keyring that takes its time leaves the process that asks it to be looked at."""
    assert run("import", "--keyring", "base").returncode == 0
    module = mfa.folder / "filekeyring.py"
    waits = "\n    def get_password(self, service, username):\n        import time; time.sleep(1)\n"
    module.write_text(module.read_text().replace("\n    def get_password(self, service, username):\n", waits))
    process = sandbox.start("keys", "base", cold=True, **mfa.environment())
    try:
        lines = []
        while process.poll() is None:
            table = subprocess.run(["ps", "-A", "-o", "args"], check=True, capture_output=True, text=True, timeout=10)
            lines += table.stdout.splitlines()
            time.sleep(0.1)
        printed = json.loads(process.communicate(timeout=PATIENCE)[0])
    finally:
        process.kill()
    assert any("traycreds keys base" in line for line in lines)
    assert sandbox.owner.secret_access_key not in "".join(lines)
    assert printed == {
        "Version": 1,
        "AccessKeyId": sandbox.owner.access_key_id,
        "SecretAccessKey": sandbox.owner.secret_access_key,
    }


@pytest.mark.parametrize("broken", ["none", "forgets"])
def test_without_a_keyring_that_keeps_them_nothing_is_changed(sandbox, mfa, run, broken):
    before, stamp = sandbox.credentials_file.read_bytes(), sandbox.credentials_file.stat().st_mtime_ns
    more = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    if broken == "forgets":
        module = mfa.folder / "filekeyring.py"
        module.write_text(module.read_text().replace("PATH.write_text(json.dumps({**self._all()", "(json.dumps({**{}"))
        more = {}
    done = run("import", "--keyring", "base", **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("No keyring here can store the keys, so they stay in the file.\nUnlock it or")
    assert (sandbox.credentials_file.read_bytes(), sandbox.credentials_file.stat().st_mtime_ns) == (before, stamp)


def test_without_its_keyring_the_file_waits_for_it(sandbox, mfa, run):
    assert run("import", "--keyring", "base").returncode == 0
    before = sandbox.credentials_file.read_bytes()
    none = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    for command in (("import", "--from-keyring", "base"), ("keys", "base")):
        done = run(*command, **none)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("The keyring does not return the keys of profile base.\nUnlock it")
    assert sandbox.credentials_file.read_bytes() == before
    assert sandbox.owner.secret_access_key in mfa.keyring.read_text()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[other]\n", "There is no profile base in "),
        ("[base]\nregion = x\n", "Profile base has no long-term keys in "),
        (
            "[base]\naws_access_key_id = A\naws_secret_access_key = b\naws_session_token = c\n",
            "Profile base holds a session.",
        ),
        (
            "[base]\naws_access_key_id = A\naws_secret_access_key = b\ntraycreds_role = dev\n",
            "Profile base holds a session.",
        ),
        (
            "[base]\naws_access_key_id = A\naws_secret_access_key = b\ncredential_process = mine\n",
            "Profile base already has a credential_process.",
        ),
        (
            "[base]\ncredential_process = /x/traycreds keys base\n",
            "The keyring does not return the keys of profile base.",
        ),
    ],
    ids=["no-profile", "no-keys", "session", "ours", "process", "moved"],
)
def test_what_cannot_be_moved_stays_as_it_is(sandbox, mfa, run, text, sentence):
    sandbox.credentials_file.write_text(text)
    done = run("import", "--keyring", "base")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert sandbox.credentials_file.read_text() == text
    assert not mfa.keyring.exists()


def test_a_second_time_only_the_place_of_the_program_is_corrected(sandbox, mfa, run):
    before = write(sandbox, PLAIN)
    assert run("import", "--keyring", "base").returncode == 0
    now, kept = sandbox.credentials_file.read_text(), mfa.keyring.read_text()
    done = run("import", "--keyring", "base")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The keys of profile base are already in the keyring.")
    process = sandbox.profiles()["base"]["credential_process"]
    sandbox.credentials_file.write_text(now.replace(process, "/gone/traycreds keys base"), newline="\n")
    assert run("import", "--keyring", "base").returncode == 0
    assert (sandbox.credentials_file.read_text(), mfa.keyring.read_text()) == (now, kept)
    assert run("import", "--from-keyring", "").returncode == 2
    assert run("import", "--from-keyring", "base").returncode == 0
    assert sandbox.credentials_file.read_bytes() == before


def test_new_keys_go_where_the_old_ones_are(sandbox, mfa, run):
    """`aws configure` after a rotation puts the new keys beside our line."""
    write(sandbox, PLAIN + "\n")
    assert run("import", "--keyring", "base").returncode == 0
    with sandbox.credentials_file.open("a", encoding="utf-8") as file:
        file.write("aws_access_key_id = AKIANEW\naws_secret_access_key = new\n")
    assert run("import", "--from-keyring", "base").stderr.startswith("Profile base has other keys in ")
    done = run("import", "--keyring", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.profiles()["base"].keys() == {"credential_process"}
    assert run("import", "--from-keyring", "base").returncode == 0
    assert sandbox.credentials_file.read_text() == "[base]\naws_access_key_id = AKIANEW\naws_secret_access_key = new\n"


def test_what_was_changed_in_between_is_kept(sandbox, mfa, run):
    """A renamed profile with a new line in it gets its keys, and keeps the line."""
    write(sandbox, PLAIN + "\n")
    assert run("import", "--keyring", "base").returncode == 0
    assert run("import", "--take-over", "base", "--as", "root").returncode == 0
    with sandbox.credentials_file.open("a", encoding="utf-8") as file:
        file.write("region = eu-west-1\n")
    assert identity(sandbox, mfa, "root").stdout.strip() == sandbox.owner.principal.arn
    done = run("import", "--from-keyring", "root")
    assert (done.returncode, done.stderr) == (0, "")
    keys = PLAIN.format(sandbox.owner.access_key_id, sandbox.owner.secret_access_key).partition("\n")[2]
    assert sandbox.credentials_file.read_text() == f"[root]\n{keys}\nregion = eu-west-1\n"


def test_keys_of_another_file_are_not_lost(sandbox, mfa, run):
    assert run("import", "--keyring", "base").returncode == 0
    kept = mfa.keyring.read_text()
    text = "[base]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n"
    sandbox.credentials_file.write_text(text)
    done = run("import", "--keyring", "base")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The keyring already holds keys of a profile base from another file.")
    assert (sandbox.credentials_file.read_text(), mfa.keyring.read_text()) == (text, kept)


def test_it_goes_with_nothing_else(sandbox, run):
    for more in (("dev",), ("--yes",), ("--from-keyring", "x"), ("--take-over", "x", "--as", "y")):
        done = run("import", "--keyring", "base", *more)
        assert (done.returncode, done.stdout) == (2, "")
    assert run("keys").returncode == 2
    assert sandbox.owner.access_key_id in sandbox.profiles()["base"].values()
