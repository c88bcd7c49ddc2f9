"""What a role and its profile come to; the resolution itself is tested over HTTP in tests/integration/sts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import a_role
from traycreds.adapters.hop import assume_role_arguments, hop_to
from traycreds.adapters.keys import Keys
from traycreds.core.errors import FailureKind, IssueError

SECRET = "s3cr3t"
CONFIG = {
    "profiles": {
        "base": {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET},
        "hop": {"role_arn": "arn:aws:iam::1:role/hop", "source_profile": "base", "region": "eu-west-1"},
        "other": {"region": "eu-west-2"},
    }
}


def own(profile, **changes):
    return a_role("r", arn=None, source_profile=None, from_profile=profile, **changes)


def test_no_key_shows_in_a_repr():
    hop = hop_to(a_role(), CONFIG)
    assert SECRET in hop.fingerprint
    assert SECRET not in repr(hop)
    assert repr(Keys("AKIA", SECRET, SECRET, None, "sso")) == "Keys(method='sso')"


def test_a_role_without_any_profile():
    with pytest.raises(IssueError) as caught:
        hop_to(a_role("dev", source_profile=None), CONFIG)
    assert caught.value.kind is FailureKind.BAD_CONFIG
    assert caught.value.sentence == "Role dev has no source profile."


def test_from_profile_alone_is_the_source_of_a_role_that_it_does_not_name():
    hop = hop_to(a_role("dev", source_profile=None, from_profile="base"), CONFIG)
    assert (hop.arn, hop.source_profile, hop.top) == ("arn:aws:iam::123456789012:role/dev", "base", "base")


def test_the_role_s_own_settings_go_before_the_profile_s():
    assert hop_to(own("hop"), CONFIG).region == "eu-west-1"
    assert hop_to(own("hop", region="eu-west-3"), CONFIG).region == "eu-west-3"


def test_a_region_that_we_wrote_to_the_source_profile_is_not_for_sts():
    source = {**CONFIG["profiles"]["base"], "region": "ap-south-1", "traycreds_region": "ap-south-1"}
    hop = hop_to(a_role("dev"), {"profiles": {"base": source}})
    assert hop.region == hop_to(a_role("dev"), CONFIG).region
    changed = {"profiles": {"base": {**source, "region": "eu-west-9"}}}
    assert hop_to(a_role("dev"), changed).region == "eu-west-9", "the user has set another one since"


@pytest.mark.parametrize(("text", "seconds"), [("7200", 7200), ("2h", None), ("", None), ("-5", None)])
def test_duration_of_a_profile_counts_when_it_is_a_number(text, seconds):
    config = {"profiles": {**CONFIG["profiles"], "hop": {**CONFIG["profiles"]["hop"], "duration_seconds": text}}}
    assert hop_to(own("hop"), config).duration == seconds


def test_fingerprint_follows_all_that_the_source_depends_on_and_nothing_else():
    before = hop_to(own("hop"), CONFIG).fingerprint

    def changed(profile, **values):
        profiles = {**CONFIG["profiles"], profile: {**CONFIG["profiles"].get(profile, {}), **values}}
        return hop_to(own("hop"), {**CONFIG, "profiles": profiles}).fingerprint != before

    assert changed("base", aws_secret_access_key="new")
    assert not changed("other", region="eu-west-3")
    assert not changed("r-session", aws_access_key_id="ours")
    assert hop_to(own("hop"), {**CONFIG, "sso_sessions": {"s": {}}}).fingerprint != before


def test_a_circle_of_profiles_ends():
    profiles = {n: {"role_arn": "arn:aws:iam::1:role/x", "source_profile": m} for n, m in ("ab", "ba")}
    assert hop_to(own("a"), {"profiles": profiles}).source_profile == "b"


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        ("arn:aws:iam::1:role/x", "us-east-1"),
        ("arn:aws-cn:iam::1:role/x", "cn-north-1"),
        ("arn:aws-us-gov:iam::1:role/x", "us-gov-west-1"),
        ("nonsense", "us-east-1"),
    ],
)
def test_partition_gives_the_region_when_nothing_else_does(arn, region):
    assert hop_to(a_role("x", arn=arn), CONFIG).region == region


def test_only_what_is_set_is_sent():
    role = a_role("dev", duration=timedelta(hours=1))
    assert assume_role_arguments(role, hop_to(role, CONFIG), session_name="me", seconds=None) == {
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
        "over sso": {"role_arn": "arn:aws:iam::1:role/hop", "source_profile": "sso"},
        "legacy": {"sso_start_url": "https://x"},
        "console": {"login_session": "arn:aws:iam::1:user/me"},
        "over console": {"role_arn": "arn:aws:iam::1:role/hop", "source_profile": "console"},
    }

    hop = hop_to(a_role("r", source_profile=source), {"profiles": profiles})
    assert (hop.login, hop.login_session) == login
