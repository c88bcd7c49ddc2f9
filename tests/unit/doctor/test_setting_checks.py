from __future__ import annotations

import pytest

from traycreds.aws.botocore_session import certificates
from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.doctor import setting_checks
from traycreds.doctor.finding import Severity
from traycreds.doctor.setting_checks import missing_key_findings, setting_findings, variable_findings
from traycreds.state.paths import locate

ARN = "arn:aws:iam::111122223333:role/Dev"
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"
BASE = "[base]\n" + KEYS
DEV = f"[profile dev]\nrole_arn = {ARN}\nsource_profile = base\n"
MIDDLE = DEV.replace("dev", "middle")
SSO = "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"
CORP = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
OLD = CORP.removeprefix("[sso-session corp]\n") + "sso_account_id = 123456789012\nsso_role_name = R\n"
NO_ROLE_NAME = ("the profile dev has no sso_role_name", "Add sso_role_name, the permission set.", SSO + CORP)


@pytest.fixture
def loaded(home):
    """Both AWS files for a text of ~/.aws/config, and the one role that is taken from it."""
    places = locate({"AWS_CONFIG_FILE": str(home / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")})

    def loaded(config: str):
        places.aws_config_file.write_text(config, encoding="utf-8")
        places.credentials_file.write_text(BASE, encoding="utf-8")
        places.config_file.parent.mkdir(parents=True, exist_ok=True)
        places.config_file.write_text('[roles.r]\nfrom_profile = "dev"\n', encoding="utf-8")
        aws = profiles.read_at(places)
        return aws, loader.load(places, aws).roles

    return loaded


@pytest.fixture
def found(loaded):
    """The findings for a text of ~/.aws/config."""
    return lambda config: list(setting_findings(*loaded(config)))


@pytest.mark.parametrize(
    "config",
    [
        DEV,
        DEV + "region = eu-west-1\n",
        SSO + CORP,
        "[profile dev]\n" + OLD,
        SSO + CORP + "[profile x]\nregion = None\n",
        SSO + CORP.replace("eu-west-1", "eu-north-9"),
        DEV + "region = us-iso-east-1\n",
        DEV + "region = aws-global\n",
        DEV
        + "s3 = x\nservices = local\n[services local]\ns3 =\n  endpoint_url = x\n[services x]\nsts =\n  endpoint_url = x\n",
        "[profile dev]\ncredential_process = tool\ncredential_source = Moon\n",
        DEV.replace("= base", "= keyed") + MIDDLE.replace("middle", "keyed") + "credential_source = Moon\n" + KEYS,
    ],
)
def test_good_settings_and_those_of_others_are_no_finding(found, config):
    assert found(config) == []


@pytest.mark.parametrize(
    ("config", "line", "what", "remedy", "right"),
    [
        (DEV + "region = None\n", 4, 'region of profile dev is "None"', "Write it like eu-west-1.", DEV),
        (
            DEV + "region = us-east-1a\n",
            4,
            'region of profile dev is "us-east-1a"',
            "Did you mean us-east-1?",
            DEV + "region = us-east-1\n",
        ),
        (
            DEV + "api_versions =\n  sts = 2010-01-01\n",
            4,
            "api_versions of profile dev has a different sts",
            "Write sts = 2011-06-15, or remove it.",
            DEV + "api_versions =\n  sts = 2011-06-15\n",
        ),
        (
            DEV + "metadata_service_timeout = 1s\n",
            4,
            'metadata_service_timeout of profile dev is "1s"',
            "Write a whole number of at least 1, without a unit.",
            DEV + "metadata_service_timeout = 1\n",
        ),
        (
            DEV + "role_session_name = a\n",
            4,
            "role_session_name of profile dev has 1 character",
            "AWS allows 2 to 64.",
            DEV + "role_session_name = ab\n",
        ),
        (
            DEV + "mfa_serial = arn:aws:iam::111122223333:user/alice\n",
            4,
            "mfa_serial of profile dev is the ARN of a user",
            "Did you mean arn:aws:iam::111122223333:mfa/alice?",
            DEV + "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n",
        ),
        (
            DEV + "role_session_name = " + "a" * 65 + "\n",
            4,
            "role_session_name of profile dev has 65 characters",
            "AWS allows 2 to 64.",
            DEV + "role_session_name = " + "a" * 64 + "\n",
        ),
        (
            DEV + "s3 =\n  addressing_style = foo\n",
            4,
            's3 of profile dev has an addressing_style that is "foo"',
            "Write addressing_style = auto, path or virtual.",
            DEV + "s3 =\n  addressing_style = virtual\n",
        ),
        (
            DEV + "output =\n  json = x\n",
            4,
            "output of profile dev is a block of lines, not text",
            "Write its value on the same line as its name.",
            DEV + "output = json\n",
        ),
        (
            DEV + "sts_regional_endpoints = us-east-1\n",
            4,
            'sts_regional_endpoints of profile dev is "us-east-1"',
            "Write regional or legacy.",
            DEV + "sts_regional_endpoints = legacy\n",
        ),
        (
            DEV.replace("source_profile = base", "credential_source = Foo"),
            3,
            'credential_source of profile dev is "Foo"',
            "Write Environment, Ec2InstanceMetadata or EcsContainer.",
            DEV.replace("source_profile = base", "credential_source = Ec2InstanceMetadata"),
        ),
        (
            DEV.replace("= base", "= middle") + MIDDLE.replace("source_profile = base", "credential_source = ec2"),
            6,
            'credential_source of profile middle is "ec2"',
            "Write Environment, Ec2InstanceMetadata or EcsContainer.",
            DEV.replace("= base", "= middle") + MIDDLE,
        ),
        (
            DEV + "services = local\n[services local]\nsts =\n  endpoint_url = 127.0.0.1:4566\n",
            6,
            "endpoint_url of sts in [services local] is an address that does not begin with http:// or https://",
            "Write an address like http://127.0.0.1:4566, without spaces.",
            DEV + "services = local\n[services local]\nsts =\n  endpoint_url = http://127.0.0.1:4566\n",
        ),
        (
            SSO.replace("123456789012", "12345") + CORP,
            3,
            'sso_account_id of profile dev is "12345"',
            "Use the 12-digit account ID.",
            SSO + CORP,
        ),
        (
            SSO + CORP.replace("https:", "http:"),
            7,
            "sso_start_url of sso-session corp is an address that does not begin with https://",
            "Write the address of your sign-in page, like https://corp.awsapps.com/start.",
            SSO + CORP,
        ),
        (
            "[profile dev]\n" + OLD.replace("https://", ""),
            3,
            "sso_start_url of profile dev is an address that does not begin with http",
            "Write the address of your sign-in page, like https://corp.awsapps.com/start.",
            "[profile dev]\n" + OLD,
        ),
        (
            SSO + CORP.replace("sso_region = eu-west-1\n", ""),
            5,
            "the sso-session corp has no sso_region",
            "Add sso_region, the region of your IAM Identity Center.",
            SSO + CORP,
        ),
        (
            SSO + CORP.replace("sso_start_url", "start_url"),
            5,
            "the sso-session corp has no sso_start_url",
            "Add sso_start_url = https://..., the address of your sign-in page.",
            SSO + CORP,
        ),
        (SSO.replace("sso_role_name = R\n", "") + CORP, 1, *NO_ROLE_NAME),
        (
            "[profile dev]\n" + OLD.replace("sso_region = eu-west-1\n", ""),
            1,
            "the profile dev has no sso_region",
            "Add sso_region, the region of your IAM Identity Center.",
            "[profile dev]\n" + OLD,
        ),
        (
            SSO + "sso_start_url = https://other.awsapps.com/start\n" + CORP,
            5,
            "sso_start_url of profile dev differs from that of sso-session corp",
            "Remove it from the profile.",
            SSO + CORP,
        ),
        (
            SSO + "sso_registration_scopes = a\n" + CORP + "sso_registration_scopes = b\n",
            5,
            "sso_registration_scopes of profile dev differs from that of sso-session corp",
            "Remove it from the profile.",
            SSO + CORP + "sso_registration_scopes = b\n",
        ),
        (SSO.replace("= R", "=") + CORP, 1, *NO_ROLE_NAME),
        (
            SSO + CORP.replace("eu-west-1", "eu-west-1 # home"),
            6,
            'sso_region of sso-session corp is "eu-west-1 # home"',
            "Did you mean eu-west-1?",
            SSO + CORP,
        ),
    ],
)
def test_the_remedy_of_a_finding_ends_it(found, config, line, what, remedy, right):
    (finding,) = found(config)
    assert finding.line == line
    assert finding.what.startswith(what)
    assert finding.remedy == remedy
    assert finding.severity is Severity.ERROR
    assert found(right) == []


def test_a_region_that_nobody_knows_yet_is_only_noted(found):
    (finding,) = found(DEV + "region = eu-north-9\n")
    assert finding.severity is Severity.NOTE
    assert finding.remedy.startswith("Keep it if AWS opened it recently.")


def test_a_web_identity_token_that_is_not_there(found, tmp_path):
    token = tmp_path / "token"
    config = DEV.replace("source_profile = base", f"web_identity_token_file = {token}")
    (finding,) = found(config)
    assert finding.line == 3
    assert finding.what == f"web_identity_token_file of profile dev names {token}: no such file or directory"
    assert finding.remedy == "Write the token there, or fix the path."
    for text in ("\n", "abc\n"):
        token.write_text(text)
        assert [finding.what.rpartition(", ")[2] for finding in found(config)] == ["which holds no token"]
    # PowerShell 5 writes UTF-16.
    token.write_bytes("a-token\n".encode("utf-16"))
    assert [finding.what.rpartition(", ")[2] for finding in found(config)] == ["which holds no token"]
    token.write_text("a-token\n")
    assert found(config) == []
    assert found(f"{config}mfa_serial = x\nexternal_id = x\n") == [], "which a web identity has no use for"


def test_a_token_in_the_home_folder_is_found_by_us_but_not_by_botocore_for_a_source(found, home):
    (home / "token").write_text("a-token")
    web = DEV.replace("source_profile = base", "web_identity_token_file = ~/token")
    assert found(web) == []
    (finding,) = found(DEV.replace("= base", "= web") + web.replace("profile dev", "profile web"))
    assert finding.what == "web_identity_token_file of profile web begins with ~, which only a shell understands"
    assert finding.remedy == f"Write {home}/token."


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"AWS_CA_BUNDLE": "/no/ca"}, "the variable AWS_CA_BUNDLE names /no/ca: "),
        ({"REQUESTS_CA_BUNDLE": "/no/ca"}, "the variable REQUESTS_CA_BUNDLE names /no/ca: "),
        ({"AWS_CA_BUNDLE": ""}, "the variable AWS_CA_BUNDLE is empty"),
        ({"AWS_DEFAULTS_MODE": "fast"}, 'the variable AWS_DEFAULTS_MODE is "fast"'),
        ({"AWS_CSM_PORT": "x"}, ""),
        ({"AWS_CSM_PORT": "x", "AWS_CSM_ENABLED": "true"}, 'the variable AWS_CSM_PORT is "x"'),
        ({"AWS_ENDPOINT_URL": "local"}, "the variable AWS_ENDPOINT_URL is an address that does not begin with http"),
        ({"AWS_ENDPOINT_URL_STS": "local"}, "the variable AWS_ENDPOINT_URL_STS is an address that does not begin"),
        ({"AWS_ENDPOINT_URL_SSO": "local"}, ""),
        ({"AWS_ENDPOINT_URL": "", "AWS_CA_BUNDLE": certificates(), "REQUESTS_CA_BUNDLE": "/no/ca"}, ""),
    ],
)
def test_variables_that_no_call_can_work_with(loaded, environ, what):
    findings = list(variable_findings(*loaded(DEV), environ))
    assert [(finding.file, finding.line, finding.severity) for finding in findings] == (
        [("environment", None, Severity.ERROR)] if what else []
    )
    assert not what or findings[0].what.startswith(what)


