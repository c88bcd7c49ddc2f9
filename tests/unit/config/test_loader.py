from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.config.configuration import ARN, role
from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.config.schema import ROLE_KEYS, SETTING_KEYS
from traycreds.config.template import starter
from traycreds.config.values import ValueFault, parse_duration
from traycreds.core.model import Role, Settings
from traycreds.core.value_class import replace
from traycreds.state import paths


def test_everything(load):
    text = role(
        profile='"dev-now"',
        keep="true",
        duration='"1h30m"',
        region='"eu-west-1"',
        external_id='"ab"',
        mfa_serial='"GAHT12345678"',
        session_name='"me@home"',
        tags='{ team = "core", empty = "" }',
        transitive_tag_keys='["team"]',
        policy="""'{"Version": "2012-10-17", "Statement": []}'""",
        policy_arns='["arn:aws:iam::aws:policy/ReadOnlyAccess"]',
        source_identity='"me"',
        group='"Work"',
    )
    loaded = load(text + '[settings]\nnotify_before = "7m"\n')
    assert loaded.settings == Settings(notify_before=timedelta(minutes=7))
    assert not loaded.discovered
    assert loaded.roles == (
        Role(
            name="dev",
            profile="dev-now",
            arn=ARN,
            source_profile="base",
            keep=True,
            duration=timedelta(minutes=90),
            region="eu-west-1",
            external_id="ab",
            mfa_serial="GAHT12345678",
            session_name="me@home",
            tags=(("team", "core"), ("empty", "")),
            transitive_tag_keys=("team",),
            policy='{"Version": "2012-10-17", "Statement": []}',
            policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
            source_identity="me",
            group="Work",
        ),
    )


def test_profile_defaults_to_role_session(load):
    assert load(role()).roles[0].profile == "dev-session"


def test_order_of_the_file_is_kept(load):
    text = "".join(f'[roles.{name}]\nrole_arn="{ARN}"\nsource_profile="base"\n' for name in "zmab")
    assert [role.name for role in load(text).roles] == list("zmab")


@pytest.mark.parametrize("origin", [f'role_arn = "{ARN}"\nsource_profile = "base"', 'from_profile = "end"'])
@pytest.mark.parametrize(
    ("lines", "own", "region"),
    [
        ("", "", None),
        ("region = eu-west-2\n", "", "eu-west-2"),
        ("region = eu-west-2\n", 'region = "eu-west-3"', "eu-west-3"),
        ("region = eu-west-2\ntraycreds_region = eu-west-2\n", "", None),
    ],
    ids=["none at all", "that of its source", "its own goes before", "one that we wrote for other programs"],
)
def test_a_role_without_a_region_takes_that_of_its_source_profile(tmp_path, origin, lines, own, region):
    end = f"[profile end]\nrole_arn = {ARN}\nsource_profile = base\n"
    (tmp_path / "config").write_text(f"{end}[profile base]\n{lines}")
    (tmp_path / "credentials").write_text("[base]\naws_access_key_id = x\naws_secret_access_key = y\n")
    (tmp_path / "config.toml").write_text(f"[roles.dev]\n{origin}\n{own}\n")
    aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
    (role,) = loader.load(paths.locate({}, tmp_path / "config.toml"), aws).roles
    assert role.region == region


def test_from_profile_copies_and_own_keys_win(load):
    loaded = load('[roles.d]\nfrom_profile = "dev"\nregion = "us-east-1"\nduration = 900\n').roles[0]
    assert loaded == Role(
        name="d",
        profile="d-session",
        arn=ARN,
        from_profile="dev",
        source_profile="base",
        region="us-east-1",
        external_id="ext-1",
        mfa_serial="arn:aws:iam::111122223333:mfa/me",
        session_name="me",
        duration=timedelta(minutes=15),
    )


@pytest.mark.parametrize(("name", "arn"), [("sso", None), ("web", ARN), ("box", ARN), ("process", None)])
def test_from_profile_without_a_source_profile(load, name, arn):
    loaded = load(f'[roles.r]\nfrom_profile = "{name}"\n').roles[0]
    assert (loaded.from_profile, loaded.source_profile, loaded.arn) == (name, None, arn)


def test_a_missing_file_means_discovery(tmp_path, aws):
    loaded = loader.load(paths.locate({}, tmp_path / "none" / "config.toml"), aws)
    assert loaded == loader.Config(roles=profiles.discover(aws), discovered=True)
    assert [role.name for role in loaded.roles] == ["dev", "sso", "web", "box"]


@pytest.mark.parametrize("on", [True, False])
def test_whether_the_lock_pauses_is_read(load, on):
    assert load(f"[settings]\npause_when_locked = {str(on).lower()}\n").settings.pause_when_locked is on


