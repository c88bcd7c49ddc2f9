"""What is said of the settings of a profile that a role uses is carried out, and nothing is left to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.doctor_remedies import DEV, KEYS, ROLE, Case, carry_out, found, name_of, places  # noqa: F401
from traycreds.aws.botocore_session import certificates
from traycreds.doctor import checks

START = "sso_start_url = https://corp.awsapps.com/start\n"
REGION = "sso_region = eu-west-1\n"
IDS = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
SIGN_IN = f"[profile dev]\nregion = eu-west-1\n{IDS}"
SESSION = "sso_session = my-corp\n[sso-session my-corp]\n"
SSO = f"{SIGN_IN}{SESSION}{START}{REGION}"
WEB = "[profile dev]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/Dev\n"
BUNDLE = "Write the full path of a file of certificates (PEM), or remove the setting."
ADDRESS = "Write an address like http://127.0.0.1:4566, without spaces."
HERE = Path(__file__)
PLAIN = 'Write [profile my-o], or [profile "my o"], which some SDKs lose.'


def setting(name: str, wrong: str, remedy: str, right: str) -> Case:
    return Case("config", f"{name} = {wrong}\n", remedy, f"{name} = {right}\n" if right else "")


def whole(wrong: str, remedy: str, right: str) -> Case:
    """A mistake somewhere in ~/.aws/config."""
    return Case("config", wrong, remedy, right, config="")


def sign_in(wrong: str, remedy: str) -> Case:
    """A mistake in the settings of a sign-in, of a role that is not kept and so needs none now."""
    return Case("config", wrong, remedy, SSO, config="", toml='[roles.dev]\nfrom_profile = "dev"\n')


ROWS = [
    setting("duration_seconds", "1h", "Write whole seconds from 900", "3600"),
    setting("endpoint_url", "ftp://x", ADDRESS, "http://127.0.0.1:4566"),
    setting("endpoint_url", "http://x:99999", ADDRESS, "http://127.0.0.1:4566"),
    setting("ca_bundle", "/no/such.pem", BUNDLE, certificates()),
    setting("ca_bundle", str(HERE), BUNDLE, ""),
    setting("ca_bundle", "", BUNDLE, ""),
    setting("metadata_service_timeout", "1s", "Write a whole number of at least 1, without a unit.", "1"),
    setting("request_min_compression_size_bytes", "0", "Write a whole number from 1 to 1048576.", "1"),
    setting("defaults_mode", "fast", "Write legacy, standard, in-region", "auto"),
    setting("api_versions", "2011-06-15", "Write a block of lines like sts = 2011-06-15 under it", "\n  sts = 2011-06-15"),
    setting("api_versions", "\n  sts = 2010-01-01", "Write sts = 2011-06-15, or remove it.", "\n  sts = 2011-06-15"),
    setting("s3", "\n  addressing_style = x", "Write addressing_style = auto, path or virtual.",
        "\n  addressing_style = path"),
    setting("external_id", "\n  a = b", "Write its value on the same line as its name.", "a-b"),
    setting("mfa_serial", "arn:aws:iam::123456789012:u2f/alice", "Use a device that generates codes.",
        "arn:aws:iam::123456789012:mfa/alice"),
    setting("mfa_serial", "arn:aws:iam::123456789012:user/alice", "Did you mean arn:aws:iam::123456789012:mfa/alice?",
        "arn:aws:iam::123456789012:mfa/alice"),
    setting("role_session_name", "a", "AWS allows 2 to 64.", "ab"),
    setting("external_id", "a b", "Use only letters, digits", "a-b"),
    setting("services", "own\n[services own]\nsts = x", "Write endpoint_url = and its address in an indented line below it",
        "own\n[services own]\nsts =\n  endpoint_url = http://127.0.0.1:4566"),
    setting("services", "own\n[services own]\nsts =\n  endpoint_url = x", ADDRESS,
        "own\n[services own]\nsts =\n  endpoint_url = http://127.0.0.1:4566"),
    whole(DEV.replace("eu-west-1", "Frankfurt"), "Did you mean eu-central-1?", DEV.replace("eu-west-1", "eu-central-1")),
    whole(DEV.replace("eu-west-1", "eu-west-1a"), "Did you mean eu-west-1?", DEV),
    whole(DEV.replace("eu-west-1", "None"), "Write it like eu-west-1.", DEV),
    whole(DEV.replace("role/Dev", "user/Dev"), "It looks like arn:aws:iam::123456789012:role/Name.", DEV),
    whole(DEV.replace("source_profile = base", "credential_source = Foo"),
        "Write Environment, Ec2InstanceMetadata or EcsContainer.", DEV),
    whole(DEV.replace("iam::123456789012:role/Dev", "sts::123456789012:assumed-role/Dev/me"),
        'The role is probably "arn:aws:iam::123456789012:role/Dev" (its path may be missing).', DEV),
    sign_in(        SSO.replace("sso_role_name = Admin\n", ""), "Add sso_role_name, the permission set."),
    sign_in(SSO.replace("sso_account_id = 123456789012\n", ""), "Add sso_account_id, the 12-digit account ID."),
    sign_in(SSO.replace("sso_account_id = 123456789012\nsso_role_name = Admin\n", ""),
        "Add sso_account_id and sso_role_name to profile dev."),
    sign_in(SSO.replace(START, ""), "Add sso_start_url = https://..., the address of your sign-in page."),
    sign_in(SSO.replace(REGION, ""), "Add sso_region, the region of your IAM Identity Center."),
    sign_in(SSO.replace("https", "http"), "Write the address of your sign-in page, like https://corp.awsapps.com/start."),
    sign_in(SSO.replace("123456789012", "1234"), "Use the 12-digit account ID."),
    sign_in(        SSO.replace(REGION, "sso_region = eu-wst-1\n"), "Did you mean eu-west-1?"),
    sign_in(SSO.replace(SESSION, f"sso_region = eu-west-2\n{SESSION}"), "Remove it from the profile."),
    sign_in(        SSO.replace("sso_session = my-corp", "sso_session = my-cor"), "Did you mean my-corp?"),
    whole(f"{WEB}web_identity_token_file = /no/such\n", "Write the token there, or fix the path.",
        f"{WEB}web_identity_token_file = {HERE}\n"),
    whole(f"{WEB}web_identity_token_file = \n", "Write the full path of the file that holds the token.",
        f"{WEB}web_identity_token_file = {HERE}\n"),
    whole(f"{DEV}[profile my o]\n{ROLE}", PLAIN, f"{DEV}[profile my-o]\n{ROLE}"),
    whole(f"{DEV}[profile dev-session]\nregion = x\n", "Remove the line, and traycreds writes eu-west-1", DEV),
    Case("credentials", f"[a]\r{KEYS}", "Save it with LF or CRLF line ends.", f"[a]\n{KEYS}"),
    whole(DEV.replace("region = eu-west-1\n", ""), "Give the role dev one, such as eu-west-1, or leave it as it is.", DEV),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_remedy_that_is_carried_out_leaves_nothing_to_find(found, row):
    carry_out(found, row)


def test_letters_that_tools_in_python_read_otherwise_on_this_computer(found, monkeypatch):
    monkeypatch.setattr(checks, "encoding", lambda: "cp1252")
    (finding,) = found("config", "x_note = Zo\u00eb\n")
    assert finding.remedy == "Use only ASCII letters."
    assert found("config", "x_note = Zoe\n") == ()
