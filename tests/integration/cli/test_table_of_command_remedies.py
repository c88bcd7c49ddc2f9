"""What a command says of what it cannot do is carried out, and the command does it."""

from __future__ import annotations

import shlex
from typing import NamedTuple

import pytest

from tests.integration.cli.test_console import federation  # noqa: F401 - a fixture
from tests.windows.mark import not_on_windows

OTHER = "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/other\nsource_profile = base\n"
ROLE = "--role-arn arn:aws:iam::123456789012:role/new --source-profile base"


class Case(NamedTuple):
    """A command that is refused, what the message says to do, and the command that does it.

    Attributes:
        code: what the refused command exits with.
    """

    wrong: str
    hint: str
    right: str
    code: int = 2


ROWS = [
    Case("use --none dev", "Use only one of them.", "use dev"),
    Case("use --none --region eu-west-1", "Leave one of them out.", "use --none"),
    Case("use dev --region Frankfurt", "Did you mean eu-central-1?", "use dev --region eu-central-1"),
    Case("use dev --region None", "Write it like eu-west-1.", "use dev --region eu-west-1"),
    Case("use", "Name it, as in `traycreds use dev`. To list all roles: `traycreds list`.", "use dev"),
    Case("exec -- traycreds", "Name it, as in `traycreds exec dev -- traycreds`.", "exec dev -- sh -c true"),
    Case("exec dev", "Put it after two dashes, as in `traycreds exec dev -- aws s3 ls`.", "exec dev -- sh -c true"),
    Case("exec dev sh -c true", "write -- before the command: traycreds exec dev -- sh -c true", "exec dev -- sh -c true"),
    Case("exec dev -- no-such-program", "Check its spelling and PATH.", "exec dev -- sh -c true", 127),
    Case("status dve", "Did you mean dev?", "status dev"),
    Case("env zzzzzz", "The roles are: dev.", "env dev"),
    Case("console dev --print --service S3!", "Use the AWS CLI's name for it, such as s3, ec2 or cl",
        "console dev --print --service s3"),
    Case(f"add dev {ROLE}", "Choose another name, or edit ", f"add new {ROLE}"),
    Case(f"add 'a b' {ROLE}", "Use letters, digits and _-/.%@:+ only.", f"add a-b {ROLE}"),
    Case(f"add __proto__ {ROLE}", "Choose another name.", f"add proto {ROLE}"),
    Case(f"add new {ROLE}-2", "Did you mean base", f"add new {ROLE}"),
    Case(f"add new {ROLE.replace('base', 'zzzzzzzz')}", "Add the profile, or name one of ",
        f"add new {ROLE}"),
    Case(f"add new {ROLE} --region us-east-1a", "Did you mean us-east-1?", f"add new {ROLE} --region us-east-1"),
    Case("add new", "Give --role-arn and --source-profile, or --from-profile, or run this in a terminal to be asked.",
        "add new --from-profile other"),
    Case("import profiles", "Use --dry-run to see what would be added, --yes to add it.", "import profiles --yes"),
    Case("import profiles othr --yes", "Did you mean other?", "import profiles other --yes"),
    Case("import profiles zzz --yes", "Choose from: other.", "import profiles other --yes"),
    Case("import take-over base --as 'a b'", "Choose other names.", "import take-over base --as b"),
    Case("import take-over base --as constructor", "Choose another name.", "import take-over base --as b"),
    Case("import take-over base --as other", "Choose another name, such as --as other-2.", "import take-over base --as other-2"),
    Case("import --json", "Write --dry-run --json, or leave --json out.", "import --dry-run --json"),
    Case("import --take-over base", "Write: traycreds import take-over base --as base-base",
        "import take-over base --as base-base"),
    Case("import --team --fix-references", "Leave out the rest.", "import --team --dry-run"),
    Case("import --as x", "Leave it out, or see: traycreds import --help", "import --help"),
    Case("import live dev --as dev-session", "Give it another name, such as --as dev-session-2.",
        "import live dev --as dev-session-2"),
    Case("stauts", "Did you mean status?", "status"),
    Case("zzzzzz", "See all: traycreds --help", "--help"),
    Case("help zzzzzz", "See all: traycreds help", "help"),
    Case("--config /no/such.toml status", "Fix --config or TRAYCREDS_CONFIG, or make one with `traycreds import`.",
        "status"),
    Case("keys", "AWS tools run it, from the credentials file.", "status"),
]  # fmt: skip


@pytest.fixture
def home_of_dev(sandbox, federation, monkeypatch):
    """A home with a role, and a profile with another one."""
    monkeypatch.setenv("TRAYCREDS_FEDERATION_ENDPOINT", federation.url)
    sandbox.add_role("dev")
    sandbox.aws_config.write_text(OTHER)
    return sandbox


# Windows has no `sh`.
@not_on_windows
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.wrong.replace("/", "_"))
def test_the_suggested_command_works(home_of_dev, federation, row):
    address = {"TRAYCREDS_FEDERATION_ENDPOINT": federation.url}
    wrong = home_of_dev.command(*shlex.split(row.wrong), **address)
    assert wrong.returncode == row.code, wrong.stderr
    assert row.hint in wrong.stderr
    right = home_of_dev.command(*shlex.split(row.right), **address)
    assert right.returncode == 0, right.stderr


CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
SSO = f"[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n{CORP}"


