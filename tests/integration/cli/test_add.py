"""`add` and `list` as a user runs them: by options, by questions, and every wrong answer."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.refresh.test_refresh import complaint
from tests.support.sandbox import ACCOUNT
from tests.support.terminal import END, in_terminal

ARN = f"arn:aws:iam::{ACCOUNT}:role/Dev"
GIVEN = ("--role-arn", ARN, "--source-profile", "base")
BEFORE = '# mine, with "odd"   spacing\n[roles.other]   # here too\nrole_arn="arn:aws:iam::123456789012:role/x"\nsource_profile =  \'base\''


@pytest.fixture
def configured(sandbox):
    """A configuration of the user's own, without a line end at its end."""
    sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sandbox.config.write_bytes(BEFORE.encode())
    return sandbox


def test_a_role_is_appended_and_every_byte_before_it_stays(configured):
    done = configured.command("add", "dev", *GIVEN, "--region", "eu-west-1", "--keep")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Added to {configured.config}: dev\n", "")
    assert configured.config.read_text(encoding="utf-8") == (
        f'{BEFORE}\n\n[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\nregion = "eu-west-1"\nkeep = true\n'
    )
    assert configured.command("list").stdout == "other\ndev\n"


def test_windows_line_ends_stay(configured):
    configured.config.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    assert configured.command("add", "dev", *GIVEN).returncode == 0
    text = configured.config.read_bytes()
    assert text.startswith(BEFORE.replace("\n", "\r\n").encode())
    assert text.count(b"\n") == text.count(b"\r\n")


def test_the_first_role_makes_the_file_and_works(sandbox):
    sandbox.simulator.world.add_role(ARN, trust=[sandbox.owner.principal.arn], max_session=43200)
    done = sandbox.command("add", "dev", *GIVEN, "--duration", "2h", "--group", "Work")
    assert (done.returncode, done.stderr) == (0, "")
    assert "`traycreds keep dev`" in done.stdout
    assert sandbox.command("once", "dev").returncode == 0
    (call,) = [call for call in sandbox.simulator.calls if call.action == "AssumeRole"]
    assert call.parameters["DurationSeconds"] == "7200"


def test_a_profile_of_the_aws_config_has_all_it_takes(sandbox):
    with sandbox.aws_config.open("a") as file:
        file.write(
            f"[profile ops]\nrole_arn = {ARN}\nsource_profile = base\n[profile more]\nrole_arn = {ARN}x\nsource_profile = base\n"
        )
    done = sandbox.command("add", "ops", "--from-profile", "ops")
    assert done.returncode == 0
    assert "offers only the roles in the configuration" in done.stdout
    assert sandbox.command("list").stdout == "ops\n"


def test_dry_run_prints_and_changes_nothing(configured):
    done = configured.command("add", "a.b", *GIVEN, "--dry-run")
    assert (done.returncode, done.stdout) == (
        0,
        f'[roles."a.b"]\nrole_arn = "{ARN}"\nsource_profile = "base"\n',
    )
    assert configured.config.read_bytes() == BEFORE.encode()


