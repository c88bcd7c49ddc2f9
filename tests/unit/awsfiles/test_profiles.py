from __future__ import annotations

import configparser
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traycreds.awsfiles import profiles
from traycreds.awsfiles.aws_file import encoding, sections_of
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.awsfiles.profiles import AwsProfiles, Kind
from traycreds.core.errors import ConfigError, Problem

CONFIG = """\
# mine
[default]
region = eu-west-1

[profile base]
region = eu-central-1

[profile dev]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = base
region = eu-west-2
external_id = ext-1
mfa_serial = arn:aws:iam::111122223333:mfa/me
role_session_name = me
duration_seconds = 3600
s3 =
    max_queue_size = 10

[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

[profile legacy]
sso_start_url = https://x.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111122223333
sso_role_name = Admin

[profile web]
role_arn = arn:aws:iam::111122223333:role/Web
web_identity_token_file = /token

[profile box]
role_arn = arn:aws:iam::111122223333:role/Box
credential_source = Ec2InstanceMetadata

[profile proc]
credential_process = /bin/tool

[profile sign]
login_session = arn:aws:iam::111122223333:user/me

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[preview]
cloudfront = true
"""
CREDENTIALS = """\
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
region = us-east-1

[only-here]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"""


@pytest.fixture
def files(tmp_path):
    """Writes both files; None leaves one out."""

    def write(config: str | None = CONFIG, credentials: str | None = CREDENTIALS) -> AwsProfiles:
        for name, text in (("config", config), ("credentials", credentials)):
            if text is not None:
                (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        return profiles.read(tmp_path / "config", tmp_path / "credentials")

    return write


def test_profiles_of_both_files_in_order(files):
    assert list(files().profiles) == [
        *("default", "base", "dev", "sso", "legacy", "web", "box", "proc", "sign"),
        "only-here",
    ]


def test_credentials_file_wins(files):
    base = files().profiles["base"]
    assert base.settings["region"] == "us-east-1"
    assert (base.kind, base.file.name, base.line) == (Kind.KEYS, "config", 5)


def test_merged_as_botocore_merges(files, tmp_path, monkeypatch):
    import botocore.session

    aws = files()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(aws.config_file))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(aws.credentials_file))
    full = botocore.session.Session().full_config
    secret = {"aws_access_key_id", "aws_secret_access_key"}
    theirs = {
        name: {key: value for key, value in settings.items() if key not in secret and not isinstance(value, dict)}
        for name, settings in full["profiles"].items()
    }
    ours = {
        name: {key: value for key, value in profile.settings.items() if not value.startswith("\n")}
        for name, profile in aws.profiles.items()
    }
    assert ours == theirs
    assert aws.sso_sessions == full["sso_sessions"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dev", Kind.ROLE),
        ("box", Kind.ROLE),
        ("sso", Kind.SSO),
        ("legacy", Kind.SSO),
        ("web", Kind.WEB_IDENTITY),
        ("proc", Kind.PROCESS),
        ("sign", Kind.LOGIN),
        ("only-here", Kind.KEYS),
        ("default", Kind.NOTHING),
    ],
)
def test_kinds(files, name, kind):
    assert files().profiles[name].kind is kind


@pytest.mark.parametrize("setting", ["credential_process = /bin/tool", "login_session = me"])
def test_keys_go_before_a_process_or_a_login_in_the_credentials_file_alone(files, setting):
    """botocore looks at keys of ~/.aws/config last."""
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    kinds = [
        files(f"[profile p]\n{setting}\n{keys}", "").profiles["p"].kind,
        files(f"[profile p]\n{setting}\n", f"[p]\n{keys}").profiles["p"].kind,
    ]
    assert kinds == [Kind.PROCESS if "process" in setting else Kind.LOGIN, Kind.KEYS]


def test_missing_files_are_empty(files):
    assert files(None, None).profiles == {}


def test_no_key_or_token_is_kept(files):
    aws = files()
    everything = "".join(value for profile in aws.profiles.values() for value in profile.settings.values())
    assert "wJalrXUtn" not in everything
    assert "AKIA" not in everything
    assert "wJalrXUtn" not in repr(aws)


@pytest.mark.parametrize(
    ("section", "name"),
    [('profile "my p"', "my p"), ("profile 'q'", "q"), ("profile\tt", "t"), ("profile  two", "two")],
)
def test_quoted_names_as_botocore_reads_them(files, section, name):
    assert list(files(f"[{section}]\nregion = x\n", None).profiles) == [name]


@pytest.mark.parametrize("section", ['profile "open', "profile a b", "profile", "dev", "DEFAULT"])
def test_sections_that_are_no_profile(files, section):
    assert files(f"[{section}]\nregion = x\n", None).profiles == {}


def test_defaults_are_inherited(files):
    aws = files("[profile p]\noutput = json\n[DEFAULT]\nregion = x\n", None)
    assert aws.profiles["p"].settings == {"region": "x", "output": "json"}


NO_TEXT = f"a byte that is not {encoding().upper()}"
if encoding() != "utf-8":
    NO_TEXT += ", which is how AWS tools in Python read the file on this computer"
