"""`doctor`: findings for people, for programs, and as a report that can be shown to anybody."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

from tests.support.fish_home import prepare_fish
from tests.support.terminal import in_terminal
from tests.support.wait_until import until
from traycreds.state import paths

WINDOWS = sys.platform == "win32"
PORTAL = "https://acme-corp.awsapps.com/start"

import pytest


def spoil(sandbox):
    """A home with something wrong in each file."""
    sandbox.add_role("dev", extra='mfa_serial = "arn:aws:iam::123456789012:mfa/jane.doe"\nexternal_id = "tell-nobody"')
    sandbox.aws_config.write_text(
        "[default]\nregion = us-east-1\n[profile slow]\nrole_arn = arn:aws:iam::210987654321:role/slow\n"
        "source_profile = base\nduration_seconds = 1h\n"
        f"[profile sso]\nsso_start_url = {PORTAL}\nsso_region = x\nsso_account_id = 210987654321\nsso_role_name = R\n"
    )
    sandbox.credentials_file.chmod(0o644)


def log_file(sandbox):
    sandbox.log.parent.mkdir(parents=True, exist_ok=True)
    return sandbox.log


def test_all_is_well(sandbox):
    sandbox.add_role("dev")
    done = sandbox.command("doctor")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No problems found.\n", "")
    assert json.loads(sandbox.command("doctor", "--json").stdout) == {"included": [], "findings": []}


def test_findings_for_people_and_programs(sandbox):
    spoil(sandbox)
    done = sandbox.command("doctor")
    assert (done.returncode, done.stderr) == (4, "")
    assert f"warning: {sandbox.aws_config}, line 6: " in done.stdout
    # Windows has no file modes.
    if not WINDOWS:
        words = f"error: {sandbox.credentials_file}: other users of this machine can read the keys in it.\n"
        assert f"{words}    Run: chmod 600 {sandbox.credentials_file}\n" in done.stdout
    assert done.stdout.endswith("1 thing to look at.\n" if WINDOWS else "2 things to look at.\n")
    done = sandbox.command("doctor", "--json")
    assert (done.returncode, done.stderr) == (4, "")
    findings = json.loads(done.stdout)["findings"]
    assert [(each["file"], each["line"], each["severity"]) for each in findings] == [
        (str(sandbox.aws_config), 6, "warning"),
        (str(sandbox.credentials_file), None, "error"),
    ][: len(findings)]
    assert len(findings) == (1 if WINDOWS else 2)
    assert all(each["what"] and each["remedy"] for each in findings)
    assert sandbox.owner.secret_access_key not in done.stdout


def test_broken_files_are_findings_not_failures(sandbox):
    sandbox.add_role("dev", extra="kep = true")
    done = sandbox.command("doctor")
    assert (done.returncode, done.stderr) == (4, "")
    assert (
        f"error: {sandbox.config}, line 4: kep of role dev is an unknown key.\n    Did you mean keep?\n" in done.stdout
    )
    sandbox.credentials_file.write_text("[a]\nwJalrXUtnFEMIsecret\n")
    done = sandbox.command("doctor")
    assert (done.returncode, done.stderr) == (4, "")
    assert f"{sandbox.credentials_file}, line 2: " in done.stdout
    assert "wJalr" not in done.stdout


def test_a_report_has_what_a_helper_needs(sandbox):
    spoil(sandbox)
    log_file(sandbox).write_text("".join(f"line {number} of the log\n" for number in range(100)))
    done = sandbox.command("doctor", "--report", XDG_CURRENT_DESKTOP="GNOME")
    assert (done.returncode, done.stderr) == (4, "")
    text = done.stdout
    assert re.match(r"traycreds \S+ on Python 3\.\d+\.\d+, (Linux|Windows|macOS)", text)
    assert re.search(r"Packages: botocore 1\.", text)
    assert "Desktop: XDG_CURRENT_DESKTOP=GNOME\n" in text
    if WINDOWS:
        assert re.search(r"credentials: ~\\\.aws\\credentials \(\d+ bytes\)", text)
        assert "log: ~\\AppData\\Local\\traycreds\\Logs\n" in text
    else:
        assert re.search(r"credentials: ~/\.aws/credentials \(\d+ bytes, mode 644\)", text)
        assert re.search(r"log: ~/\.local/state/traycreds/log \(mode \d{3}\)", text)
    assert "  dev: off, account [account 1], source of kind long-term keys, MFA, external ID\n" in text
    assert f"Findings: {1 if WINDOWS else 2}\n" in text
    assert f"{Path('~/.aws/config')}, line 6: " in text
    assert "line 99 of the log\n" in text
    assert "line 40 of the log\n" in text
    assert "line 39 of the log\n" not in text


def test_a_report_holds_no_secret_no_account_and_no_person(sandbox):
    spoil(sandbox)
    key, secret = sandbox.owner.access_key_id, sandbox.owner.secret_access_key
    token = "FwoGZXIvYXdzEBYaDsecret" * 10
    log_file(sandbox).write_text(
        f"key {key} secret_access_key = {secret}\naws_session_token={token}\n"
        "MFA code 123456 of arn:aws:iam::123456789012:mfa/jane.doe (jane.doe@acme-corp.com)\n"
        "arn:aws:sts::123456789012:assumed-role/dev/jane.doe has 210987654321 and 123456789012\n"
        f"open {PORTAL}/#/x and {sandbox.home}/secret-project\n"
    )
    spellings = [str(sandbox.home)]
    if WINDOWS:
        spellings += [sandbox.home.as_posix(), json.dumps(str(sandbox.home))[1:-1], str(sandbox.home).lower()]
    with log_file(sandbox).open("a") as file:
        file.writelines(f"in {home}\n" for home in spellings)
    text = sandbox.command("doctor", "--report").stdout
    for hidden in (
        *(key, secret, token, "123456789012", "210987654321", "jane", "acme-corp", "tell-nobody", "code 123456"),
        *spellings,
    ):
        assert hidden not in text, hidden
    assert "has [account 2] and [account 1]" in text or "has [account 1] and [account 2]" in text
    assert "~/secret-project" in text
    assert "arn:aws:sts::[account" in text


def test_a_report_has_the_state_of_the_roles_in_the_running_app(sandbox, start):
    sandbox.add_role("bad", extra="keep = true", trusted=False)
    text = sandbox.command("doctor", "--report").stdout
    assert "Roles:\n  (as the files say: traycreds is not running)\n  bad: off, account [account 1], " in text
    assert "failing" not in text
    start()
    until(lambda: '"failed"' in sandbox.command("status", "--json").stdout, "AWS has refused")
    text = sandbox.command("doctor", "--report").stdout
    assert "Roles:\n  (as the running app says)\n  bad: failed, account [account 1], " in text
    assert re.search(
        r"\n    failing since \d{4}-\d\d-\d\d \d\d:\d\d UTC: AWS refused to let .*role/bad.* trust policy", text
    )


def test_a_report_of_broken_files_says_why_there_are_no_roles(sandbox):
    sandbox.add_role("dev", extra="kep = true")
    text = sandbox.command("doctor", "--report").stdout
    place = f"~{str(sandbox.config).removeprefix(str(sandbox.home))}"
    assert f"Roles:\n  {place}, line 4: kep of role dev is an unknown key.\n" in text
    assert "Log, last 60 lines:\n  (none)\n" in text


def test_a_report_says_that_roles_are_merely_offered(sandbox):
    sandbox.aws_config.write_text("[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n")
    done = sandbox.command("doctor", "--report")
    assert "  (none configured; offered from ~/.aws/config)\n  dev: off" in done.stdout
    assert done.returncode == 0


def test_json_and_report_exclude_each_other(sandbox):
    assert sandbox.command("doctor", "--json", "--report").returncode == 2
    assert paths.APP in sandbox.command("doctor", "--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no login shells")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_program_that_only_this_terminal_finds_is_named_and_the_terminal_stays_ours(sandbox, tool, shell):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    environment = {"PATH": f"{tool.parent}:{os.environ['PATH']}", "SHELL": program, "TERM": "dumb"}
    prepare_fish(sandbox.home)
    for rc in (".bash_profile", ".zprofile", ".config/fish/config.fish"):
        (sandbox.home / rc).parent.mkdir(parents=True, exist_ok=True)
        (sandbox.home / rc).write_text("set -x PATH /usr/bin /bin\n" if "fish" in rc else "PATH=/usr/bin:/bin\n")
    shown, code = in_terminal(sandbox, command=("doctor",), **environment)
    assert "some-tool, which credential_process names, is on the PATH of this terminal, but not on that of" in shown
    assert f"Write its full path: {tool}" in shown
    assert "1 thing to look at." in shown
    assert code == 4