@pytest.mark.parametrize(
    ("arguments", "sentence", "hint"),
    [
        (("other", *GIVEN), "There is already a role other.", "Choose another name, or edit "),
        (("a b", *GIVEN), 'The role name "a b" is not safe.', "Use letters, digits"),
        (
            ("dev", "--role-arn", "Dev", "--source-profile", "base"),
            'role_arn of role dev is not the ARN of a role ("Dev").',
            "",
        ),
        (
            ("dev", "--role-arn", ARN, "--source-profile", "bse"),
            'source_profile of role dev names "bse", a profile that does not exist.',
            "Did you mean base?",
        ),
        (("dev", "--from-profile", "base"), "Profile base, the from_profile of role dev, has no role.", ""),
        (("dev", *GIVEN, "--duration", "13h"), "duration of role dev is 46800 seconds.", "AWS allows"),
        (("dev", *GIVEN, "--from-profile", "base"), "Role dev has both source_profile and from_profile.", ""),
        (
            ("dev", *GIVEN, "--profile", "base"),
            "Role dev would write its session over its own source profile base.",
            "",
        ),
        (
            (),
            "The role is incomplete.",
            "Give NAME and --role-arn and --source-profile, or --from-profile",
        ),
        (
            ("dev", "--role-arn", ARN),
            "The role is incomplete.",
            "Give --source-profile, or run this in a",
        ),
        (GIVEN, "The role is incomplete.", "Give NAME, or run this in a terminal"),
    ],
)
def test_what_is_refused(configured, arguments, sentence, hint):
    done = configured.command("add", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = complaint(done).splitlines()
    assert first.startswith(sentence)
    assert second.startswith(hint)
    assert configured.config.read_bytes() == BEFORE.encode()


def test_a_configuration_that_is_wrong_is_left_as_it_is(configured):
    configured.config.write_text("[roles.x]\nrole_arn = 1\n")
    assert configured.command("add", "dev", *GIVEN).returncode == 2
    assert configured.config.read_text() == "[roles.x]\nrole_arn = 1\n"


def test_questions_ask_again_after_a_mistake(configured):
    answers = ("arn:aws:iam::1:role/Dev\r", f"{ARN}\r", "bse\r", "\r", "other\r", "dev\r", "\r", "\r", "y\r", "y\r")
    shown, code = in_terminal(configured, *answers, command=("add",))
    assert code == 0, shown
    for sentence in (
        "is not the ARN of a role",
        "There is no profile bse.",
        "Did you mean base?",
        "[base]: ",
        "[Dev] ",
    ):
        assert sentence in shown
    assert "There is already a role other." in shown
    assert configured.config.read_text(encoding="utf-8").endswith(
        f'\n\n[roles.dev]\nrole_arn = "{ARN}"\nsource_profile = "base"\nkeep = true\n'
    )


@pytest.mark.parametrize(
    "answers", [(END,), (f"{ARN}\r", "\r", "\r", "\r", "\r", "n\r", "n\r")], ids=["the end", "a no"]
)
def test_who_would_rather_not_changes_nothing(configured, answers):
    shown, code = in_terminal(configured, *answers, command=("add",))
    assert code == 0, shown
    assert "Nothing was changed." in shown
    assert configured.config.read_bytes() == BEFORE.encode()


def test_only_what_is_missing_is_asked_for(configured):
    shown, code = in_terminal(
        configured, "n\r", "y\r", command=("add", "dev", "--from-profile", "default", "--dry-run")
    )
    assert code == 2, "nothing is missing, so nothing is asked"
    shown, code = in_terminal(
        configured, "\r", "n\r", "y\r", command=("add", "dev", "--role-arn", ARN, "--source-profile", "base")
    )
    assert code == 0, shown
    assert "?" not in shown


def test_list_as_json(configured):
    (role,) = json.loads(configured.command("list", "--json").stdout)["roles"]
    assert role == {
        "name": "other",
        "profile": "other-session",
        "account_id": ACCOUNT,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/x",
        "source_profile": "base",
        "from_profile": None,
        "region": None,
        "group": None,
        "keep": False,
    }


def test_list_in_a_terminal_has_columns(configured):
    shown, code = in_terminal(configured, command=("list",))
    assert (code, shown.split()) == (0, ["other", ACCOUNT, "other-session"])


def test_list_of_nothing_says_what_to_do(sandbox):
    done = sandbox.command("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("Add one: traycreds add\n")
    assert json.loads(sandbox.command("list", "--json").stdout) == {"roles": []}


def test_a_role_whose_token_a_program_prints_needs_no_source_profile(sandbox):
    provider = sandbox.simulator.federation.add_saml_provider("Corp", ACCOUNT)
    sandbox.simulator.world.add_role(ARN, trust=[provider.arn, "me"])
    printed = sandbox.home / "printed"
    program = shlex.join((sys.executable, "-c", f"print(open({str(printed)!r}).read())"))
    token = sandbox.simulator.federation.add_web_token("me", expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
    for name, option, text in (
        ("fed", "--saml-process", provider.assertion(ARN)),
        ("ci", "--web-identity-process", token),
    ):
        printed.write_text(text)
        added = sandbox.command("add", name, "--role-arn", ARN, option, program)
        assert (added.returncode, added.stderr) == (0, "")
        once = sandbox.command("once", name)
        assert (once.returncode, once.stderr) == (0, "")
        assert f"{name}-session" in sandbox.profiles()
    assert sandbox.command("doctor").returncode == 0
    assert "saml_process" in sandbox.command("doctor", "--report").stdout
    printed.write_text("")
    failed = sandbox.command("once", "ci")
    assert failed.returncode == 3
    assert "printed no web identity token: it printed nothing. Run the web_identity_process command" in failed.stderr
    for path in (sandbox.home / ".local").rglob("*"):
        assert not (path.is_file() and token in path.read_text(errors="replace")), path
