"""What `doctor` finds in the files of a user: each remedy is carried out, and nothing is left to find."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.contract.doctor_remedies import (  # noqa: F401
    ARN,
    BASE,
    DEV,
    KEYS,
    OURS,
    ROLE,
    Case,
    carry_out,
    found,
    lay_out,
    name_of,
    of_role,
    other,
    places,
)
from tests.integration.team_files.test_import_team import REVIEW, Team
from tests.support.sandbox import ACCOUNT
from tests.support.sso_profiles import SSO_PROFILE
from tests.windows.mark import not_on_windows
from traycreds.desktop.notifications import advice
from traycreds.desktop.notifications.permission import Permission
from traycreds.doctor.checks import examine
from traycreds.state.paths import locate

OF_BARE = '[roles.two]\nrole_arn = "arn:aws:iam::123456789012:role/Two"\nsource_profile = "bare"\n'
ENDED = f"[bare]\n{KEYS}aws_session_token = t\nx_security_token_expires = 2020-01-01T00:00:00Z\n"
ROWS = [
    Case("config", "[other]\nk = v\n", "Write [profile other].", "[profile other]\nk = v\n"),
    Case("config", "[my o]\nk = v\n", "Write [profile my-o], or", "[profile my-o]\nk = v\n"),
    Case("config", "[profile]\nk = v\n", "Add a name, like [profile dev]", "[profile x]\nk = v\n"),
    Case("credentials", "[profile x]\nk = v\n", "Write [x] in this file.", "[x]\nk = v\n"),
    Case("config", "[default]\nk = v\n[profile default]\nk = w\n", "Keep one of them.", "[profile default]\nk = w\n"),
    Case("config", "[profile __proto__]\nk = v\n", "Rename it.", "[profile proto]\nk = v\n"),
    Case("credentials", f"[dev]\n{KEYS}", "Give one of the two profiles another name.", f"[dev-keys]\n{KEYS}"),
    Case("config", f"[profile base]\n{KEYS}", "Keep one of them, or rename one.", f"[profile base-2]\n{KEYS}"),
    Case("credentials", "[dev]\nregion = eu-west-2\n", "Keep one of them.", "[dev]\n"),
    Case(
        "config", "[profile dev-session]\nregion = eu-west-2\n", "Remove the line, and traycreds writes eu-west-1", ""
    ),
    Case("credentials", "[half]\naws_access_key_id = AKIAX\n", "Add it, or remove the other half", f"[half]\n{KEYS}"),
    Case(
        "credentials",
        "[blank]\naws_access_key_id = AKIAX\naws_secret_access_key = a b\n",
        "Write the whole key, or remove both lines.",
        f"[blank]\n{KEYS}",
    ),
    Case(
        "config",
        "[profile blank]\naws_access_key_id = AKIAX\naws_secret_access_key =\n",
        "Write the whole key, or remove both lines.",
        "[profile blank]\n",
    ),
    Case("credentials", f"[old-session]\n{OURS}", "Remove the section, or configure the role old", ""),
    Case("config", other(ARN), "Give it one of them.", of_role("")),
    Case("config", of_role("credential_source = EcsContainer\n"), "Give it one of them.", of_role("")),
    Case("config", other(f"{ARN}source_profile = gone\n"), "Name a profile that has credentials.", of_role("")),
    Case("config", other(f"{ARN}source_profile = other\n"), "Name a profile that has credentials.", of_role("")),
    Case(
        "config",
        of_role("duration_seconds = 1h\n"),
        "Write whole seconds from 900",
        of_role("duration_seconds = 900\n"),
    ),
    Case(
        "config", of_role("duration_seconds = 1\n"), "Write whole seconds from 900", of_role("duration_seconds = 900\n")
    ),
    Case(
        "config",
        other(f"{ARN}source_profile = dev\nduration_seconds = 7200\n"),
        "Write 3600 or less.",
        other(f"{ARN}source_profile = dev\nduration_seconds = 3600\n"),
    ),
    Case(
        "config",
        other("sso_session = corp\n"),
        "Add [sso-session corp].",
        other("sso_session = corp\n[sso-session corp]\n"),
    ),
    Case("config", other("sso_session =\n"), "Name it, or remove the line.", other("")),
    Case("config", other("services = s\n"), "Add [services s].", other("services = s\n[services s]\nk = v\n")),
    Case(
        "config",
        other("web_identity_token_file = /t\n"),
        "Add the role_arn, or remove the setting.",
        other(""),
    ),
    Case("config", other("credential_process =\n"), "Write the program and its arguments", other("")),
    Case("credentials", "[o]\nk = v # c\n", "Move the comment to its own line.", "[o]\n# c\nk = v\n"),
    Case("credentials", "[o]\nk: v\n", "Write k = ...", "[o]\nk = v\n"),
    Case("credentials", "[o]\nK = v\n", "Write k.", "[o]\nk = v\n"),
    Case("credentials", "[o]\nk = 'v'\n", "Remove the quotes.", "[o]\nk = v\n"),
    Case("credentials", "[o]\n  k = v\n", "Begin it in column 1.", "[o]\nk = v\n"),
    Case("credentials", "[o]\nk = v\n  l = w\n", "Begin it in column 1.", "[o]\nk = v\nl = w\n"),
    Case("credentials", "[o]\na key = v\n", "Use letters, digits and _- only.", "[o]\na_key = v\n"),
    Case("credentials", "[o]#c\nk = v\n", "Move it to its own line.", "[o]\n#c\nk = v\n"),
    Case("credentials", "[ o ]\nk = v\n", "Remove them.", "[o]\nk = v\n"),
    Case("credentials", "[my o]\nk = v\n", "Use letters, digits", "[my-o]\nk = v\n"),
    Case("credentials", "[o]\nk =\n  = v\n", "Write key = value, or remove it.", "[o]\nk =\n  a = v\n"),
    Case("config", "[DEFAULT]\nk = v\n", "Write them into the profiles that need them.", ""),
    Case("credentials", "[o]\nk\n", "Fix that line. Until then, no AWS tool", "[o]\nk = v\n"),
    Case("toml", "kep = true\n", "Did you mean keep?", ""),
    Case("toml", 'region = "eu-wst-1"\n', "Did you mean eu-west-1?", 'region = "eu-west-1"\n'),
    Case("toml", 'region = "eu-west-9"\n', "Keep it if AWS opened it recently.", 'region = "eu-west-1"\n'),
    Case("toml", '[settings]\nmfa_process = "/no/x"\n', "Fix mfa_process, or give its full path.", ""),
    Case(
        "toml",
        '[settings]\nmfa_process = "/bin"\n',
        "Name the program in it: fix mfa_process.",
        '[settings]\nmfa_process = "/bin/true"\n',
    ),
    Case(
        "toml",
        '[roles.two]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "dev"\nduration = "4h"\n',
        'Write "1h", the most that AWS allows',
        '[roles.two]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "dev"\nduration = "1h"\n',
    ),
    Case(
        "credentials",
        ENDED,
        "Renew the credentials of profile bare.",
        ENDED.replace("2020", "2099"),
        toml=f'{OF_BARE}keep = true\nregion = "eu-west-1"\n',
    ),
    Case(
        "config",
        "[profile bare]\nregion = eu-west-1\n",
        "Add keys or another source of credentials to it.",
        f"[profile bare]\nregion = eu-west-1\n{KEYS}",
        toml=OF_BARE,
    ),
    Case(
        "config",
        "[profile bare]\nregion = eu-west-1\n",
        "Add keys or another source of credentials to it.",
        f"[profile bare]\nregion = eu-west-1\n{ROLE}",
        toml=OF_BARE,
    ),
    Case("toml", '[roles.two]\nfrom_profile = "de"\n', "Did you mean dev?", '[roles.two]\nfrom_profile = "dev"\n'),
    Case("toml", 'session_name = "a"\n', "AWS allows 2 to 64.", 'session_name = "ab"\n'),
]


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_remedy_that_is_carried_out_leaves_nothing_to_find(found, row):
    carry_out(found, row)


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


@pytest.fixture
def of_another_user(places, monkeypatch):
    """The folder of the credentials is that of another user: root's, where the test runs as root, else as it seems."""
    folder = places.credentials_file.parent
    places.state_dir.mkdir(parents=True, mode=0o700)
    if os.getuid():
        folder.chmod(0o500)
        monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
        yield folder, lambda: folder.chmod(0o700)
        return
    for above in places.state_dir.relative_to(places.state_dir.anchor).parents:
        with_all = places.state_dir.anchor / above
        if with_all.stat().st_mode & 0o001 == 0:
            with_all.chmod(0o711)
    os.chown(places.state_dir, NOBODY, -1)
    # `os.access` checks the real user ID.
    os.setreuid(NOBODY, -1)
    try:
        yield folder, lambda: os.chown(folder, NOBODY, -1)
    finally:
        os.setreuid(0, -1)


