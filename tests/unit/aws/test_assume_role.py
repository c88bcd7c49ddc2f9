"""What a role and its profile come to; the resolution itself is tested over HTTP in tests/integration/sts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import a_role
from traycreds.aws.assume_role import effective_settings
from traycreds.aws.federation.assume_role import settings_of
from traycreds.aws.keys import Keys
from traycreds.core.errors import FailureKind, IssueError

SECRET = "s3cr3t"
CONFIG = {
    "profiles": {
        "base": {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET},
        "hop": {"role_arn": "arn:aws:iam::111122223333:role/hop", "source_profile": "base", "region": "eu-west-1"},
        "other": {"region": "eu-west-2"},
    }
}


CIRCLE = {
    "profiles": {
        n: {"role_arn": "arn:aws:iam::111122223333:role/x", "source_profile": m} for n, m in ("ab", "ba", "ca")
    }
}


def own(profile, **changes):
    return a_role("r", arn=None, source_profile=None, from_profile=profile, **changes)


def test_no_key_shows_in_a_repr():
    settings = effective_settings(a_role(), CONFIG)
    assert SECRET in settings.fingerprint
    assert SECRET not in repr(settings)
    assert repr(Keys("AKIA", SECRET, SECRET, None, "sso")) == "Keys(method='sso')"


def test_a_role_without_any_profile():
    with pytest.raises(IssueError) as caught:
        effective_settings(a_role("dev", source_profile=None), CONFIG)
    assert caught.value.kind is FailureKind.BAD_CONFIG
    assert caught.value.sentence == "Role dev has no source profile."


def test_from_profile_alone_is_the_source_of_a_role_that_it_does_not_name():
    settings = effective_settings(a_role("dev", source_profile=None, from_profile="base"), CONFIG)
    assert (settings.arn, settings.source_profile, settings.top) == (
        "arn:aws:iam::123456789012:role/dev",
        "base",
        "base",
    )


def test_the_role_s_own_settings_go_before_the_profile_s():
    assert effective_settings(own("hop"), CONFIG).region == "eu-west-1"
    assert effective_settings(own("hop", region="eu-west-3"), CONFIG).region == "eu-west-3"


def test_a_region_that_we_wrote_to_the_source_profile_is_not_for_sts():
    source = {**CONFIG["profiles"]["base"], "region": "ap-south-1", "traycreds_region": "ap-south-1"}
    settings = effective_settings(a_role("dev"), {"profiles": {"base": source}})
    assert settings.region == effective_settings(a_role("dev"), CONFIG).region
    changed = {"profiles": {"base": {**source, "region": "eu-west-9"}}}
    assert effective_settings(a_role("dev"), changed).region == "eu-west-9", "the user has set another one since"


@pytest.mark.parametrize(
    ("text", "seconds"), [("7200", 7200), ("2h", None), ("", None), ("-5", None), ("9" * 5000, 10**9)]
)
def test_duration_of_a_profile_counts_when_it_is_a_number(text, seconds):
    config = {"profiles": {**CONFIG["profiles"], "hop": {**CONFIG["profiles"]["hop"], "duration_seconds": text}}}
    assert effective_settings(own("hop"), config).duration == seconds


def test_fingerprint_follows_all_that_the_source_depends_on_and_nothing_else():
    before = effective_settings(own("hop"), CONFIG).fingerprint

    def changed(profile, **values):
        profiles = {**CONFIG["profiles"], profile: {**CONFIG["profiles"].get(profile, {}), **values}}
        return effective_settings(own("hop"), {**CONFIG, "profiles": profiles}).fingerprint != before

    assert changed("base", aws_secret_access_key="new")
    assert not changed("other", region="eu-west-3")
    assert not changed("r-session", aws_access_key_id="ours")
    assert effective_settings(own("hop"), {**CONFIG, "sso_sessions": {"s": {}}}).fingerprint != before


@pytest.mark.parametrize("top", ["a", "c"])
def test_a_circle_of_profiles_is_refused(top):
    with pytest.raises(IssueError, match="loop"):
        effective_settings(own(top), CIRCLE)


def test_a_circle_of_source_profiles_ends():
    """Here botocore refuses it, when it resolves the source."""
    assert effective_settings(a_role("x", source_profile="a"), CIRCLE).source_profile == "a"


@pytest.mark.parametrize("keys", [{"aws_access_key_id": "key"}, {"web_identity_token_file": "token"}])
def test_a_chain_ends_before_it_comes_back(keys):
    profiles = {**CIRCLE["profiles"], "b": {**CIRCLE["profiles"]["b"], **keys}}
    assert effective_settings(own("a"), {"profiles": profiles}).source_profile == "b"


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        ("arn:aws:iam::111122223333:role/x", "us-east-1"),
        ("arn:aws-cn:iam::111122223333:role/x", "cn-north-1"),
        ("arn:aws-us-gov:iam::111122223333:role/x", "us-gov-west-1"),
        ("nonsense", "us-east-1"),
    ],
)
def test_partition_gives_the_region_when_nothing_else_does(arn, region):
    assert effective_settings(a_role("x", arn=arn), CONFIG).region == region


def test_only_what_is_set_is_sent():
    role = a_role("dev", duration=timedelta(hours=1))
    assert effective_settings(role, CONFIG).arguments(session_name="me", seconds=None) == {
        "RoleArn": role.arn,
        "RoleSessionName": "me",
    }


@pytest.mark.parametrize(
    ("source", "login"),
    [
        ("base", ("base", None)),
        ("sso", ("corp", None)),
        ("over sso", ("corp", None)),
        ("legacy", ("legacy", None)),
        ("console", ("console", "arn:aws:iam::1:user/me")),
        ("over console", ("console", "arn:aws:iam::1:user/me")),
    ],
)
def test_the_sign_in_behind_a_role_is_found_through_its_chain(source, login):
    profiles = {
        "base": {"aws_access_key_id": "AKIA"},
        "sso": {"sso_session": "corp"},
        "over sso": {"role_arn": "arn:aws:iam::111122223333:role/hop", "source_profile": "sso"},
        "legacy": {"sso_start_url": "https://x"},
        "console": {"login_session": "arn:aws:iam::1:user/me"},
        "over console": {"role_arn": "arn:aws:iam::111122223333:role/hop", "source_profile": "console"},
    }

    settings = effective_settings(a_role("r", source_profile=source), {"profiles": profiles})
    assert (settings.login, settings.login_session) == login


@pytest.mark.parametrize("arn", ["TODO", "arn:aws", "", ":", "arn:aws:iam::<account>:role/x"])
def test_what_is_no_arn_in_a_profile_is_refused_for_the_roles_that_need_it(arn):
    bad = {"role_arn": arn, "source_profile": "base"}
    config = {
        "profiles": {**CONFIG["profiles"], "bad": bad, "behind": {**CONFIG["profiles"]["hop"], "source_profile": "bad"}}
    }
    for name in ("bad", "behind"):
        with pytest.raises(IssueError) as caught:
            effective_settings(own(name), config, lambda profile, key: f" (in {profile}, {key})")
        assert caught.value.kind is FailureKind.BAD_CONFIG
        assert (
            caught.value.sentence == f'role_arn of profile bad is not the ARN of a role ("{arn}") (in bad, role_arn).'
        )
    assert effective_settings(own("hop"), config).source_profile == "base"


def test_an_arn_that_is_not_used_is_not_checked():
    keyed = {**CONFIG["profiles"]["base"], "role_arn": "TODO"}
    config = {"profiles": {"keyed": keyed, "bad": {"role_arn": "TODO", "source_profile": "keyed"}}}
    assert effective_settings(a_role("dev", source_profile="keyed"), config).source_profile == "keyed"
    assert effective_settings(a_role("dev", from_profile="bad", source_profile="keyed"), config).top == "bad"


@pytest.mark.parametrize("own_credentials", [{"aws_access_key_id": "AKIA"}, {"web_identity_token_file": "token"}])
def test_profiles_behind_a_source_with_credentials_of_its_own_do_not_count(own_credentials):
    profiles = {
        "source": {**CONFIG["profiles"]["hop"], "source_profile": "behind", **own_credentials},
        "behind": {**CONFIG["profiles"]["hop"], "source_profile": "sso", "mfa_serial": "alice"},
        "sso": {"sso_session": "corp"},
    }
    settings = effective_settings(a_role("dev", source_profile="source"), {"profiles": profiles})
    assert (settings.chain, settings.login) == (("source",), "source")


def test_a_block_of_lines_in_place_of_a_source_profile_is_refused_anywhere_in_the_chain():
    blocked = {**CONFIG["profiles"]["hop"], "source_profile": {"name": "base"}}
    links = {"first": {**blocked, "source_profile": "second"}, "second": {**blocked, "source_profile": "blocked"}}
    profiles = {**CONFIG["profiles"], "blocked": blocked, **links}
    for role in (own("first"), own("blocked"), a_role("r", source_profile="first")):
        with pytest.raises(IssueError, match="source_profile of profile blocked is a block of lines, not text"):
            effective_settings(role, {"profiles": profiles})


@pytest.mark.parametrize("where", ["role r", "profile hop"])
def test_an_mfa_serial_without_a_value_is_refused_and_no_code_is_asked_for(where):
    profiles = {**CONFIG["profiles"], "hop": {**CONFIG["profiles"]["hop"], "mfa_serial": ""}}
    role = own("hop") if where == "role r" else a_role("r", source_profile="hop")
    with pytest.raises(IssueError, match=f"mfa_serial of {where} is not an MFA device") as caught:
        effective_settings(role, {"profiles": profiles})
    assert caught.value.hint == "It looks like arn:aws:iam::123456789012:mfa/alice."
    del profiles["hop"]["mfa_serial"]
    assert effective_settings(role, {"profiles": profiles}).mfa_serial is None


def test_a_new_session_in_the_default_profile_gives_no_other_source():
    """Or each refresh of it would leave a session of botocore behind, for every role."""

    def key(n: int):
        default = {
            "aws_access_key_id": f"ASIA{n}", "aws_secret_access_key": "s", "aws_session_token": "t",
            "traycreds_role": "dev", "traycreds_of": f"{n}", "traycreds_key": f"{n}", "aws_account_id": f"{n}",
            "x_security_token_expires": f"2026-11-30T{n}:00:00Z",
        }  # fmt: skip
        config = {**CONFIG, "profiles": {**CONFIG["profiles"], "default": default}}
        role = a_role("x", arn="arn:aws:iam::123456789012:role/x", source_profile="base")
        token = a_role("y", arn="arn:aws:iam::123456789012:role/y", source_profile=None, saml_process="p")
        return effective_settings(role, config).source_key, settings_of(token, config).source_key

    assert key(10) == key(11)
