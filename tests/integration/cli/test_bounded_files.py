"""Each file from outside that would block forever, has no end, or is far too large: a sentence within seconds.

That no command needs more than 100 MiB for one is checked after each test (tests/conftest.py).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.sandbox import ACCOUNT
from tests.windows.mark import not_on_windows
from traycreds.aws.sso.token_cache import key_of, login_key_of

pytestmark = not_on_windows

ARN = f"arn:aws:iam::{ACCOUNT}:role/dev"
ROLE = f"[profile dev]\nrole_arn = {ARN}\nsource_profile = base\n"
SSO = f"[profile dev]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = R\n"
SESSION = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
LOGIN = f"arn:aws:iam::{ACCOUNT}:user/base"
KINDS = ("FIFO", "device", "large")
NAMES = {"FIFO": "not a regular file", "device": "not a regular file", "large": "larger than 8 MiB"}


class Case(NamedTuple):
    """A file, the commands that meet it, and what each of them says.

    Attributes:
        what: the file.
        place: where it is, under HOME.
        commands: each with its exit code.
        says: what is in each answer; {path} for the file, {why} for what is wrong with it.
        aws: what ~/.aws/config holds, with {path}.
        toml: our configuration, with {path}.
        variables: of the environment, with {path}.
        why: what is wrong with it, where that is printed in other words.
    """

    what: str
    place: str
    commands: tuple[tuple[str, int], ...]
    says: str
    aws: str = ROLE
    toml: str = '[roles.dev]\nfrom_profile = "dev"\n'
    variables: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    why: dict[str, str] = NAMES


ONCE = (("once dev", 2),)
NAMED = "{path} is {why}"
CERTIFICATES = "names {path}: {why}. Write the full path of a file of certificates"
TABLE = (
    Case(
        "our configuration",
        ".config/traycreds/config.toml",
        (*ONCE, ("status", 2)),
        NAMED,
        why={**NAMES, "large": "larger than 1 MiB"},
    ),
    Case(
        "~/.aws/config",
        ".aws/config",
        (*ONCE, ("doctor", 4)),
        "{why}",
        toml=f'[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\n',
    ),
    Case("the credentials file", ".aws/credentials", (("status", 4), ("once dev", 4)), NAMED),
    Case("ca_bundle", "ca.pem", (*ONCE, ("doctor", 4)), CERTIFICATES, aws=ROLE + "ca_bundle = {path}\n"),
    Case("AWS_CA_BUNDLE", "ca.pem", (*ONCE, ("doctor", 4)), CERTIFICATES, variables={"AWS_CA_BUNDLE": "{path}"}),
    Case(
        "REQUESTS_CA_BUNDLE", "ca.pem", (*ONCE, ("doctor", 4)), CERTIFICATES, variables={"REQUESTS_CA_BUNDLE": "{path}"}
    ),
    Case(
        "ca_bundle for a sign-in",
        "ca.pem",
        (("login corp --no-browser", 2),),
        CERTIFICATES,
        aws=SSO + SESSION,
        variables={"AWS_CA_BUNDLE": "{path}"},
    ),
    Case(
        "web_identity_token_file",
        "token",
        (("once dev", 3), ("doctor", 4)),
        "{path}: {why}",
        aws=f"[profile dev]\nrole_arn = {ARN}\nweb_identity_token_file = {{path}}\n",
        why={**NAMES, "large": "too large for a token"},
    ),
    Case(
        "a team's file",
        "team.toml",
        (("import team --dry-run", 2),),
        NAMED,
        toml='include = ["{path}"]\n',
        why={**NAMES, "large": "larger than 1048576 bytes"},
    ),
    Case(
        "a sign-in of IAM Identity Center",
        f".aws/sso/cache/{key_of('corp')}.json",
        (("once dev", 3),),
        "You are not signed in to corp",
        aws=SSO + SESSION,
    ),
    Case(
        "a sign-in of aws login",
        f".aws/login/cache/{login_key_of(LOGIN)}.json",
        (("once dev", 3),),
        "aws login --profile dev",
        aws=f"[profile dev]\nlogin_session = {LOGIN}\n",
        variables={"BOTO_DISABLE_CRT": "false"},
    ),
    Case("our choices", ".local/state/traycreds/choices.json", (("status", 0), ("once dev", 0)), "dev"),
    Case("our log", ".local/state/traycreds/log/traycreds.log", (("doctor --report", 0),), "Log, last 60 lines"),
    Case("our log, which is written", ".local/state/traycreds/log/traycreds.log", (("once dev", 0),), "dev"),
    Case(
        "logsmith's accounts",
        ".logsmith/accounts.yaml",
        (("import profiles --dry-run", 0),),
        NAMED,
        why={**NAMES, "large": "larger than 262144 bytes"},
    ),
    Case("the entry of autostart", ".config/autostart/traycreds.desktop", (("autostart status", 2),), "{why}"),
)


def put(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        os.truncate(path, 300 * 1024**2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_file_that_would_block_or_has_no_end_is_refused_at_once(sandbox, row, kind):
    path = sandbox.home / row.place
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn])
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sandbox.config.write_text(row.toml.replace("{path}", str(path)))
    sandbox.aws_config.write_text(row.aws.replace("{path}", str(path)))
    put(path, kind)
    environment = {name: value.replace("{path}", str(path)) for name, value in row.variables.items()}
    for command, code in row.commands:
        done = sandbox.command(*command.split(), timeout=10, **environment)
        printed = " ".join((done.stdout + done.stderr).replace(os.path.realpath(path), str(path)).split())
        assert row.says.format(path=path, why=row.why[kind]) in printed, (command, printed)
        assert done.returncode == code, (command, printed)
