from __future__ import annotations

import pytest

from traycreds.awsfiles.settings.blame import Suspect, wrong_setting, wrong_variables

FINE = Suspect("its region", None)


def blamed(profile=None, environ=None, chain=("dev",), **more):
    config = {"profiles": {"dev": profile or {}}, **more}
    found = wrong_setting(config, environ or {}, top="dev", region=FINE, chain=chain)
    return None if found is None else found.place


def test_where_all_is_as_it_must_be_nothing_is_to_blame():
    assert blamed({"region": "x", "s3": {"addressing_style": "path"}, "output": "y"}) is None


@pytest.mark.parametrize(
    ("profile", "environ", "place"),
    [
        ({"s3": {"addressing_style": "x"}}, {}, "s3 of profile dev"),
        ({"defaults_mode": "x"}, {}, "defaults_mode of profile dev"),
        ({"defaults_mode": "x"}, {"AWS_DEFAULTS_MODE": "auto"}, None),
        ({"defaults_mode": "auto"}, {"AWS_DEFAULTS_MODE": "x"}, "the variable AWS_DEFAULTS_MODE"),
        ({"csm_port": "x"}, {}, None),
        ({"csm_port": "x", "csm_enabled": "True"}, {}, "csm_port of profile dev"),
        ({"csm_port": "x"}, {"AWS_CSM_ENABLED": "true"}, "csm_port of profile dev"),
        ({"csm_port": "x"}, {"AWS_CSM_ENABLED": "true", "AWS_CSM_PORT": "y"}, "the variable AWS_CSM_PORT"),
        ({"csm_port": "-1", "csm_enabled": "true"}, {}, None),
        ({"endpoint_url": "x"}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, None),
        ({}, {"AWS_ENDPOINT_URL_SSO": "x"}, None),
        ({"sso_account_id": "123456789012"}, {"AWS_ENDPOINT_URL_SSO": "x"}, "the variable AWS_ENDPOINT_URL_SSO"),
        ({"sso_start_url": "http://x.awsapps.com/start", "sso_role_name": "R"}, {}, "sso_start_url of profile dev"),
        ({"sso_start_url": "http://x.awsapps.com/start", "sso_role_name": "R", "role_arn": "x"}, {}, None),
        ({"sso_start_url": "http://x.awsapps.com/start"}, {}, None),
        ({"sso_session": "corp", "sso_account_id": "12345"}, {}, "sso_account_id of profile dev"),
    ],
)
def test_what_counts_is_to_blame(profile, environ, place):
    assert blamed(profile, environ) == place


@pytest.mark.parametrize(
    ("service", "environ", "place"),
    [
        ("x", {}, "sts in [services local]"),
        ("", {}, "sts in [services local]"),
        ({}, {}, None),
        ({"endpoint_url": "x"}, {}, "endpoint_url of sts in [services local]"),
        ("x", {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"}, None),
    ],
)
def test_a_service_must_be_a_block_of_lines(service, environ, place):
    assert blamed({"services": "local"}, environ, services={"local": {"sts": service}}) == place


def test_the_settings_of_an_sso_session_go_before_those_of_the_profile():
    sessions = {"corp": {"sso_region": "x"}}
    profile = {"sso_session": "corp", "sso_region": "eu-west-1", "sso_account_id": "123456789012"}
    assert blamed(profile, sso_sessions=sessions) == "sso_region of sso-session corp"


def test_every_wrong_variable_is_named_even_where_another_goes_before_it():
    environ = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1", "AWS_ENDPOINT_URL": "x", "AWS_DEFAULTS_MODE": "x"}
    places = [suspect.place for suspect in wrong_variables(environ, {}, sign_in=False)]
    assert places == ["the variable AWS_ENDPOINT_URL", "the variable AWS_DEFAULTS_MODE"]
