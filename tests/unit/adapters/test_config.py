from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traycreds.adapters import awsconfig, config, places
from traycreds.adapters.configlines import lines_of
from traycreds.adapters.configschema import SETTING_KEYS
from traycreds.adapters.configvalues import Fault, parse_duration
from traycreds.adapters.starter import starter
from traycreds.core.errors import ConfigError, Problem
from traycreds.core.model import Role, Settings

ARN = "arn:aws:iam::111122223333:role/Dev"

AWS_CONFIG = f"""\
[profile base]
region = eu-central-1
[profile dev]
role_arn = {ARN}
source_profile = base
region = eu-west-2
external_id = ext-1
mfa_serial = arn:aws:iam::111122223333:mfa/me
role_session_name = me
duration_seconds = 7200
[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
[profile web]
role_arn = {ARN}
web_identity_token_file = /t
[profile box]
role_arn = {ARN}
credential_source = Ec2InstanceMetadata
[profile process]
credential_process = /bin/granted
"""
CREDENTIALS = "[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n[mine]\naws_access_key_id = AKIA\n"


@pytest.fixture
def aws(tmp_path):
    (tmp_path / "aws-config").write_text(AWS_CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    return awsconfig.read(tmp_path / "aws-config", tmp_path / "credentials")


@pytest.fixture
def load(tmp_path, aws):
    def load(text: str) -> config.Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return config.load(places.locate({}, path), aws)

    return load


@pytest.fixture
def problems(load):
    """The problems of a text that is wrong."""

    def problems(text: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        assert caught.value.exit_code == 2
        assert caught.value.problems
        assert caught.value.sentence.endswith(".")
        assert caught.value.hint.endswith((".", "?"))
        return caught.value.problems

    return problems


def role(**keys: str) -> str:
    """A good role `dev`, with keys as raw TOML on top; an empty one leaves the key out."""
    keys = {"role_arn": f'"{ARN}"', "source_profile": '"base"', **keys}
    return "[roles.dev]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


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
    loaded = config.load(places.locate({}, tmp_path / "none" / "config.toml"), aws)
    assert loaded == config.Config(roles=awsconfig.discover(aws), discovered=True)
    assert [role.name for role in loaded.roles] == ["dev", "sso", "web", "box"]


@pytest.mark.parametrize("on", [True, False])
def test_whether_the_lock_pauses_is_read(load, on):
    assert load(f"[settings]\npause_when_locked = {str(on).lower()}\n").settings.pause_when_locked is on


def test_a_file_without_roles_means_discovery_with_its_settings(load, aws):
    loaded = load("[settings]\nnotify_before = 60\n")
    assert loaded.roles == awsconfig.discover(aws)
    assert loaded.settings.notify_before == timedelta(minutes=1)


def test_a_byte_order_mark_does_no_harm(load):
    assert load("\ufeff" + role()).roles[0].name == "dev"


def test_a_source_may_be_what_another_role_writes(load):
    text = role() + f'[roles.next]\nrole_arn = "{ARN}"\nsource_profile = "dev-session"\n'
    assert load(text).roles[1].source_profile == "dev-session"


BAD_VALUES = [
    ("role_arn", '"x"', 'is no ARN of a role ("x")'),
    ("role_arn", '"arn:aws:iam::111122223333:user/me"', "is no ARN of a role"),
    ("role_arn", '"arn:aws:iam::11112222333:role/Dev"', "is no ARN of a role"),
    ("role_arn", '"arn:aws:sts::111122223333:assumed-role/Dev/me"', "is the ARN of a session"),
    ("role_arn", "5", "is a number, not a text"),
    ("source_profile", '""', "is empty"),
    ("source_profile", '"bse"', 'names "bse", a profile that does not exist'),
    ("profile", '"my dev"', "some SDKs cannot read"),
    ("profile", '"DEFAULT"', "is DEFAULT"),
    ("profile", '"default"', "is default"),
    ("keep", '"yes"', "is a text, not true or false"),
    ("keep", "1", "is a number, not true or false"),
    ("duration", '"soon"', "is no span of time"),
    ("duration", '""', "is no span of time"),
    ("duration", "true", "is true or false"),
    ("duration", "-1", "is -1 seconds"),
    ("duration", "3600.0", "is a number"),
    ("duration", "1979-05-27", "is a date or time"),
    ("duration", "899", "is 899 seconds"),
    ("duration", '"12h1s"', "is 43201 seconds"),
    ("region", '"eu west"', "has a character that AWS refuses"),
    ("external_id", '"x"', "has 1 characters"),
    ("external_id", '"a b"', "has a character that AWS refuses"),
    ("mfa_serial", '"short"', "has 5 characters"),
    ("mfa_process", '""', "is empty"),
    ("mfa_process", "'ykman \"x'", "is no command"),
    ("mfa_process", '"C:\\tools\\bin\\run.exe oath"', "in which \\ makes other characters"),
    ("mfa_process", '"C:\\bin\\new.exe oath"', "in which \\ makes other characters"),
    ("mfa_process", '["ykman"]', "is a list, not a text"),
    ("session_name", '"a"', "has 1 characters"),
    ("session_name", f'"{"a" * 65}"', "has 65 characters"),
    ("session_name", '"a/b"', "has a character that AWS refuses"),
    ("source_identity", '"a b"', "has a character that AWS refuses"),
    ("tags", '"a"', "is a text, not a table"),
    ("session_name", '"m\u00e9"', "has a character that AWS refuses"),
    ("tags", "{ a = 1 }", "is a number, not a text"),
    ("tags", '{ "<" = "x" }', "has a character that AWS refuses"),
    ("tags", '{ a = "<" }', "has a character that AWS refuses"),
    ("tags", "{ " + ", ".join(f't{n} = "x"' for n in range(51)) + " }", "has 51 tags"),
    ("transitive_tag_keys", '"team"', "is a text, not a list"),
    ("transitive_tag_keys", "[1]", "is a number, not a text"),
    ("policy", "'{'", "is no valid JSON (at line 1, column 2 of the policy)"),
    ("policy", "'[]'", "is no JSON object"),
    ("policy", f'\'{{"a": "{"x" * 2048}"}}\'', "has 2057 characters"),
    ("policy_arns", '["nope"]', 'has "nope", which is no ARN of a policy'),
    ("policy_arns", "[" + '"arn:aws:iam::aws:policy/A",' * 11 + "]", "has 11 entries"),
    ("group", "1", "is a number, not a text"),
    ("favourite", "'yes'", "is a text, not true or false"),
]


@pytest.mark.parametrize(("key", "value", "what"), BAD_VALUES)
def test_a_bad_value_is_told_with_its_line(problems, key, value, what):
    text = role(**{key: value})
    (problem,) = problems(text)
    assert what in problem.what
    assert problem.what.startswith(f"{key} of role dev ")
    number = int(problem.where.removeprefix("line "))
    assert text.splitlines()[number - 1].startswith(f"{key} =")


def test_the_arn_of_a_session_is_turned_into_the_role(problems):
    (problem,) = problems(role(role_arn='"arn:aws:sts::111122223333:assumed-role/Dev/me"'))
    assert '"arn:aws:iam::111122223333:role/Dev"' in problem.hint


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        (role(durration="900"), "line 4", "durration of role dev is no known key", "Did you mean duration?"),
        ('[roles.dev]\nfrom_profile = "dve"\n', "line 2", 'names "dve"', "Did you mean dev?"),
        (role(source_profile='"bas"'), "line 3", 'names "bas"', "Did you mean base?"),
        (role(source_profile='"zzzzzz"'), "line 3", 'names "zzzzzz"', "Add the profile"),
        ("[setings]\n", "line 1", "setings is no known key", "Did you mean settings?"),
        ("zzz = 1\n", "line 1", "zzz is no known key", "Known are: roles, settings, include."),
        ("[settings]\nnotify_befor = 1\n", "line 2", "notify_befor in [settings]", "Did you mean notify_before?"),
        ('[settings]\npause_when_locked = "yes"\n', "line 2", "is a text, not true or false", "without quotes"),
        ('[settings]\nnotify_before = "13h"\n', "line 2", "is longer than any session lasts", "at most"),
        ('[settings]\nmfa_session = "10m"\n', "line 2", "mfa_session in [settings] is 600 seconds", "36 hours"),
        ('[settings]\nmfa_session = "37h"\n', "line 2", "mfa_session in [settings] is 133200 seconds", "36 hours"),
        ('[settings]\nmfa_process = " "\n', "line 2", "mfa_process in [settings] is no command", "no shell"),
        ('[settings]\nstore = "disk"\n', "line 2", 'store in [settings] is "disk"', '"keyring" or "memory"'),
        ('[settings]\ntheme = "blue"\n', "line 2", 'theme in [settings] is "blue"', '"auto", "light" or "dark"'),
        ('[settings]\nbrowser = "firefox"\n', "line 2", "browser in [settings] is a text, not a list", "no shell"),
        ("[settings]\ncontainer = 1\n", "line 2", "container in [settings] is a number", "true or false"),
        ("[settings]\nfavourite = true\n", "line 2", "favourite in [settings] is no known key", "Known are"),
        ("roles = 3\n", "line 1", "roles is no table", "Write [roles]"),
        ("[roles]\ndev = 3\n", "line 2", "roles.dev is no table", "Write [roles.dev]"),
        (role(from_profile='"dev"'), "line 4", "has both source_profile and from_profile", "Keep"),
        (role(source_profile=""), "line 1", "role dev has no source_profile", "Name the profile"),
        (role(role_arn=""), "line 1", "has neither role_arn nor from_profile", "Add role_arn"),
        (role(profile='"sso"'), "line 4", "is itself a profile with IAM Identity Center", 'profile = "dev-session"'),
        (role(profile='"web"'), "line 4", "is itself a profile with web identity", 'profile = "dev-session"'),
        (role(profile='"dev"'), "line 4", "is itself a profile with role settings", 'profile = "dev-session"'),
        (role(profile='"base"'), "line 4", "over its own source profile base", 'profile = "dev-session"'),
        ('[roles.d]\nfrom_profile = "dev"\nprofile = "base"\n', "line 3", "over its own source profile", "d-session"),
        ('[roles.d]\nfrom_profile = "mine"\n', "line 2", "names no role", 'source_profile = "mine"'),
        (f'[roles.d]\nfrom_profile = "sso"\nrole_arn = "{ARN}"\n', "line 2", "names no role", 'source_profile = "sso"'),
        (f'[roles.d]\nfrom_profile = "process"\nrole_arn = "{ARN}"\n', "line 2", "names no role", "source_profile"),
        ('[roles."my dev"]\nfrom_profile = "dev"\n', "line 1", 'the role name "my dev" is not safe', "letters"),
    ],
)
def test_a_fault_is_told_with_line_and_remedy(problems, text, where, what, hint):
    told = problems(text)
    assert len(told) == 1
    assert told[0].where == where
    assert what in told[0].what
    assert hint in told[0].hint