def test_a_file_without_roles_means_discovery_with_its_settings(load, aws):
    loaded = load("[settings]\nnotify_before = 60\n")
    assert loaded.roles == profiles.discover(aws)
    assert loaded.settings.notify_before == timedelta(minutes=1)


def test_a_byte_order_mark_does_no_harm(load):
    assert load("\ufeff" + role()).roles[0].name == "dev"


def test_a_source_may_be_what_another_role_writes(load):
    text = role() + f'[roles.next]\nrole_arn = "{ARN}"\nsource_profile = "dev-session"\n'
    assert load(text).roles[1].source_profile == "dev-session"


@given(st.integers(0, 99), st.integers(0, 999), st.integers(0, 9999))
def test_durations_round_trip(hours, minutes, seconds):
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert parse_duration(f"{hours}h{minutes}m{seconds}s") == span
    assert parse_duration(int(span.total_seconds())) == span


@pytest.mark.parametrize("value", ["1", "h", "1m1h", "1.5h", "1 h", " 1h", "1h\n", "\u0661h", None, [], 10**12])
def test_what_is_no_duration(value):
    with pytest.raises(ValueFault):
        parse_duration(value)


def test_the_starter_changes_nothing(load, aws):
    loaded = load(starter(aws))
    assert loaded.roles == profiles.discover(aws)
    assert loaded.settings == Settings()


def test_the_starter_without_its_marks_is_a_good_configuration(load, aws):
    text = re.sub(r"^# (?=\[|[a-z_]+ = )", "", starter(aws), flags=re.MULTILINE).replace('"..."', '"ab"')
    loaded = load(text)
    assert [role.name for role in loaded.roles] == ["example", "dev", "sso", "web", "box"]
    assert all(role.keep for role in loaded.roles)


def test_the_starter_without_any_role_has_only_the_example(aws):
    assert "Found in" not in starter(profiles.AwsProfiles())
    assert "Found in" in starter(aws)


def test_how_things_are_shown(load):
    text = '[settings]\ntheme = "dark"\nbrowser = ["firefox", "-P", "work"]\ncontainer = true\n'
    loaded = load(text + role(favourite="true"))
    settings = loaded.settings
    assert (settings.theme, settings.browser, settings.container) == ("dark", ("firefox", "-P", "work"), True)
    assert [each.favourite for each in loaded.roles] == [True]
    plain = load(role())
    assert (plain.settings.theme, plain.settings.browser, plain.settings.container) == ("auto", (), False)
    assert plain.roles[0].same_session(loaded.roles[0])


def test_the_settings_of_mfa(load):
    text = '[settings]\nmfa_session = "36h"\nmfa_process = "ykman oath accounts code -s aws"\nstore = "memory"\n'
    settings = load(text + role(mfa_process='"op item get aws --otp"')).settings
    assert (settings.mfa_session, settings.store) == (timedelta(hours=36), "memory")
    assert settings.mfa_process == "ykman oath accounts code -s aws"
    assert load(role(mfa_process='"op item get aws --otp"')).roles[0].mfa_process == "op item get aws --otp"


@pytest.mark.parametrize("key", ["on_refreshed", "on_failed"])
def test_a_hook_is_a_program_with_its_arguments(key):
    assert SETTING_KEYS[key].rule(["notify-send", ""]) == ("notify-send", "")
    for bad in ("notify-send it", [], [""], [1], ["x", True], {}):
        with pytest.raises(ValueFault):
            SETTING_KEYS[key].rule(bad)


@pytest.mark.parametrize(
    ("name", "keys", "settings", "color"),
    [
        ("dev", {}, "", None),
        ("prod-admin", {}, "", "red"),
        ("Billing.Production", {}, "", "red"),
        ("product-team", {}, "", None),
        ("prod", {"color": '"blue"'}, "", "blue"),
        ("prod", {}, "[settings]\nmark_production = false\n", None),
        ("dev", {"color": '"red"'}, "[settings]\nmark_production = false\n", "red"),
    ],
)
def test_production_is_set_apart_unless_the_user_says_otherwise(load, name, keys, settings, color):
    (found,) = load(settings + role(**keys).replace("[roles.dev]", f'[roles."{name}"]')).roles
    assert found.color == color
    assert found.same_session(replace(found, color="green", label="x")), "a badge makes no other session"


def test_a_label_is_short(load):
    assert load(role(label='"PROD"')).roles[0].label == "PROD"
    for bad in ("a" * 13, " ", "a\tb"):
        with pytest.raises(ValueFault):
            ROLE_KEYS["label"].rule(bad)
