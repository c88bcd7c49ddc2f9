"""What an import proposes of each program's way of naming roles, and what it leaves out with a reason."""

from __future__ import annotations

import sys

import pytest

from tests.support.builders import a_role
from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.core.value_class import replace
from traycreds.importers import add_roles, logsmith
from traycreds.importers.proposals import find

BASE = "[base]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n"
ARN = "arn:aws:iam::111122223333:role/Dev"
ROLE = f"role_arn = {ARN}\n"
DEV = f"[profile dev]\n{ROLE}source_profile = base\n"
SSO = "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R\n"


@pytest.fixture
def found(tmp_path):
    """The proposals for some files; `importers.logsmith` and `leapp` are other programs' own."""

    def found(aws_config="", credentials=BASE, existing=(), accounts=None, leapp=False):
        (tmp_path / "config").write_text(aws_config)
        (tmp_path / "credentials").write_text(credentials)
        if accounts is not None:
            (tmp_path / ".logsmith").mkdir()
            (tmp_path / logsmith.ACCOUNTS_FILE).write_text(accounts)
        if leapp:
            (tmp_path / ".Leapp").mkdir()
            (tmp_path / ".Leapp" / "Leapp-lock.json").write_text("U2FsdGVkX1")
        aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
        return find(aws, existing, tmp_path)

    return found


def tables(found):
    return {proposal.name: dict(proposal.table) for proposal in found.proposals}


def test_each_role_profile_of_aws_config_is_proposed_where_it_stands(found):
    web = f"[profile web]\n{ROLE}web_identity_token_file = /t\n"
    result = found(f"[default]\nregion = x\n{DEV}[profile sso]\n{SSO}{web}[profile plain]\nregion = x\n")
    assert tables(result) == {name: {"from_profile": name} for name in ("dev", "sso", "web")}
    assert result.left_out == ()
    dev = result.proposals[0]
    assert dev.origin.startswith("[dev] in ")
    assert dev.origin.endswith("config, line 3")
    assert (dev.note, dev.profile) == (None, "dev-session")


def test_names_and_profiles_are_those_that_were_offered_before(found, tmp_path):
    """Sessions that the app has written for offered roles continue when the roles are imported."""
    result = found(
        DEV + DEV.replace("dev]", '"my dev"]') + DEV.replace("dev]", '"my+dev"]') + DEV.replace("dev]", '"my,dev"]')
    )
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    assert [(each.name, each.profile) for each in result.proposals] == [
        (role.name, role.profile) for role in profiles.discover(aws)
    ]
    ours = "aws_access_key_id = ASIAX\ntraycreds_role = dev\n"
    with (tmp_path / "credentials").open("a") as file:
        file.write(f"[dev-session]\n{ours}")
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    assert find(aws, (), tmp_path).proposals[0].profile == "dev-session"


def test_an_imported_role_is_the_one_that_was_offered_so_that_nothing_the_user_picked_is_lost(found, tmp_path):
    """But for a region of its source profile, which is that of a configured role that has none of its own."""
    web = f"[profile web]\n{ROLE}web_identity_token_file = /t\n"
    far = f"[profile far]\n{ROLE}source_profile = base\nduration_seconds = 900\nregion = ap-south-1\n"
    result = found(f"{DEV}[profile sso]\n{SSO}{web}{far}", f"{BASE}region = eu-north-1\n")
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    offered = profiles.discover(aws)
    imported = loader.parse(tmp_path / "c.toml", add_roles.text_of(result.proposals), aws).roles
    assert [role.region for role in imported] == ["eu-north-1", None, None, "ap-south-1"]
    assert (replace(imported[0], region=None), *imported[1:]) == offered


def test_a_profile_of_someone_else_is_no_target(found):
    result = found(DEV, BASE + BASE.replace("base", "dev-session"))
    assert tables(result) == {"dev": {"from_profile": "dev", "profile": "dev-session-2"}}


def test_what_is_configured_is_not_proposed_again_under_whatever_name(found):
    assert not found(DEV, existing=[a_role("x", from_profile="dev")]).proposals
    by_hand = a_role("y", arn=ARN, source_profile="base")
    assert not found(DEV, existing=[by_hand]).proposals
    other = a_role("dev", arn=ARN + "2", source_profile="base")
    assert tables(found(DEV, existing=[other])) == {"dev-2": {"from_profile": "dev"}}
    taken = a_role("z", profile="dev-session")
    assert tables(found(DEV, existing=[taken])) == {"dev": {"from_profile": "dev", "profile": "dev-session-2"}}


def test_two_profiles_of_one_role_are_two_roles(found):
    second = DEV.replace("dev]", "dev-west]") + "region = us-west-1\n"
    assert list(tables(found(DEV + second))) == ["dev", "dev-west"]
    imported = a_role("dev", arn=ARN, source_profile="base", from_profile="dev")
    assert list(tables(found(DEV + second, existing=[imported]))) == ["dev-west"]


@pytest.mark.parametrize("source", ["[profile work]\nregion = x\n", ""])
def test_aws_vault_keeps_the_keys_of_a_source_itself(found, source):
    (proposal,) = found(f"{source}[profile a]\n{ROLE}source_profile = work\n").proposals
    assert proposal.note.endswith("[profile work]: credential_process = aws-vault export --format=json work")
    assert found(f"[profile a]\n{ROLE}credential_source = Environment\n").proposals[0].note is None


