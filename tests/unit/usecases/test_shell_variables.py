"""Quoting: whatever a value holds, each shell gives it back as it was, and runs none of it."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders import NOW, a_role, credentials
from traycreds.core.errors import UsageError
from traycreds.process.environment import CREDENTIALS
from traycreds.usecases import shell_variables

NASTY = [
    "",
    "'",
    '"',
    "\\",
    "\\'",
    "$HOME",
    "`id`",
    "$(id)",
    "a b",
    "!!",
    "%PATH%",
    "a\nb",
    "*",
    "~",
    "é",
    "'\\''",
    "\u2019",
]
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    NASTY
)


def read_back(shell: str, program: str, value: str) -> str:
    text = shell_variables.script(shell, {"AWS_TEST": value})
    done = subprocess.run(
        [program, "-c", f'{text}\nprintf %s "$AWS_TEST"'], check=True, capture_output=True, timeout=10
    )
    return done.stdout.decode()


@pytest.mark.parametrize(("shell", "program"), [("bash", "bash"), ("bash", "dash"), ("zsh", "zsh"), ("fish", "fish")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_a_real_shell_reads_any_value_back(shell, program, value):
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}: sudo apt-get install -y {program}")
    assert read_back(shell, program, value) == value


@given(VALUES)
def test_powershell_ends_the_string_at_no_other_quote(value):
    line = shell_variables.script("powershell", {"AWS_TEST": value}).split("\nRemove-Item")[0]
    quoted = re.fullmatch(r"\$Env:AWS_TEST = '(.*)'", line, re.DOTALL)
    assert quoted is not None
    pairs = re.sub("(['\u2018\u2019\u201a\u201b])\\1", "", quoted[1])
    assert not set(pairs) & set("'\u2018\u2019\u201a\u201b")
    assert re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", quoted[1]) == value


@given(VALUES)
def test_nushell_reads_a_string_of_json_but_for_code_points(value):
    """Tried in nushell 0.115.1."""
    line = shell_variables.script("nushell", {"AWS_TEST": value}).split("\nhide-env")[0]
    quoted = line.removeprefix("$env.AWS_TEST = ")
    assert json.loads(re.sub(r"\\u\{([0-9a-f]{4})\}", r"\\u\1", quoted)) == value


@given(VALUES)
def test_xonsh_reads_a_string_of_python(value):
    """Tried in xonsh 0.25.0."""
    line = shell_variables.script("xonsh", {"AWS_TEST": value}).split("\n")[0]
    assert ast.literal_eval(line.removeprefix("$AWS_TEST = ")) == value


@given(VALUES)
def test_a_env_file_takes_only_what_needs_no_quotes(value):
    try:
        line = shell_variables.script("dotenv", {"AWS_TEST": value})
    except UsageError:
        assert not re.fullmatch(r"[A-Za-z0-9+/=_.:-]+", value)
        return
    assert line == f"AWS_TEST={value}"
    assert not set(line) & set("'\"#$\\ \n")


@given(VALUES)
def test_cmd_refuses_what_it_cannot_quote(value):
    try:
        line = shell_variables.script("cmd", {"AWS_TEST": value}).partition("\n")[0]
    except UsageError:
        assert set(value) & set('"%!^\r\n')
        return
    assert line == f'set "AWS_TEST={value}"'


def test_what_aws_gives_fits_every_shell():
    values = shell_variables.variables(a_role(region="eu-west-1"), credentials())
    for shell in (*shell_variables.SHELLS, *shell_variables.FORMATS):
        assert values["AWS_SESSION_TOKEN"] in shell_variables.script(shell, values)


def test_the_variables_of_a_session():
    given_ = credentials(NOW + timedelta(hours=1))
    assert shell_variables.variables(a_role(), given_) == {
        "AWS_ACCESS_KEY_ID": given_.access_key_id,
        "AWS_SECRET_ACCESS_KEY": given_.secret_access_key,
        "AWS_SESSION_TOKEN": given_.session_token,
        "AWS_CREDENTIAL_EXPIRATION": "2026-11-24T13:00:00Z",
        "AWS_ACCOUNT_ID": "123456789012",
    }
    region = shell_variables.variables(a_role(region="eu-west-1"), given_)
    assert (region["AWS_REGION"], region["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")


def test_what_would_win_over_the_session_is_taken_away():
    parent = {"PATH": "/bin", "AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "y", "AWS_SECURITY_TOKEN": "z"}
    child = shell_variables.child_environment(a_role(), credentials(), {**parent, "AWS_REGION": "us-east-2"})
    assert child["PATH"] == "/bin"
    assert child["AWS_REGION"] == "us-east-2", "a role without a region leaves the user's own"
    assert not set(child) & set(shell_variables.REMOVED)


CALLER = (
    "AWS_ACCOUNT_ID",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_SSO_PROFILE",
    "AWS_VAULT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWSUME_EXPIRATION",
    "AWSUME_PROFILE",
    "AWSU_PROFILE",
)


def test_no_variable_that_holds_credentials_is_left_in_a_child():
    parent = dict.fromkeys(CREDENTIALS, "theirs")
    child = shell_variables.child_environment(a_role(), credentials(), parent)
    served = shell_variables.served_environment(a_role(), parent, url="u", token="t", credentials_file="f")
    assert "theirs" not in {*child.values(), *served.values()}


@pytest.mark.parametrize("arn", [None, "arn:aws:iam::123456789012:role/x"])
def test_nothing_of_the_callers_identity_is_left_in_a_child(arn):
    role = a_role(arn=arn)
    wanted = {} if arn is None else {"AWS_ACCOUNT_ID": "123456789012"}
    parent = dict.fromkeys(CALLER, "theirs")
    child = shell_variables.child_environment(role, credentials(), parent)
    served = shell_variables.served_environment(role, parent, url="u", token="t", credentials_file="f")
    ours = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "u", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"}
    assert {name: child[name] for name in CALLER if name in child} == wanted
    assert {name: served[name] for name in CALLER if name in served} == {**wanted, **ours}


@pytest.mark.parametrize("shell", ["bash", "fish", "powershell", "cmd"])
def test_the_account_is_set_or_taken_away_in_each_shell(shell):
    known = shell_variables.script(shell, shell_variables.variables(a_role(), credentials()))
    unknown = shell_variables.script(shell, shell_variables.variables(a_role(arn=None), credentials()))
    assert known.count("AWS_ACCOUNT_ID") == unknown.count("AWS_ACCOUNT_ID") == 1
    assert ("123456789012" in known, "123456789012" in unknown) == (True, False)


@pytest.mark.parametrize(
    ("path", "windows", "shell"),
    [
        ("/bin/bash", False, "bash"),
        ("/usr/bin/zsh", False, "zsh"),
        ("/usr/local/bin/fish", False, "fish"),
        ("/bin/sh", False, "bash"),
        ("/usr/bin/nu", False, "nushell"),
        ("/usr/bin/xonsh", False, "xonsh"),
        ("/usr/bin/pwsh", False, "powershell"),
        ("", False, "bash"),
        ("", True, "powershell"),
        ("/usr/bin/bash.exe", True, "bash"),
    ],
)
def test_the_shell_is_found_by_its_name(path, windows, shell):
    assert shell_variables.shell_of({"SHELL": path} if path else {}, windows=windows) == shell


def test_an_unknown_shell_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="bash, zsh, fish, powershell, nushell, xonsh, cmd"):
        shell_variables.shell_of({"SHELL": "/bin/tcsh"}, windows=False)
    with pytest.raises(UsageError, match="tcsh"):
        shell_variables.shell_of({}, windows=False, given="tcsh")
    with pytest.raises(UsageError, match="tcsh"):
        shell_variables.script("tcsh", {})


def test_a_served_program_has_nothing_that_wins_over_the_endpoint():
    profile = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    web_identity = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
    container = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    parent = dict.fromkeys((*profile, *keys, *web_identity, *container), "x")
    given = shell_variables.served_environment(
        a_role("dev", region="eu-west-1"),
        {**parent, "PATH": "/bin", "AWS_CONFIG_FILE": "c"},
        url="http://127.0.0.1:1/credentials",
        token="word",
        credentials_file="/tmp/x/hidden-by-traycreds-exec",
    )
    assert given == {
        "PATH": "/bin",
        "AWS_CONFIG_FILE": "c",
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "word",
        "AWS_SHARED_CREDENTIALS_FILE": "/tmp/x/hidden-by-traycreds-exec",
        "TRAYCREDS_CREDENTIALS_FILE": "",
    }