@pytest.mark.parametrize(
    ("wrong", "command", "hint"),
    [
        (SSO.replace(CORP, ""), "logout sso", "Add it to {config}, or fix the profile."),
        (SSO.replace("sso_region = eu-west-1\n", ""), "logout sso", "Add it to ~/.aws/config."),
        (SSO, "logout crop", "Did you mean corp?"),
        (SSO, "logout zzzzzzzz", "The sso-sessions are: corp."),
        (SSO, "logout other", "The sso-sessions are: corp."),
    ],
)
def test_a_sign_in_that_is_not_there(home_of_dev, wrong, command, hint):
    home_of_dev.aws_config.write_text(OTHER + wrong)
    done = home_of_dev.command(*command.split())
    assert done.returncode == 2, done
    assert hint.format(config=home_of_dev.aws_config) in done.stderr
    home_of_dev.aws_config.write_text(OTHER + SSO)
    right = home_of_dev.command("logout", "corp" if wrong == SSO else "sso")
    assert (right.returncode, right.stdout) == (0, "There was no sign-in to corp.\n"), right.stderr


@pytest.mark.parametrize("half", ["Rename it there to [profile own-default]", ", or remove those settings."])
def test_a_default_that_hides_ours(home_of_dev, half):
    own = OTHER.replace("profile other", "default")
    home_of_dev.aws_config.write_text(own)
    wrong = home_of_dev.command("use", "dev")
    assert wrong.returncode == 4
    assert half in wrong.stderr
    home_of_dev.aws_config.write_text("" if half.startswith(",") else own.replace("default", "profile own-default"))
    right = home_of_dev.command("use", "dev")
    assert right.returncode == 0, right.stderr


@pytest.mark.parametrize(
    ("wrong", "hint", "right"),
    [
        ("[profile dev-session]\nregion = x-y\n", "Remove that line, and traycreds writes its own.", ""),
        (
            "[profile dev-session]\noutput = json\n[profile  dev-session]\ncli_pager =\n",
            "Keep one, spelled [profile dev-session].",
            "[profile dev-session]\noutput = json\n",
        ),
    ],
)
def test_a_region_that_cannot_be_written(home_of_dev, wrong, hint, right):
    home_of_dev.aws_config.write_text(OTHER + wrong)
    refused = home_of_dev.command("use", "dev", "--region", "eu-west-1")
    assert hint in refused.stderr, refused
    home_of_dev.aws_config.write_text(OTHER + right)
    done = home_of_dev.command("use", "dev", "--region", "eu-west-1")
    assert (done.returncode, hint in done.stderr) == (0, False), done.stderr
    assert "region = eu-west-1" in home_of_dev.aws_config.read_text()


ADD = "Add one with `traycreds add`, or import the ones you have with `traycreds import`."


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize(
    ("command", "hint", "then"),
    [
        ("use dev", ADD, 0),
        ("once dev", ADD, 0),
        ("list", "Add one: traycreds add", 0),
        # `exec` asks for one of the existing roles.
        ("exec -- true", ADD, 2),
    ],
)
def test_without_any_role_one_is_added_or_imported(sandbox, command, hint, then, imported):
    wrong = sandbox.command(*command.split())
    assert hint in wrong.stderr
    role = sandbox.add_role("dev")
    sandbox.config.unlink()
    if imported:
        accounts = sandbox.home / ".logsmith" / "accounts.yaml"
        accounts.parent.mkdir()
        accounts.write_text(
            "mine:\n  region: eu-west-1\n  access_key: base\n"
            "  profiles: [{profile: dev, account: '123456789012', role: dev}]\n"
        )
        added = sandbox.command("import", "--yes")
    else:
        added = sandbox.command("add", "dev", "--role-arn", role, "--source-profile", "base")
    assert added.returncode == 0, added.stderr
    done = sandbox.command(*command.split())
    assert (done.returncode, "dev" in done.stdout + done.stderr, hint in done.stderr) == (then, True, False), done


@not_on_windows
def test_a_default_that_a_served_program_would_prefer(home_of_dev):
    settings = OTHER.replace("profile other", "default").replace("role/other", "role/dev")
    home_of_dev.aws_config.write_text(settings)
    served = ("exec", "dev", "--server", "--", "sh", "-c", "true")
    wrong = home_of_dev.command(*served)
    assert wrong.returncode == 2
    hint = "Run `traycreds import live dev`, and the program with AWS_PROFILE=dev-live."
    assert hint in wrong.stderr
    done = home_of_dev.command(*hint.split("`")[1].split()[1:])
    assert done.returncode == 0, done.stderr
    who = ("sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    right = home_of_dev.aws(*who, AWS_PROFILE="dev-live", AWS_DEFAULT_REGION="us-east-1")
    assert "assumed-role/dev" in right.stdout, right.stderr


@not_on_windows
def test_a_shell_that_is_not_known_is_named(home_of_dev):
    wrong = home_of_dev.command("env", "dev", SHELL="/bin/tcsh")
    assert (wrong.returncode, "Set --shell to one of bash, " in wrong.stderr) == (2, True), wrong
    right = home_of_dev.command("env", "dev", "--shell", "bash", SHELL="/bin/tcsh")
    assert right.returncode == 0, right.stderr


@pytest.mark.parametrize("value", ["soon", "0s"])
def test_a_time_to_keep_a_role(home_of_dev, start, value):
    start()
    hints = {"soon": 'Write it like "4h", "90m" or "1h30m".', "0s": "Use a duration of more than zero, up to a year."}
    wrong = home_of_dev.command("keep", "dev", "--for", value)
    assert (wrong.returncode, hints[value] in wrong.stderr) == (2, True), wrong
    right = home_of_dev.command("keep", "dev", "--for", "1h30m")
    assert right.returncode == 0, right.stderr