NOBODY = 65534


@pytest.fixture
def give(monkeypatch):
    """Gives a folder to the user that this process acts for, or to another one.

    Root may write anywhere, so where it runs the tests, it acts for another user.
    """
    uid = os.getuid()
    if uid == 0:
        # `os.access` checks the real user ID.
        os.setreuid(NOBODY, -1)
        yield lambda folder, own: os.chown(folder, NOBODY if own else 0, -1)
        os.setreuid(0, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: uid + 1)
        yield lambda folder, own: folder.chmod(0o700 if own else 0o500)


@pytest.fixture
def open_home(home, monkeypatch):
    """A home in a folder that each user gets into, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        monkeypatch.setenv("HOME", name)
        for variable in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.delenv(variable)
        yield folder


@not_on_windows
@pytest.mark.parametrize("half", ["Give your user permission to write to it, ", "or set "])
@pytest.mark.parametrize(
    "variables",
    [("AWS_SHARED_CREDENTIALS_FILE",), ("XDG_STATE_HOME",), ("AWS_SHARED_CREDENTIALS_FILE", "XDG_STATE_HOME")],
)
def test_a_folder_of_another_user(open_home, give, monkeypatch, variables, half):
    places = locate(os.environ)
    lay_out(places)
    places.state_dir.mkdir(parents=True)
    folders = {"AWS_SHARED_CREDENTIALS_FILE": places.credentials_file.parent, "XDG_STATE_HOME": places.state_dir}
    for folder in folders.values():
        give(folder, own=True)
    assert examine(places) == ()
    for variable in variables:
        give(folders[variable], own=False)
    found = {finding.file: finding.remedy for finding in examine(places)}
    hint = "Give your user permission to write to it, or set {} to another folder."
    assert found == {str(folders[variable]): hint.format(variable) for variable in variables}
    for variable in variables:
        folder = folders[variable]
        if half == "or set ":
            moved = shutil.copytree(folder, open_home / "elsewhere" / folder.name)
            give(moved, own=True)
            elsewhere = moved.parent if variable == "XDG_STATE_HOME" else moved / places.credentials_file.name
            monkeypatch.setenv(variable, str(elsewhere))
        else:
            give(folder, own=True)
    assert examine(locate(os.environ)) == ()


class Center:
    """What is asked of macOS's Notification Center; tests/mac has all of it."""

    def __init__(self) -> None:
        self.allowed = False

    def permission(self) -> Permission:
        return Permission.GRANTED if self.allowed else Permission.REFUSED

    @staticmethod
    def app_name() -> str:
        return "traycreds"