def test_two_roles_that_write_the_same_profile(problems):
    (problem,) = problems(role(profile='"x"') + '[roles.two]\nfrom_profile = "sso"\nprofile = "x"\n')
    assert problem == Problem(
        "line 7",
        "roles dev and two would both write the profile x",
        'Give one of them another profile, such as profile = "two-session".',
    )


def test_a_default_target_may_clash_too(problems):
    text = '[roles.a]\nfrom_profile = "sso"\nprofile = "b-session"\n[roles.b]\nfrom_profile = "web"\n'
    (problem,) = problems(text)
    assert "roles a and b would both write the profile b-session" in problem.what
    assert '"b-session-2"' in problem.hint


def test_a_source_is_not_what_the_role_itself_writes(problems):
    (problem,) = problems(role(source_profile='"dev-session"'))
    assert "over its own source profile dev-session" in problem.what


def test_every_fault_is_told_at_once_in_the_order_of_lines(load):
    text = (
        '[roles.a]\nrole_arn = "x"\nsource_profile = "nobody"\nkeep = 3\nnope = 1\n\n'
        "[roles.b]\n\n[settings]\nnotify_before = []\n[other]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert [problem.where for problem in caught.value.problems] == [f"line {line}" for line in (2, 3, 4, 5, 7, 10, 11)]
    assert "has 7 problems, the first in line 2: role_arn of role a is no ARN" in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[roles.dev\n", "line 1, column 11"),
        ("a = \n", "line 1, column 5"),
        ('[roles.a]\nx = "open\n', "line 2, column 10"),
        ("[a]\n[a]\n", "line 2, column 3"),
        ('x = """\nopen', "line 2"),
    ],
)
def test_a_syntax_error_is_told_with_line_and_column(problems, text, where):
    (problem,) = problems(text)
    assert problem.where == where
    assert problem.what.startswith("no valid TOML: ")
    assert "(at" not in problem.what


