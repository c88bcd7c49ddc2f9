"""What `doctor` finds in the files of a user: each remedy is carried out, and nothing is left to find."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.integration.team_files.test_import_team import REVIEW, Team
from traycreds.doctor.checks import examine
from traycreds.doctor.finding import Finding, faults
from traycreds.state.paths import locate

KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s3cr3t\n"
BASE = f"[base]\n{KEYS}"
ARN = "role_arn = arn:aws:iam::123456789012:role/Dev\n"
ROLE = f"{ARN}source_profile = base\n"
DEV = f"[profile dev]\n{ROLE}region = eu-west-1\n"
TOML = '[roles.dev]\nfrom_profile = "dev"\nkeep = true\n'
OURS = (
    "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\naws_session_token = t\n"
    "x_security_token_expires = 2026-01-05T10:00:00Z\ntraycreds_role = old\n"
)


class Row(NamedTuple):
    """A mistake and what its remedy makes of it.

    Attributes:
        file: where it stands: config, credentials or toml; what is given is put behind the rest of that file.
        wrong: the text with the mistake.
        remedy: how the remedy begins.
        right: the text after it.
    """

    file: str
    wrong: str
    remedy: str
    right: str


def other(settings: str) -> str:
    return f"[profile other]\n{settings}"


def of_role(settings: str) -> str:
    return other(f"{ROLE}{settings}")


ROWS = [
    Row("config", "[other]\nk = v\n", "Write [profile other].", "[profile other]\nk = v\n"),
    Row("config", "[my o]\nk = v\n", "Write [profile my-o], or", "[profile my-o]\nk = v\n"),
    Row("config", "[profile]\nk = v\n", "Add a name, like [profile dev]", "[profile x]\nk = v\n"),
    Row("credentials", "[profile x]\nk = v\n", "Write [x] in this file.", "[x]\nk = v\n"),
    Row("config", "[default]\nk = v\n[profile default]\nk = w\n", "Keep one of them.", "[profile default]\nk = w\n"),
    Row("config", "[profile __proto__]\nk = v\n", "Rename it.", "[profile proto]\nk = v\n"),
    Row("credentials", f"[dev]\n{KEYS}", "Give one of the two profiles another name.", f"[dev-keys]\n{KEYS}"),
    Row("config", f"[profile base]\n{KEYS}", "Keep one of them, or rename one.", f"[profile base-2]\n{KEYS}"),
    Row("credentials", "[dev]\nregion = eu-west-2\n", "Keep one of them.", "[dev]\n"),
    Row("config", "[profile dev-session]\nregion = eu-west-2\n", "Remove the line, and traycreds writes eu-west-1", ""),
    Row("credentials", "[half]\naws_access_key_id = AKIAX\n", "Add it, or remove the other half", f"[half]\n{KEYS}"),
    Row(
        "credentials",
        "[blank]\naws_access_key_id = AKIAX\naws_secret_access_key = a b\n",
        "Write the whole key, or remove both lines.",
        f"[blank]\n{KEYS}",
    ),
    Row(
        "config",
        "[profile blank]\naws_access_key_id = AKIAX\naws_secret_access_key =\n",
        "Write the whole key, or remove both lines.",
        "[profile blank]\n",
    ),
    Row("credentials", f"[old-session]\n{OURS}", "Remove the section, or configure the role old", ""),
    Row("config", other(ARN), "Give it one of them.", of_role("")),
    Row("config", of_role("credential_source = EcsContainer\n"), "Give it one of them.", of_role("")),
    Row("config", other(f"{ARN}source_profile = gone\n"), "Name a profile that has credentials.", of_role("")),
    Row("config", other(f"{ARN}source_profile = other\n"), "Name a profile that has credentials.", of_role("")),
    Row(
        "config",
        of_role("duration_seconds = 1h\n"),
        "Write whole seconds from 900",
        of_role("duration_seconds = 900\n"),
    ),
    Row(
        "config", of_role("duration_seconds = 1\n"), "Write whole seconds from 900", of_role("duration_seconds = 900\n")
    ),
    Row(
        "config",
        other(f"{ARN}source_profile = dev\nduration_seconds = 7200\n"),
        "Write 3600 or less.",
        other(f"{ARN}source_profile = dev\nduration_seconds = 3600\n"),
    ),
    Row(
        "config",
        other("sso_session = corp\n"),
        "Add [sso-session corp].",
        other("sso_session = corp\n[sso-session corp]\n"),
    ),
    Row("config", other("sso_session =\n"), "Name it, or remove the line.", other("")),
    Row("config", other("services = s\n"), "Add [services s].", other("services = s\n[services s]\nk = v\n")),
    Row(
        "config",
        other("web_identity_token_file = /t\n"),
        "Add the role_arn, or remove the setting.",
        other(""),
    ),
    Row("config", other("credential_process =\n"), "Write the program and its arguments", other("")),
    Row("credentials", "[o]\nk = v # c\n", "Move the comment to a line of its own.", "[o]\n# c\nk = v\n"),
    Row("credentials", "[o]\nk: v\n", "Write k = ...", "[o]\nk = v\n"),
    Row("credentials", "[o]\nK = v\n", "Write k.", "[o]\nk = v\n"),
    Row("credentials", "[o]\nk = 'v'\n", "Remove the quotes.", "[o]\nk = v\n"),
    Row("credentials", "[o]\n  k = v\n", "Begin it in column 1.", "[o]\nk = v\n"),
    Row("credentials", "[o]\nk = v\n  l = w\n", "Begin it in column 1.", "[o]\nk = v\nl = w\n"),
    Row("credentials", "[o]\na key = v\n", "Use letters, digits and _- only.", "[o]\na_key = v\n"),
    Row("credentials", "[o]#c\nk = v\n", "Move it to a line of its own.", "[o]\n#c\nk = v\n"),
    Row("credentials", "[ o ]\nk = v\n", "Remove them.", "[o]\nk = v\n"),
    Row("credentials", "[my o]\nk = v\n", "Use letters, digits", "[my-o]\nk = v\n"),
    Row("credentials", "[o]\nk =\n  = v\n", "Write key = value, or remove it.", "[o]\nk =\n  a = v\n"),
    Row("config", "[DEFAULT]\nk = v\n", "Write them into the profiles that need them.", ""),
    Row("credentials", "[o]\nk\n", "Correct that line;", "[o]\nk = v\n"),
    Row("toml", "kep = true\n", "Did you mean keep?", ""),
    Row("toml", 'region = "eu-wst-1"\n', "Did you mean eu-west-1?", 'region = "eu-west-1"\n'),
    Row("toml", 'region = "eu-west-9"\n', "Keep it if AWS opened it recently.", 'region = "eu-west-1"\n'),
    Row("toml", '[settings]\nmfa_process = "/no/x"\n', "Correct mfa_process, or give its full path.", ""),
    Row(
        "toml",
        '[roles.two]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "dev"\nduration = "4h"\n',
        'Write "1h", the most that AWS allows',
        '[roles.two]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "dev"\nduration = "1h"\n',
    ),
    Row("toml", '[roles.two]\nfrom_profile = "de"\n', "Did you mean dev?", '[roles.two]\nfrom_profile = "dev"\n'),
    Row("toml", 'session_name = "a"\n', "AWS allows 2 to 64.", 'session_name = "ab"\n'),
]


@pytest.fixture
def places(home):
    return locate(os.environ)


@pytest.fixture
def found(places) -> Callable[[str, str], tuple[Finding, ...]]:
    """The findings once a text is put behind one of the files."""
    texts = {"config": DEV, "credentials": BASE, "toml": TOML}
    paths = {"config": places.aws_config_file, "credentials": places.credentials_file, "toml": places.config_file}

    def found(file: str, text: str) -> tuple[Finding, ...]:
        for name, path in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(texts[name] + (text if name == file else ""), encoding="utf-8")
            path.chmod(0o600)
        return examine(places)

    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: re.sub(r"\W+", "_", row.wrong)[:40])
def test_a_remedy_that_is_carried_out_leaves_nothing_to_find(found, row):
    findings = found(row.file, row.wrong)
    (finding,) = faults(findings) or findings
    assert finding.remedy.startswith(row.remedy)
    assert finding.line
    assert found(row.file, row.right) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_the_commands_that_are_given_narrow_the_modes(found, places):
    assert found("config", "") == ()
    places.credentials_file.chmod(0o644)
    places.aws_config_file.chmod(0o666)
    places.config_file.chmod(0o622)
    places.credentials_file.parent.chmod(0o777)
    findings = examine(places)
    assert len(findings) == 4
    for finding in findings:
        subprocess.run(shlex.split(finding.remedy.removeprefix("Run: ")), check=True)
    assert examine(places) == ()


ACCEPT = (*REVIEW, "--yes")


def test_a_file_of_the_team_that_is_reviewed(sandbox):
    team = Team(sandbox)
    team.write(team.role("dev"))
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "Run traycreds import team, or choose Review team roles in the menu." in wrong.stdout
    assert sandbox.command(*ACCEPT).returncode == 0
    assert sandbox.command("doctor").stdout.endswith("No problems found.\n")


@pytest.mark.parametrize("remedy", ["Correct its name", "give it a role_arn", "or from_profile", "accept the file"])
def test_a_table_for_a_role_that_no_file_of_the_team_has(sandbox, remedy):
    team = Team(sandbox)
    team.write(team.role("dev"))
    assert sandbox.command(*ACCEPT).returncode == 0
    team.include('"team.toml"', '[roles.dve]\nregion = "eu-west-1"\n')
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "the table of role dve changes nothing" in wrong.stdout
    assert remedy in wrong.stdout
    if remedy == "Correct its name":
        team.include('"team.toml"', '[roles.dev]\nregion = "eu-west-1"\n')
    elif remedy == "give it a role_arn":
        team.include('"team.toml"', team.role("dve", 'region = "eu-west-1"'))
    elif remedy == "or from_profile":
        sandbox.aws_config.write_text(DEV)
        team.include('"team.toml"', '[roles.dve]\nfrom_profile = "dev"\nregion = "eu-west-1"\n')
    else:
        team.write(team.role("dev"), team.role("dve"))
        assert sandbox.command(*ACCEPT).returncode == 0
    right = sandbox.command("doctor")
    assert right.returncode == 0, right.stdout
    assert "dve changes nothing" not in right.stdout
