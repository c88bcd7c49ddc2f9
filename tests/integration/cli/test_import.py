"""`import` as a user types it: previews, questions in a terminal, bytes kept, profiles moved with all who name them."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.sandbox import has_mode
from tests.support.terminal import CTRL_C, END, in_terminal
from traycreds.awsfiles.ini_edit import parse

ARN = "arn:aws:iam::123456789012:role/dev"


@pytest.fixture
def profiles(sandbox):
    """Two role profiles in ~/.aws/config, and no traycreds configuration."""
    sandbox.add_role("dev")
    sandbox.add_role("prod")
    sandbox.config.unlink()
    sandbox.config.parent.rmdir()
    text = "".join(
        f"[profile {name}]\nrole_arn = arn:aws:iam::123456789012:role/{name}\nsource_profile = base\n"
        for name in ("dev", "prod")
    )
    sandbox.aws_config.write_text(f"[default]\nregion = us-east-1\n{text}")
    return sandbox


def complaint(done):
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


def test_dry_run_shows_the_text_and_changes_nothing(profiles):
    done = profiles.command("import", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f'# [dev] in {profiles.aws_config}, line 3\n[roles.dev]\nfrom_profile = "dev"\n\n'
        f'# [prod] in {profiles.aws_config}, line 6\n[roles.prod]\nfrom_profile = "prod"\n'
    )
    assert not profiles.config.parent.exists()


def test_imported_roles_work(profiles):
    done = profiles.command("import", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Added to {profiles.config}: dev, prod\n" in done.stdout
    assert has_mode(profiles.config, 0o600)
    assert profiles.command("once", "dev").returncode == 0
    assert profiles.profiles()["dev-session"]["traycreds_role"] == "dev"
    again = profiles.command("import", "--yes")
    assert (again.returncode, again.stdout) == (0, f"Nothing to add to {profiles.config}.\n")


def test_only_what_is_named(profiles):
    done = profiles.command("import", "--yes", "prod")
    assert done.returncode == 0
    assert "From now on, traycreds offers only the roles in the configuration" in done.stdout
    assert "[roles.dev]" not in profiles.config.read_text()
    assert "[roles.prod]" in profiles.config.read_text()
    refused = profiles.command("import", "--yes", "prod")
    assert refused.returncode == 2
    assert complaint(refused) == "prod is not one of the roles that can be added.\nChoose from: dev.\n"


@pytest.mark.parametrize(
    "before",
    [
        '# mine\r\n[settings]\r\nnotify_before = "7m"   # odd\r\n\r\n[roles."x.y"]\r\nfrom_profile = "dev"\r\nprofile="mine"',
        '\ufeff[roles]\n  [roles.x]\n  from_profile = "dev"\n',
        'roles.x = { from_profile = "dev" }\n\n\n',
        "# nothing yet",
    ],
)
def test_what_was_there_keeps_every_byte(profiles, before):
    profiles.config.parent.mkdir(parents=True)
    profiles.config.write_bytes(before.encode())
    profiles.config.chmod(0o644)
    done = profiles.command("import", "--yes", "prod")
    assert (done.returncode, done.stderr) == (0, "")
    data = profiles.config.read_bytes()
    assert data.startswith(before.encode())
    end = b"\r\n" if "\r\n" in before else b"\n"
    assert data.endswith(b"[roles.prod]" + end + b'from_profile = "prod"' + end)
    assert has_mode(profiles.config, 0o644)
    assert "prod" in profiles.command("status").stdout


def test_a_configuration_to_which_nothing_can_be_appended_is_left(profiles):
    profiles.config.parent.mkdir(parents=True)
    text = 'roles = { x = { from_profile = "dev" } }\n'
    profiles.config.write_text(text)
    done = profiles.command("import", "--yes")
    assert done.returncode == 2
    assert "Cannot append the roles" in complaint(done)
    assert profiles.config.read_text() == text


def test_a_broken_configuration_is_reported_and_left(profiles):
    profiles.config.parent.mkdir(parents=True)
    profiles.config.write_text('[roles.x]\nkep = true\nfrom_profile = "dev"\n')
    done = profiles.command("import", "--yes")
    assert done.returncode == 2
    assert "line 2" in complaint(done)
    assert "prod" not in profiles.config.read_text()


def test_a_role_that_our_rules_refuse_is_left_out(profiles):
    with profiles.aws_config.open("a") as file:
        file.write("[profile shared]\ninclude_profile = common\nrole_arn = arn:aws:iam::1:role/x\n")
        file.write("[profile common]\nsource_profile = base\n")
    done = profiles.command("import", "--dry-run")
    assert done.returncode == 0
    assert "[roles.shared]" not in done.stdout
    assert "is not the ARN of a role" in complaint(done)


def test_without_a_terminal_nobody_is_asked(profiles):
    done = profiles.command("import")
    assert done.returncode == 2
    assert complaint(done) == (
        "Cannot ask here: this is not a terminal.\nUse --dry-run to see what would be added, --yes to add it.\n"
    )
    assert not profiles.config.exists()


def test_in_a_terminal_one_reads_chooses_and_confirms(profiles):
    shown, code = in_terminal(profiles, "2\n", "y\n")
    assert code == 0, shown
    assert f"   1  dev   [dev] in {profiles.aws_config}, line 3\n" in shown
    assert f"To be appended to {profiles.config}:" in shown
    assert shown.index('from_profile = "prod"') < shown.index("Write it?")
    assert "[roles.prod]" in profiles.config.read_text()
    assert "[roles.dev]" not in profiles.config.read_text()


@pytest.mark.parametrize("answers", [("1\n", "\n"), ("1-2\n", "n\n"), (END,), ("1\n", END)])
def test_in_a_terminal_who_does_not_agree_changes_nothing(profiles, answers):
    shown, code = in_terminal(profiles, *answers)
    assert code == 0, shown
    assert shown.endswith("Nothing was changed.\n")
    assert not profiles.config.exists()


@pytest.mark.parametrize("answer", ["3", "0", "x", "1-9x", "-", "2-1", ""])
def test_after_a_mistake_it_asks_again(profiles, answer):
    shown, code = in_terminal(profiles, f"{answer}\n", "2\n", "y\n")
    assert code == 0, shown
    assert ("Nothing matches" in shown) or ("Not in the list" in shown) or ("Type numbers" in shown)
    assert "[roles.prod]" in profiles.config.read_text()
    assert "[roles.dev]" not in profiles.config.read_text()


@pytest.mark.parametrize("answers", [("all\n",), ("pr\n", "*\n", "1 2\n"), ("*\n", "1-2\n")])
def test_what_is_typed_narrows_the_list_down_and_all_is_typed_out(profiles, answers):
    shown, code = in_terminal(profiles, *answers, "y\n")
    assert code == 0, shown
    assert "[roles.prod]" in profiles.config.read_text()
    assert "[roles.dev]" in profiles.config.read_text()


def test_ctrl_c_ends_it_however_often_it_is_typed(profiles):
    shown, code = in_terminal(profiles, CTRL_C)
    assert code == 130, shown
    assert "Traceback" not in shown
    assert not profiles.config.exists()


def test_logsmith_chain_becomes_roles_that_work(sandbox):
    """The second role is assumed with the session of the first, which is in the file as one of our profiles."""
    first = sandbox.add_role("developer")
    sandbox.simulator.world.add_role("arn:aws:iam::123456789012:role/admin", trust=[first])
    sandbox.config.unlink()
    (sandbox.home / ".logsmith").mkdir()
    (sandbox.home / ".logsmith" / "accounts.yaml").write_text(
        "work:\n    team: t\n    region: eu-west-1\n    color: '#fff'\n    access_key: base\n    profiles:\n"
        "    -   profile: live\n        account: '123456789012'\n        role: admin\n        source: nonlive\n"
        "    -   profile: nonlive\n        account: '123456789012'\n        role: developer\n"
    )
    done = sandbox.command("import", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    for role in ("nonlive", "live"):
        done = sandbox.command("once", role)
        assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.profiles()["live-session"]["traycreds_role"] == "live"


def test_logsmith_alone_without_pyyaml_is_exit_2_with_what_to_install(sandbox):
    (sandbox.home / ".logsmith").mkdir()
    (sandbox.home / ".logsmith" / "accounts.yaml").write_text("work: {}\n")
    without = sandbox.home / "without"
    without.mkdir()
    (without / "yaml.py").write_text("raise ImportError('as where it is not installed')\n")
    done = sandbox.command("import", "--yes", PYTHONPATH=str(without))
    assert done.returncode == 2
    assert "accounts.yaml, is not installed." in done.stderr
    assert 'pip install "PyYAML"' in done.stderr
    assert not sandbox.config.exists()


def test_granted_profile_becomes_a_role_that_works(sandbox):
    """Its credential_process is granted's own; here a script stands for it, as AWS tools would run it."""
    process = sandbox.home / "granted.py"
    process.write_text(
        "import json\nprint(json.dumps({'Version': 1, 'AccessKeyId': 'ASIAGRANTED', 'SecretAccessKey': 's' * 40, "
        "'SessionToken': 'token', 'Expiration': '2126-01-01T00:00:00Z'}))\n"
    )
    sandbox.aws_config.write_text(
        "[profile acme/Admin]\ngranted_sso_start_url = https://acme.awsapps.com/start\ngranted_sso_region = eu-west-1\n"
        "granted_sso_account_id = 123456789012\ngranted_sso_role_name = Admin\n"
        f"credential_process = {sys.executable} {process}\n"
    )
    done = sandbox.command("import", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert '[roles."acme/Admin"]\nfrom_profile = "acme/Admin"\n' in sandbox.config.read_text()
    done = sandbox.command("once", "acme/Admin")
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.profiles()["acme/Admin-session"]["aws_access_key_id"] == "ASIAGRANTED"


# The command `import profiles`


def test_profiles_is_what_import_alone_is(profiles):
    for more in (("--dry-run",), ("--dry-run", "--json"), ("--dry-run", "prod"), ()):
        old, new = profiles.command("import", *more), profiles.command("import", "profiles", *more)
        assert (new.returncode, new.stdout, new.stderr) == (old.returncode, old.stdout, old.stderr)
    done = profiles.command("import", "profiles", "--yes", "prod")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Added to {profiles.config}: prod\n" in done.stdout
    assert profiles.command("once", "prod").returncode == 0


def test_json_of_profiles_changes_nothing_even_with_yes(profiles):
    done = profiles.command("import", "profiles", "--yes", "--json")
    assert [role["name"] for role in json.loads(done.stdout)["roles"]] == ["dev", "prod"]
    assert not profiles.config.parent.exists()


def test_profiles_asks_in_a_terminal(profiles):
    shown, code = in_terminal(profiles, "2\n", "y\n", command=("import", "profiles"))
    assert code == 0, shown
    assert profiles.config.read_text().endswith('[roles.prod]\nfrom_profile = "prod"\n')


def test_a_role_that_is_called_as_a_command_is_added_by_profiles(profiles):
    profiles.aws_config.write_text(profiles.aws_config.read_text().replace("[profile prod]", "[profile team]"))
    done = profiles.command("import", "team", "--yes")
    assert (done.returncode, done.stdout) == (
        0,
        "Your configuration includes no file; see include in docs/configuration.md.\n",
    )
    assert not profiles.config.exists()
    done = profiles.command("import", "profiles", "--yes", "team")
    assert done.returncode == 0, done.stderr
    assert "[roles.team]" in profiles.config.read_text()


# A foreign profile under a new name


@pytest.fixture
def default(sandbox):
    """Someone's own keys as default, named as a source by everybody."""
    with sandbox.credentials_file.open("a") as file:
        file.write("\n# mine\n[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = secretmine\n")
    sandbox.aws_config.write_text(
        "[default]\nregion = us-east-1\n[profile d]\nrole_arn = arn:aws:iam::123456789012:role/d\nsource_profile=default\n"
    )
    sandbox.add_role("dev", source="default")
    return sandbox


def test_take_over_moves_a_profile_and_lists_what_names_it(default):
    before = default.credentials_file.read_bytes()
    others = default.aws_config.read_bytes(), default.config.read_bytes()
    done = default.command("import", "--take-over", "default", "--as", "own")
    assert (done.returncode, done.stderr) == (0, "")
    assert default.credentials_file.read_bytes() == before.replace(b"[default]", b"[own]")
    (backup,) = default.credentials_file.parent.glob("credentials.backup-*")
    assert backup.read_bytes() == before
    assert has_mode(backup, 0o600)
    assert f"Profile default is now called own in {default.credentials_file}" in done.stdout
    assert f"Backup of the file: {backup}\n" in done.stdout
    assert f"Still names default: source_profile of [profile d] in {default.aws_config}, line 5\n" in done.stdout
    assert f"Still names default: source_profile of [roles.dev] in {default.config}, line 3\n" in done.stdout
    assert f"The settings of default in {default.aws_config}, line 1, keep that name." in done.stdout
    assert (default.aws_config.read_bytes(), default.config.read_bytes()) == others
    assert "secretmine" not in done.stdout


def test_take_over_changes_who_names_it_on_request_also_afterwards(default):
    assert default.command("import", "--take-over", "default", "--as", "own").returncode == 0
    config, ours = default.aws_config.read_bytes(), default.config.read_bytes()
    for _ in range(2):
        done = default.command("import", "--take-over", "default", "--as", "own", "--fix-references")
        assert (done.returncode, done.stderr) == (0, "")
    assert default.aws_config.read_bytes() == config.replace(b"source_profile=default", b"source_profile=own")
    assert default.config.read_bytes() == ours.replace(b'"default"', b'"own"')
    assert len(list(default.credentials_file.parent.glob("credentials.backup-*"))) == 1


def test_the_command_take_over(default):
    credentials, config, ours = (
        path.read_bytes() for path in (default.credentials_file, default.aws_config, default.config)
    )
    done = default.command("import", "take-over", "default", "--as", "own")
    assert (done.returncode, done.stderr) == (0, "")
    assert default.credentials_file.read_bytes() == credentials.replace(b"[default]", b"[own]")
    again = done.stdout.partition("To make them name own: traycreds ")[2].partition("\n")[0].split()
    assert again == ["import", "take-over", "default", "--as", "own", "--fix-references"]
    done = default.command(*again)
    assert (done.returncode, done.stderr) == (0, "")
    assert default.aws_config.read_bytes() == config.replace(b"source_profile=default", b"source_profile=own")
    assert default.config.read_bytes() == ours.replace(b'"default"', b'"own"')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("default",), "the following arguments are required: --as"),
        (("--as", "x"), "the following arguments are required: PROFILE"),
        (("default", "--as", "base"), "there is already a profile [base]"),
        (("default", "--as", "x", "--yes"), "unrecognized arguments: --yes"),
        (("default", "--as", "x", "dev"), "unrecognized arguments: dev"),
    ],
)
def test_the_command_take_over_refuses_and_touches_nothing(default, arguments, message):
    before = default.credentials_file.read_bytes()
    done = default.command("import", "take-over", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in complaint(done)
    assert default.credentials_file.read_bytes() == before


def test_take_over_lets_use_write_the_default(default, start):
    """The way out that the app itself proposes when it meets someone's default."""
    default.config.write_text(default.config.read_text().replace('"default"', '"base"'))
    start()
    refused = default.command("use", "dev")
    assert refused.returncode == 4
    proposed = refused.stderr.strip().rpartition("traycreds ")[2].split()
    assert proposed == ["import", "take-over", "default", "--as", "base-2"]
    assert default.command(*proposed).returncode == 0
    assert default.command("use", "dev").returncode == 0
    kept = parse(default.credentials_file.read_text())
    assert kept["base-2"]["aws_access_key_id"] == "AKIAMINE"
    assert kept["default"]["traycreds_role"] == "dev"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--take-over", "default", "--as", "base"), 2, "there is already a profile [base]"),
        (("--take-over", "nobody", "--as", "x"), 2, "there is no profile [nobody]"),
        (("--take-over", "default", "--as", "a b"), 2, "is not read the same way"),
        (("--take-over", "default", "--as", "d"), 2, "Profile d is a profile with role settings already"),
        (("--take-over", "default"), 2, "needs a new name"),
        (("--as", "x"), 2, "go with --take-over"),
        (("--fix-references",), 2, "go with --take-over"),
        (("--take-over", "default", "--as", "x", "--yes"), 2, "moves one profile"),
        (("--take-over", "default", "--as", "x", "dev"), 2, "moves one profile"),
    ],
)
def test_take_over_refuses_and_touches_nothing(default, arguments, code, message):
    files = (default.credentials_file, default.aws_config, default.config)
    before = [path.read_bytes() for path in files]
    done = default.command("import", *arguments)
    assert done.returncode == code
    assert message in complaint(done)
    assert [path.read_bytes() for path in files] == before
    assert not list(default.credentials_file.parent.glob("credentials.backup-*"))


def test_take_over_of_a_file_that_nobody_can_read(default):
    whole = default.credentials_file.read_bytes()
    before = whole + b"[base]\n"
    default.credentials_file.write_bytes(before)
    done = default.command("import", "--take-over", "default", "--as", "own")
    assert done.returncode == 4
    assert "line " in complaint(done)
    assert default.credentials_file.read_bytes() == before
    default.credentials_file.write_bytes(whole)
    default.config.write_text("[roles\n")
    done = default.command("import", "--take-over", "default", "--as", "own")
    assert done.returncode == 2, "who cannot tell who names it does not move it"
    assert b"[default]" in default.credentials_file.read_bytes()