@pytest.mark.parametrize("line", [r'include = ["C:\Users\me\team.toml"]', r'x = { p = "d:\work\team.toml" }'])
def test_a_path_of_windows_in_double_quotes_is_told_how_to_write_it(problems, line):
    (problem,) = problems(f"# mine\n{line}\n")
    assert problem.where.startswith("line 2")
    assert problem.hint == r"Write a path of Windows in single quotes, like 'C:\tools\program.exe'."


def test_a_file_that_is_not_utf8(tmp_path, aws):
    (tmp_path / "config.toml").write_bytes(b"# fine\n# \xe9\n")
    with pytest.raises(ConfigError, match="line 2: a byte that is not UTF-8"):
        config.load(places.locate({}, tmp_path / "config.toml"), aws)


def test_a_folder_in_place_of_the_file(tmp_path, aws):
    with pytest.raises(ConfigError, match="is no regular file"):
        config.load(places.locate({}, tmp_path), aws)


def test_quoted_dotted_and_inline_layouts_have_their_lines(problems):
    text = (
        "# comment [roles.dev]\n"
        "policy_note = '''\n[roles.dev]\nkeep = 3\n'''\n"
        'roles.dev.from_profile = "dev"\n'
        "roles.dev.keep = 3\n"
        'roles."in".keep = 3\n'
        '[ roles . "x" ] # note\n'
        'from_profile = "dev"\n'
        'transitive_tag_keys = [\n  "a",\n  3,\n]\n'
        "keep = 3\n"
    )
    assert [(problem.where, problem.what.split()[0]) for problem in problems(text)] == [
        ("line 2", "policy_note"),
        ("line 7", "keep"),
        ("line 8", "keep"),
        ("line 8", "role"),
        ("line 11", "transitive_tag_keys"),
        ("line 15", "keep"),
    ]


