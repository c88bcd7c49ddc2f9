"""`import --sso`: accounts and roles of a sign-in become profiles of ~/.aws/config and roles of the configuration."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.integration.sso.conftest import CONFIG
from tests.integration.sso.test_accounts import LIMIT
from tests.support.sso_profiles import ACCOUNT
from tests.support.terminal import in_terminal
from traycreds.awsfiles.ini_edit import parse
from traycreds.sim.faults import Fault

OTHER, THIRD = "333344445555", "444455556666"
NAMES = {ACCOUNT: "Main", OTHER: "Corp (prod)", THIRD: "Lab"}
REGION = {"region": "eu-central-1"}
"""Of profile `sso`, the only other one of the sign-in."""
PROD = f"sso_session = corp\nsso_account_id = {OTHER}\nsso_role_name = "


@pytest.fixture
def portal(sso_home):
    """Signed in, with an account that ~/.aws/config has already and two more."""
    roles = ((ACCOUNT, "Admin"), (OTHER, "Admin"), (OTHER, "Read"), (THIRD, "Admin"))
    sso_home.sim.portal.assign("alice", roles, names=NAMES)
    sso_home.login()
    return sso_home


def take(sso_home, *arguments):
    done = sso_home.sandbox.command("import", "--sso", "corp", *arguments, **sso_home.endpoints)
    assert "Traceback" not in done.stderr
    return done


def test_what_is_named_is_added_to_both_files_and_works(portal):
    sandbox = portal.sandbox
    before = CONFIG.replace("\n", "\r\n").encode() + b"; the end"
    sandbox.aws_config.write_bytes(before)
    done = take(portal, "--yes", "Corp-prod-Read", "Lab-Admin")
    assert (done.returncode, done.stderr) == (0, "0 of 3 accounts\n3 of 3 accounts\n")
    assert f"Added to {sandbox.config}: Corp-prod-Read, Lab-Admin\n" in done.stdout
    now = sandbox.aws_config.read_bytes()
    assert now.startswith(before)
    added = now[len(before) :].decode()
    expected = {
        "profile Corp-prod-Read": {"sso_session": "corp", "sso_account_id": OTHER, "sso_role_name": "Read", **REGION},
        "profile Lab-Admin": {"sso_session": "corp", "sso_account_id": THIRD, "sso_role_name": "Admin", **REGION},
    }
    assert parse(added) == expected
    assert sandbox.config.read_text().endswith(
        f'\n# Read in Corp (prod) ({OTHER})\n[roles.Corp-prod-Read]\nfrom_profile = "Corp-prod-Read"\n'
        f'\n# Admin in Lab ({THIRD})\n[roles.Lab-Admin]\nfrom_profile = "Lab-Admin"\n'
    )
    once = sandbox.command("once", "Corp-prod-Read", **portal.endpoints)
    assert (once.returncode, once.stderr) == (0, "")
    assert sandbox.profiles()["Corp-prod-Read-session"]["aws_access_key_id"].startswith("ASIA")
    now = sandbox.aws_config.read_bytes()
    assert parse(now.decode())["profile Corp-prod-Read-session"]["region"] == "eu-central-1"

    again = take(portal, "--dry-run", "--json")
    assert again.stderr == "", "the list of the day is enough"
    assert [role["name"] for role in json.loads(again.stdout)["roles"]] == ["sso", "Corp-prod-Admin"]
    assert sandbox.aws_config.read_bytes() == now
    assert take(portal, "--dry-run", "--anew").stderr == "0 of 3 accounts\n3 of 3 accounts\n"


def test_the_command_sso(portal):
    def take_in(*arguments):
        return portal.sandbox.command("import", "sso", *arguments, **portal.endpoints)

    shown = take_in("corp", "--json", "Lab-Admin")
    assert [role["name"] for role in json.loads(shown.stdout)["roles"]] == ["Lab-Admin"]
    assert take_in("corp", "--dry-run", "Lab-Admin").stdout == take(portal, "--dry-run", "Lab-Admin").stdout
    assert take_in("corp", "--dry-run", "--anew").stderr == "0 of 3 accounts\n3 of 3 accounts\n"
    for refused in ((), ("corp",), ("corp", "--live", "x"), ("cord", "--yes")):
        done = take_in(*refused)
        assert (done.returncode, done.stdout) == (2, "")
    assert portal.sandbox.aws_config.read_text() == CONFIG
    done = take_in("corp", "Corp-prod-Read", "--yes", "Lab-Admin")
    assert done.returncode == 0, done.stderr
    assert f"Added to {portal.sandbox.config}: Corp-prod-Read, Lab-Admin\n" in done.stdout
    assert portal.sandbox.command("once", "Lab-Admin", **portal.endpoints).returncode == 0


def test_a_dry_run_shows_both_and_writes_neither(portal):
    done = take(portal, "--dry-run", "Corp-prod-Admin")
    assert done.returncode == 0
    assert done.stdout == (
        f"# in {portal.sandbox.aws_config}\n\n[profile Corp-prod-Admin]\n{PROD}Admin\nregion = eu-central-1\n"
        f"\n# in {portal.sandbox.config}\n\n# Admin in Corp (prod) ({OTHER})\n"
        '[roles.Corp-prod-Admin]\nfrom_profile = "Corp-prod-Admin"\n'
    )
    as_json = json.loads(take(portal, "--dry-run", "--json", "Corp-prod-Admin").stdout)
    assert as_json["aws_config"] == {
        "file": str(portal.sandbox.aws_config),
        "profiles": {
            "Corp-prod-Admin": {"sso_session": "corp", "sso_account_id": OTHER, "sso_role_name": "Admin", **REGION},
        },
    }
    assert portal.sandbox.aws_config.read_text() == CONFIG
    assert not portal.sandbox.config.exists()


def test_a_profile_that_is_there_is_used_and_no_second_one_made(portal):
    done = take(portal, "--yes", "sso")
    assert done.returncode == 0, done.stderr
    assert portal.sandbox.aws_config.read_text() == CONFIG
    assert portal.sandbox.config.read_text().endswith('[roles.sso]\nfrom_profile = "sso"\n')


def test_a_name_that_is_taken_gets_a_number(portal):
    portal.more_config("[profile Lab-Admin]\nregion = eu-west-1\n")
    done = take(portal, "--yes", "Lab-Admin-2")
    assert done.returncode == 0, done.stderr
    values = parse(portal.sandbox.aws_config.read_text())
    assert values["profile Lab-Admin"] == {"region": "eu-west-1"}
    assert values["profile Lab-Admin-2"]["sso_account_id"] == THIRD


@pytest.mark.parametrize(
    ("config", "region"),
    [
        (CONFIG, "eu-central-1"),
        (CONFIG.replace("region = eu-central-1\n", ""), "us-east-1"),
        (f"{CONFIG}[profile more]\nsso_session = corp\nregion = eu-west-3\n", "us-east-1"),
        (CONFIG.replace("region = eu-central-1\n", "").replace("[default]\nregion = us-east-1\n", ""), None),
        (
            CONFIG.replace("region = eu-central-1\n", "").replace(
                "[default]\nregion = us-east-1\n", "[default]\nregion = us-east-1\ntraycreds_region = us-east-1\n"
            ),
            None,
        ),
    ],
    ids=[
        "of the others",
        "of the default",
        "of the default, as the others differ",
        "nobody says which",
        "only one of our roles",
    ],
)
def test_the_region_of_a_new_profile(portal, config, region):
    portal.sandbox.aws_config.write_text(config)
    shown = json.loads(take(portal, "--dry-run", "--json", "Lab-Admin").stdout)
    assert shown["aws_config"]["profiles"]["Lab-Admin"].get("region") == region


HUNDREDS = [f"{n:012d}" for n in range(1, 301)]
QUICKLY = """\
import sys
from traycreds.aws.sso.accounts import Pace
Pace.__init__.__kwdefaults__["fastest"] = 500.0  # a second's calls rather than 20, to have it over sooner
from traycreds.__main__ import main
sys.exit(main())
"""


def test_hundreds_of_accounts_beyond_the_limit_and_the_list_is_kept(sso_home):
    """AWS allows less than we begin with: it is asked slower, no page opens, and nothing is asked the second time."""
    sso_home.assign(*((account, "Admin") for account in HUNDREDS))
    sso_home.login()
    sso_home.sim.portal.calls_a_second = LIMIT
    # One refusal at least, on a machine that is slower than the limit.
    sso_home.sim.faults.set(Fault.THROTTLE, role="ListAccountRoles", times=1)

    def listed():
        done = subprocess.run(
            [sys.executable, "-c", QUICKLY, "import", "--sso", "corp", "--dry-run", "--json"],
            env=sso_home.sandbox.environment(**sso_home.endpoints),
            check=False,
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["roles"]) == 300
        return done.stderr

    assert listed() == "".join(f"{done} of 300 accounts\n" for done in range(0, 301, 100))
    outcomes = sso_home.outcomes("ListAccountRoles")
    assert outcomes.count("OK") == 300
    assert 0 < outcomes.count("TooManyRequestsException") < 60, "slowed down by it, rather than knocking on"
    assert sso_home.outcomes("ListAccounts") == ["OK"] * 3
    assert sso_home.actions("Authorize", "CreateToken") == ["Authorize", "CreateToken"], "that of the sign-in alone"
    calls = len(sso_home.sim.calls)
    assert listed() == ""
    assert len(sso_home.sim.calls) == calls


def test_they_are_picked_in_a_terminal(portal):
    message, code = in_terminal(
        portal.sandbox, "4\n", "y\n", command=("import", "--sso", "corp"), TERM="dumb", **portal.endpoints
    )
    assert code == 0, message
    assert "3 of 3 accounts\n" in message
    assert f"2  Corp-prod-Admin  Admin in Corp (prod) ({OTHER})" in message
    assert "[profile Lab-Admin]" in portal.sandbox.aws_config.read_text()
    assert "[roles.Lab-Admin]" in portal.sandbox.config.read_text()


def test_without_a_sign_in_it_says_how_to_get_one(sso_home):
    done = take(sso_home, "--yes")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "You are not signed in to corp.\nRun: traycreds login corp\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--sso", "old", "--yes"), "old is a legacy sign-in without an sso-session."),
        (("--sso", "cord", "--yes"), "There is no sso-session, profile or role cord."),
        (("--anew", "--yes"), "--sso adds roles, --anew goes with it."),
        (("--sso", "corp", "--live", "x"), "--sso adds roles, --anew goes with it."),
    ],
)
def test_what_cannot_be(sso_home, arguments, sentence):
    done = sso_home.sandbox.command("import", *arguments, **sso_home.endpoints)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert sso_home.sandbox.aws_config.read_text() == CONFIG
