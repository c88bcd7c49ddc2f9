from __future__ import annotations

import pytest

from tests.unit.doctor.texts import PROCESS
from traycreds.awsfiles import profiles
from traycreds.awsfiles.ownership import MARKER
from traycreds.doctor.profile_checks import profile_findings
from traycreds.doctor.program_checks import Programs

BASE = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"
ROLE = "role_arn = arn:aws:iam::111122223333:role/Dev\n"
DEV = f"[profile dev]\n{ROLE}source_profile = base\n"


@pytest.fixture
def found(tmp_path):
    """The findings for the texts of the two files."""

    def found(config: str = DEV, credentials: str = BASE):
        (tmp_path / "config").write_text(config, encoding="utf-8")
        (tmp_path / "credentials").write_text(credentials, encoding="utf-8")
        return profile_findings(profiles.read(tmp_path / "config", tmp_path / "credentials"), Programs())

    return found


@pytest.fixture
def unknown(found):
    """The findings that a section with a header is known to no AWS tool."""

    def unknown(header: str):
        findings = found(f"{DEV}[{header}]\nregion = us-east-1\n")
        return [finding for finding in findings if "is not a profile to AWS tools in Python" in finding.what]

    return unknown


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (" profile lead", "profile lead"),
        ("profilefoo", "profile foo"),
        ("sso-sessionfoo", "sso-session foo"),
        ("sso-sesion foo", "sso-session foo"),
        ("Profile x", "profile x"),
        ("foo", "profile foo"),
        (" default", "default"),
        ("Default", "default"),
    ],
)
def test_the_header_that_is_named_makes_a_section_known(unknown, header, right):
    (finding,) = unknown(header)
    assert finding.line == len(DEV.splitlines()) + 1
    assert finding.remedy == f"Write [{right}]."
    assert unknown(right) == []


@pytest.mark.parametrize(
    ("header", "safe", "right"),
    [
        ("profile Foo Bar", "profile Foo-Bar", 'profile "Foo Bar"'),
        ("sso-session My Corp", "sso-session My-Corp", 'sso-session "My Corp"'),
        ("profile it's", "profile it-s", 'profile "it\'s"'),
        ("profile 'open", "profile open", 'profile "\'open"'),
        ("foo bar", "profile foo-bar", 'profile "foo bar"'),
    ],
)
def test_a_name_that_some_sdks_lose_gets_a_safe_one_and_its_own(unknown, header, safe, right):
    (finding,) = unknown(header)
    assert finding.remedy == f"Write [{safe}], or [{right}], which some SDKs lose."
    assert unknown(safe) == unknown(right) == []


@pytest.mark.parametrize("header", ["profile", "sso-session", "profile "])
def test_a_header_without_a_name_is_not_named_after_itself(found, header):
    remedies = [finding.remedy for finding in found(f"{DEV}[{header}]\n")]
    kind = header.strip()
    assert f"Add a name, like [{kind} dev], or remove the section." in remedies


@pytest.mark.parametrize(("named", "remedy"), [("crop", "Did you mean corp?"), ("My Co", 'Add [sso-session "My Co"].')])
def test_an_sso_session_that_does_not_exist(found, named, remedy):
    session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
    profile = f"[profile sso]\nsso_session = {named}\nsso_account_id = 123456789012\nsso_role_name = R\n"
    (finding,) = found(f"{DEV}{session}{profile}")
    assert finding.remedy == remedy


def test_a_role_whose_source_is_its_own_profile_uses_the_keys_of_that_profile(found):
    config = f"[profile dev]\n{ROLE}source_profile = dev\n"
    assert found(config, BASE.replace("base", "dev")) == []


def test_a_services_section_that_does_not_exist(found):
    config = f"{DEV}services = locl\n[services local]\nsts =\n  endpoint_url = http://127.0.0.1:4566\n"
    (finding,) = found(config)
    assert finding.remedy == "Did you mean local?"
    assert found(config.replace("locl", "local")) == []


def test_a_shadow_is_seen_beside_an_sso_session_of_its_name(found):
    config = f"{DEV}[sso-session dev]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
    whats = [finding.what for finding in found(config, BASE + BASE.replace("base", "dev"))]
    assert [what for what in whats if what.startswith("the keys of [dev] are ignored")]


def test_a_web_identity_token_without_a_role(found):
    config = f"{DEV}[profile web]\nweb_identity_token_file = /t\n{PROCESS}"
    (finding,) = found(config)
    assert finding.what == "the profile web has a web_identity_token_file, but no role_arn"
    assert found(f"{config}{ROLE}") == []
    assert found(config.replace("web_identity_token_file = /t\n", "")) == []


def test_a_change_of_a_file_during_its_check_waits_for_the_next(tmp_path, found):
    found()
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    for name, header in (("config", "profile new"), ("credentials", "newer")):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"[{header}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")
    assert profile_findings(aws, Programs()) == []


def test_half_a_pair_of_keys_is_seen_beside_an_sso_session_of_its_name(found):
    config = f"{DEV}[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
    (finding,) = found(config, f"{BASE}[corp]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")
    assert finding.what == "the profile corp has no aws_secret_access_key"


OURS = f"aws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\naws_session_token = t\n{MARKER} = dev\n"


@pytest.mark.parametrize(("name", "header"), [("default", "default"), ("dev-session", "profile dev-session")])
def test_what_traycreds_wrote_keeps_its_name(found, name, header):
    """Under another name nobody would refresh it."""
    theirs = f"[{header}]\n{ROLE}source_profile = base\n"
    (finding,) = found(f"{DEV}{theirs}", f"{BASE}[{name}]\n{OURS}")
    assert finding.remedy.startswith(f"Rename [{header}] (")
    assert finding.remedy.endswith("config, line 4).")
    assert found(f"{DEV}{theirs.replace(header, 'profile own')}", f"{BASE}[{name}]\n{OURS}") == []