def test_faults_of_an_inline_table_stand_at_its_line(problems):
    (problem,) = problems('\n\nroles = { dev = { from_profile = "dev", keep = 1 } }\n')
    assert problem.where == "line 3"


@given(st.lists(st.sampled_from(["", "# c", "s = '''", "'''", "t = [", "]", "k = 1", "[t]", "[[u]]", "a.b = {c = 2}"])))
def test_lines_are_those_of_the_statements(rows):
    text = "\n".join(rows)
    try:
        config.tomllib.loads(text)
    except config.tomllib.TOMLDecodeError:
        return
    for path, line in lines_of(text, config.tomllib.loads).items():
        assert path[-1] in rows[line - 1]


@given(st.integers(0, 99), st.integers(0, 999), st.integers(0, 9999))
def test_durations_round_trip(hours, minutes, seconds):
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert parse_duration(f"{hours}h{minutes}m{seconds}s") == span
    assert parse_duration(int(span.total_seconds())) == span


@pytest.mark.parametrize("value", ["1", "h", "1m1h", "1.5h", "1 h", " 1h", "1h\n", "\u0661h", None, [], 10**12])
def test_what_is_no_duration(value):
    with pytest.raises(Fault):
        parse_duration(value)


def test_the_starter_changes_nothing(load, aws):
    loaded = load(starter(aws))
    assert loaded.roles == awsconfig.discover(aws)
    assert loaded.settings == Settings()


def test_the_starter_without_its_marks_is_a_good_configuration(load, aws):
    text = re.sub(r"^# (?=\[|[a-z_]+ = )", "", starter(aws), flags=re.MULTILINE).replace('"..."', '"ab"')
    loaded = load(text)
    assert [role.name for role in loaded.roles] == ["example", "dev", "sso", "web", "box"]
    assert all(role.keep for role in loaded.roles)


def test_the_starter_without_any_role_has_only_the_example(aws):
    assert "Found in" not in starter(awsconfig.AwsProfiles())
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
        with pytest.raises(Fault):
            SETTING_KEYS[key].rule(bad)