BAD = [
    ("[a]\nx = 1\n[a]\n", 3, "the profile [a] appears a second time"),
    ("[a]\nx = 1\nX = 2\n", 3, "the key x appears a second time in its profile"),
    ("x = 1\n[a]\n", 1, "text before the first [profile]"),
    ("\ufeff[a]\nx = 1\n", 1, "a byte-order mark before the first [profile]"),
    ("[a]\nx = 1\n\nnonsense\n", 4, "a line that is neither [profile] nor key = value"),
    ("[a]\nx = 1\ny = \udc81\n", 3, NO_TEXT),
    ("[a]\r\nx = 1\r\nnonsense\r\n", 3, "a line that is neither [profile] nor key = value"),
    ("[a]\ns3 =\n  abc\n", 2, "the indented block under s3 has a line without '='"),
]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("which", ["config", "credentials"])
def test_a_file_that_cannot_be_parsed(files, tmp_path, bad, which):
    text, line, cause = bad
    with pytest.raises(ConfigError) as caught:
        files(**{"config": None, "credentials": None, which: text})
    assert caught.value.sentence == f"{tmp_path / which}, line {line}: {cause}."
    assert caught.value.problems == (Problem(f"line {line}", cause, caught.value.hint),)


@pytest.mark.parametrize(("text", "line", "cause"), BAD)
def test_botocore_cannot_parse_those_either(tmp_path, text, line, cause):
    from botocore.configloader import raw_config_parse
    from botocore.exceptions import ConfigParseError

    path = tmp_path / "config"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigParseError):
        raw_config_parse(str(path))


def test_no_error_shows_a_value(files):
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    for text in (f"[a]\n{secret}\n", f"{secret}\n", f"[a]\nx =\n {secret}\n", f"[a]\nx = {secret}\nx = {secret}\n"):
        with pytest.raises(ConfigError) as caught:
            files(None, text)
        assert secret not in str(caught.value) + repr(caught.value.problems)


def test_a_folder_in_place_of_the_file(tmp_path):
    with pytest.raises(ConfigError, match="is not a regular file") as caught:
        profiles.read(tmp_path, tmp_path / "credentials")
    assert caught.value.hint


line = st.sampled_from(
    ["[a]", "[b]", "[c] # x", " [d]", "x = 1", "Y: 2", "  z = 3", "  more", "# no", "", "[profile e]", "k =", "w = = 4"]
)


# The machine may be slow, not the generated data.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(line, max_size=12))
def test_sections_equal_rawconfigparser_and_lines_are_true(lines):
    text = "\n".join(lines)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        nested_is_fine = True
    except configparser.Error:
        with pytest.raises(ProfileTextError):
            IniText(text)
        return
    try:
        sections = sections_of(IniText(text))
    except ProfileTextError:
        nested_is_fine = False
        sections = ()
    assert nested_is_fine or any(
        parser.get(name, key).startswith("\n") for name in parser.sections() for key in parser.options(name)
    )
    for section in sections:
        assert f"[{section.name}]" in lines[section.line - 1]
        assert section.values == dict(parser.items(section.name))
        for key, at in section.lines.items():
            assert lines[at - 1].strip().lower().startswith(key)


def test_discovery_offers_each_role_and_sso_profile_and_keeps_none(files):
    roles = {role.name: role for role in profiles.discover(files())}
    assert list(roles) == ["dev", "sso", "legacy", "web", "box"]
    assert not any(role.keep for role in roles.values())
    dev = roles["dev"]
    assert (dev.profile, dev.from_profile, dev.source_profile) == ("dev-session", "dev", "base")
    assert dev.arn == "arn:aws:iam::111122223333:role/Dev"
    assert (dev.region, dev.external_id, dev.session_name) == ("eu-west-2", "ext-1", "me")
    assert dev.mfa_serial == "arn:aws:iam::111122223333:mfa/me"
    assert dev.duration == timedelta(hours=1)
    assert (roles["sso"].arn, roles["sso"].from_profile, roles["sso"].source_profile) == (None, "sso", None)
    assert (roles["box"].source_profile, roles["box"].from_profile) == (None, "box")


def test_discovery_makes_names_safe_and_different(files):
    def role(name):
        return f"[profile '{name}']\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = b\n"

    roles = profiles.discover(files(role("my prod") + role("my-prod") + role("(!)"), None))
    assert [(role.name, role.from_profile) for role in roles] == [
        ("my-prod", "my prod"),
        ("my-prod-2", "my-prod"),
        ("role", "(!)"),
    ]
    assert len({role.profile for role in roles}) == 3


def test_discovery_avoids_targets_whose_keys_would_be_ignored(files):
    text = "".join(f"[profile {name}]\nrole_arn = r\nsource_profile = b\n" for name in ("dev", "dev-session"))
    assert [role.profile for role in profiles.discover(files(text, None))] == [
        "dev-session-2",
        "dev-session-session",
    ]


def test_discovery_keeps_the_target_that_an_earlier_run_wrote(files):
    first = profiles.discover(files())
    again = profiles.discover(files(CONFIG, CREDENTIALS + "[dev-session]\naws_access_key_id = ASIA\n"))
    assert first == again


def test_a_duration_that_is_no_number_is_ignored_as_botocore_does(files):
    text = "[profile p]\nrole_arn = r\nsource_profile = b\nduration_seconds = 1h\n"
    assert profiles.discover(files(text, None))[0].duration is None


def test_a_free_name_is_found_without_a_copy_of_all_names():
    """Each of 10,000 roles asks for one: a copy each took `status` a second."""

    class Names(dict):
        def keys(self):
            pytest.fail("it copies the names")

        __iter__ = items = values = keys

    aws = profiles.AwsProfiles(profiles=Names({"dev-session": object(), "dev-session-2": object()}))
    assert aws.free_name("dev-session", {"dev-session-3"}) == "dev-session-4"