class Windows:
    """What is asked of Windows' notices; the tests of `toasts` have all of it."""

    allowed = False

    def permission(self) -> Permission:
        return Permission.GRANTED if self.allowed else Permission.REFUSED


@pytest.mark.parametrize(
    ("of", "kind", "remedy"),
    [
        (advice.of_center, Center, "Allow them in System Settings > Notifications > traycreds."),
        (advice.of_toasts, Windows, "Allow them in Settings > System > Notifications."),
    ],
    ids=["macOS", "Windows"],
)
def test_notices_that_the_settings_of_the_system_keep_away(found, monkeypatch, of, kind, remedy):
    notices = kind()
    monkeypatch.setattr(advice, "here", lambda: of(notices))
    (finding,) = found("config", "")
    assert finding.remedy == remedy
    notices.allowed = True
    assert found("config", "") == ()


ACCEPT = (*REVIEW, "--yes")


def test_a_file_of_the_team_that_is_reviewed(sandbox):
    team = Team(sandbox)
    team.write(team.role("dev"))
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "Run traycreds import team, or choose Review team roles in the menu." in wrong.stdout
    assert sandbox.command(*ACCEPT).returncode == 0
    assert sandbox.command("doctor").stdout.endswith("No problems found.\n")


@pytest.mark.parametrize("remedy", ["Fix the account ID", "or remove the table"])
def test_a_table_for_an_account_of_no_role(sandbox, remedy):
    sandbox.add_role("dev")
    before = sandbox.config.read_text()
    sandbox.config.write_text(f"{before}[accounts.999999999999]\ncolor = 'red'\n")
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "the table of account 999999999999 has no effect: no known role is in that account" in wrong.stdout
    assert remedy in wrong.stdout
    right = f"[accounts.{ACCOUNT}]\ncolor = 'red'\n" if remedy == "Fix the account ID" else ""
    sandbox.config.write_text(before + right)
    assert sandbox.command("doctor").stdout.endswith("No problems found.\n")


@pytest.mark.parametrize("remedy", ["Fix the name of the session", "or remove the table"])
def test_a_table_for_a_sign_in_that_does_not_exist(sandbox, remedy):
    sandbox.add_role("dev")
    sandbox.aws_config.write_text(f"{sandbox.aws_config.read_text()}\n{SSO_PROFILE}")
    before = sandbox.config.read_text()
    table = f"[sign_ins.crop]\nbrowser = [{json.dumps(sys.executable)}]\n"
    sandbox.config.write_text(before + table)
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "the table of sign-in crop has no effect: no sso-session has that name" in wrong.stdout
    assert remedy in wrong.stdout
    right = table.replace("crop", "corp") if remedy.startswith("Fix") else ""
    sandbox.config.write_text(before + right)
    assert sandbox.command("doctor").stdout.endswith("No problems found.\n")


@pytest.mark.parametrize("remedy", ["Fix its name", "give it a role_arn", "or from_profile", "accept the file"])
def test_a_table_for_a_role_that_no_file_of_the_team_has(sandbox, remedy):
    team = Team(sandbox)
    team.write(team.role("dev"))
    assert sandbox.command(*ACCEPT).returncode == 0
    team.include('"team.toml"', '[roles.dve]\nregion = "eu-west-1"\n')
    wrong = sandbox.command("doctor")
    assert wrong.returncode == 4
    assert "the table of role dve has no effect" in wrong.stdout
    assert remedy in wrong.stdout
    if remedy == "Fix its name":
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