@pytest.mark.parametrize("key", ["include_profile", "parent_profile"])
def test_aws_vault_includes_become_a_table_of_their_own(found, key):
    shared = "source_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/me\nregion = eu-west-1\nduration_seconds = 7200\n"
    text = (
        f"[profile common]\n{shared}[profile root]\nregion = us-east-1\n{key} = common\n"
        f"[profile dev]\n{ROLE}{key} = root\nexternal_id = xyz\n"
    )
    result = found(text)
    assert tables(result) == {
        "dev": {
            "role_arn": ARN,
            "source_profile": "base",
            "region": "us-east-1",
            "external_id": "xyz",
            "mfa_serial": "arn:aws:iam::111122223333:mfa/me",
            "duration": 7200,
        }
    }
    assert result.proposals[0].origin.endswith("(aws-vault)")


def test_aws_vault_includes_may_lend_a_number_of_any_length(found):
    text = f"[profile a]\n{ROLE}source_profile = base\nduration_seconds = {'9' * 5000}\ninclude_profile = b\n"
    assert tables(found(text))["a"]["duration"] == 10**9


def test_aws_vault_includes_in_a_ring_end(found):
    assert not found("[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n").proposals


GRANTED = SSO.replace("sso_", "granted_sso_").replace("sso_start", "sso_start", 1)


def test_granted_is_asked_by_its_credential_process(found, tmp_path):
    text = f"[profile acme/Admin]\n{GRANTED}credential_process = granted credential-process --profile acme/Admin\n"
    result = found(text)
    assert tables(result) == {"acme/Admin": {"from_profile": "acme/Admin"}}
    assert result.proposals[0].origin.endswith("(granted)")
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    loaded = loader.parse(tmp_path / "c.toml", '[roles."acme/Admin"]\nfrom_profile = "acme/Admin"\n', aws)
    assert (loaded.roles[0].arn, loaded.roles[0].from_profile) == (None, "acme/Admin")


def test_granted_without_its_process_is_left_out_with_the_remedy(found):
    result = found(f"[profile acme]\n{GRANTED}")
    assert not result.proposals
    assert result.left_out[0].endswith("credential_process = granted credential-process --profile acme")


ACCOUNTS = """
productive:
    color: '#388E3C'
    team: team1
    region: eu-central-1
    script: null
    auth_mode: key
    access_key: access-key-main
    profiles:
    -   profile: live
        account: '123456789012'
        role: admin
        source: nonlive
    -   profile: nonlive
        account: 012345678901
        role: developer
        default: true
cloud:
    team: t
    region: europe-west1
    type: gcp
    profiles: []
"""
KEYS = BASE.replace("base", "access-key-main")


def test_logsmith_groups(found):
    result = found(credentials=KEYS, accounts=ACCOUNTS)
    assert tables(result) == {
        "nonlive": {
            "role_arn": "arn:aws:iam::012345678901:role/developer",
            "source_profile": "access-key-main",
            "region": "eu-central-1",
            "group": "productive",
        },
        "live": {
            "role_arn": "arn:aws:iam::123456789012:role/admin",
            "source_profile": "nonlive-session",
            "region": "eu-central-1",
            "group": "productive",
        },
    }
    assert result.left_out == ()
    assert {proposal.origin for proposal in result.proposals} == {"logsmith, group productive"}


def test_logsmith_keys_that_are_not_there(found):
    result = found(accounts=ACCOUNTS)
    assert not result.proposals
    assert [sentence.split("needs ")[1] for sentence in result.left_out] == [
        "profile access-key-main, which does not exist.",
        "profile nonlive, which does not exist.",
    ]


def test_logsmith_sources_in_a_ring_or_nowhere(found):
    ring = ACCOUNTS.replace("role: developer", "role: developer\n        source: live")
    assert not found(credentials=KEYS, accounts=ring).proposals


def test_logsmith_roles_that_aws_config_has_are_not_taken_twice(found):
    text = "[profile n]\nrole_arn = arn:aws:iam::012345678901:role/developer\nsource_profile = access-key-main\n"
    result = found(text, KEYS, accounts=ACCOUNTS)
    assert list(tables(result)) == ["n", "live"]
    assert tables(result)["live"]["source_profile"] == "n-session"


def test_logsmith_groups_that_sign_in(found):
    accounts = ACCOUNTS.replace("auth_mode: key", "auth_mode: sso").replace("source: nonlive", "default: false")
    result = found(f"[profile live]\n{SSO}", accounts=accounts)
    assert tables(result) == {"live": {"from_profile": "live"}}
    assert len(result.left_out) == 1
    assert "nonlive of group productive signs in through Identity Center" in result.left_out[0]


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ("a: b: c\n", "line 1: mapping values are not allowed here."),
        ("- a\n", "has no groups."),
        (
            ACCOUNTS.replace("'123456789012'", "12345"),
            "group productive has a profile without name, role or 12-digit account.",
        ),
        (
            ACCOUNTS.replace("'123456789012'", "null"),
            "group productive has a profile without name, role or 12-digit account.",
        ),
    ],
)
def test_logsmith_files_that_cannot_be_read(found, accounts, message):
    assert found(credentials=KEYS, accounts=accounts).left_out[0].endswith(message)


def test_without_pyyaml_other_roles_are_proposed_all_the_same(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    result = found(DEV, accounts=ACCOUNTS)
    assert tables(result) == {"dev": {"from_profile": "dev"}}
    assert result.left_out == (str(result.missing),)
    assert "PyYAML" in result.left_out[0]


def test_leapp_is_encrypted(found):
    assert "encrypted" in found(leapp=True).left_out[0]


def test_no_files(tmp_path):
    nothing = profiles.read(tmp_path / "config", tmp_path / "credentials")
    assert find(nothing, (), tmp_path) == find(nothing, (), tmp_path / "nowhere")
    assert not find(nothing, (), tmp_path).proposals