def test_the_variables_of_a_sign_in_and_a_bundle_of_the_profile_itself(loaded):
    (finding,) = variable_findings(*loaded(SSO + CORP), {"AWS_ENDPOINT_URL_SSO": "local"})
    assert finding.what.startswith("the variable AWS_ENDPOINT_URL_SSO is an address")
    assert not list(variable_findings(*loaded(f"{DEV}ca_bundle = {certificates()}\n"), {"REQUESTS_CA_BUNDLE": "/no"}))


def test_an_aws_login_for_which_a_part_is_missing(found, monkeypatch):
    config = "[profile dev]\nlogin_session = arn:aws:iam::123456789012:user/alice\n"
    monkeypatch.setattr(setting_checks, "find_spec", lambda _: None)
    (finding,) = found(config)
    assert (finding.line, finding.severity) == (2, Severity.ERROR)
    assert finding.what == "the profile dev uses aws login, which needs a package that is not installed"
    assert "botocore[crt]" in finding.remedy
    monkeypatch.setattr(setting_checks, "find_spec", lambda name: name)
    assert found(config) == []


def test_keys_of_an_environment_that_has_none(loaded):
    config = DEV.replace("source_profile = base", "credential_source = Environment")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "s"}
    (finding,) = missing_key_findings(*loaded(config), {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"})
    assert (finding.file, finding.severity) == ("environment", Severity.WARNING)
    assert finding.what.startswith("the profile dev takes its keys from the environment")
    assert not list(missing_key_findings(*loaded(config), keys))
    assert not list(missing_key_findings(*loaded(DEV), {}))
    contained = loaded(config.replace("Environment", "EcsContainer"))
    (finding,) = missing_key_findings(*contained, {})
    assert finding.what == "the profile dev takes its keys from a container, but this process is in none that has them"
    assert not list(missing_key_findings(*contained, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2"}))
