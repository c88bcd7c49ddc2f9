"""When AWS tools ignore what is in a profile of the credentials file, and how that is noticed."""

from __future__ import annotations

import pytest

from traycreds.awsfiles.hidden_profiles import HiddenProfiles


def refusal_of(tmp_path, text):
    config = tmp_path / "config"
    config.write_text(text)
    return HiddenProfiles(config).refusals().get("default")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = b", "has role settings"),
        (
            "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = x",
            "has IAM Identity Center (SSO) settings",
        ),
        ("role_arn = arn:x\nweb_identity_token_file = t", "has web identity settings"),
        ("credential_process = cat x", "has credential process settings"),
    ],
)
@pytest.mark.parametrize("header", ["[default]", "[profile default]", '[profile "default"]'])
def test_settings_that_go_before_keys_are_refused_with_the_line_and_the_way_out(tmp_path, header, settings, words):
    found = refusal_of(tmp_path, f"[profile own-default]\nregion = eu-west-1\n{header}\n{settings}\n")
    assert found.profile == "default"
    assert words in found.sentence
    assert f"({tmp_path / 'config'}, line 3)" in found.sentence
    assert found.hint == "Rename it there to [profile own-default-2], or remove those settings."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[default]\nregion = eu-west-1\n",
        "[default]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n",
        "[default]\nlogin_session = arn\n",
        "[profile dev]\nrole_arn = arn:x\nsource_profile = b\n",
        "[default\n",
    ],
    ids=["empty", "region", "keys", "aws login", "another profile", "no text that parses"],
)
def test_what_keys_of_the_credentials_file_go_before_is_no_reason(tmp_path, text):
    assert refusal_of(tmp_path, text) is None


def test_a_file_that_is_not_there_is_no_reason(tmp_path):
    assert HiddenProfiles(tmp_path / "config").refusals() == {}


def test_settings_that_come_later_are_noticed(tmp_path):
    config = tmp_path / "config"
    hidden = HiddenProfiles(config)
    assert not hidden.changed(), "nothing was read yet"
    assert hidden.refusals() == {}
    assert not hidden.changed()
    config.write_text("[default]\ncredential_process = cat x\n")
    assert hidden.changed()
    assert list(hidden.refusals()) == ["default"]
    assert not hidden.changed()
    config.unlink()
    assert hidden.changed()
    assert hidden.refusals() == {}


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ("role_arn = arn:x\nsource_profile = b", "role"),
        ("sso_session = corp\nsso_account_id = 1\nsso_role_name = x", "IAM Identity Center (SSO)"),
        ("role_arn = arn:x\nweb_identity_token_file = t", "web identity"),
        ("credential_process = cat x", None),
    ],
)
@pytest.mark.parametrize(("name", "free"), [("dev-session", "dev-session-2"), ("Foo Bar", '"Foo Bar-2"')])
def test_other_profiles_are_hidden_by_what_all_tools_prefer(tmp_path, settings, kind, name, free):
    config = tmp_path / "config"
    config.write_text(f'[profile "{name}"]\n{settings}\n')
    found = HiddenProfiles(config).refusals()
    assert list(found) == ([name] if kind else [])
    if kind:
        assert found[name].sentence.startswith(
            f"Profile {name} has {kind} settings ({config}, line 1), which AWS tools"
        )
        assert found[name].hint == f"Rename it there to [profile {free}], or remove those settings."
