"""Every fault of a configuration is reported at once, with its line and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.config.configuration import ARN, role
from traycreds.config import loader
from traycreds.config.toml_text import lines_of
from traycreds.core.errors import ConfigError, Problem
from traycreds.state import paths

BAD_VALUES = [
    ("role_arn", '"x"', 'is not the ARN of a role ("x")'),
    ("role_arn", '"arn:aws:iam::111122223333:user/me"', "is not the ARN of a role"),
    ("role_arn", '"arn:aws:iam::11112222333:role/Dev"', "is not the ARN of a role"),
    ("role_arn", '"arn:aws:sts::111122223333:assumed-role/Dev/me"', "is the ARN of a session"),
    ("role_arn", "5", "is a number, not text"),
    ("source_profile", '""', "is empty"),
    ("source_profile", '"bse"', 'names "bse", a profile that does not exist'),
    ("profile", '"my dev"', "some SDKs cannot read"),
    ("profile", '"DEFAULT"', "is DEFAULT"),
    ("profile", '"default"', "is default"),
    ("keep", '"yes"', "is a text, not true or false"),
    ("keep", "1", "is a number, not true or false"),
    ("duration", '"soon"', "is not a duration"),
    ("duration", '""', "is not a duration"),
    ("duration", "true", "is true or false"),
    ("duration", "-1", "is -1 seconds"),
    ("duration", "3600.0", "is a number"),
    ("duration", "1979-05-27", "is a date or time"),
    ("duration", "899", "is 899 seconds"),
    ("duration", '"12h1s"', "is 43201 seconds"),
    ("region", '"eu west"', "has a character that AWS refuses"),
    ("external_id", '"x"', "has 1 character"),
    ("external_id", '"a b"', "has a character that AWS refuses"),
    ("mfa_serial", '"short"', "has 5 characters"),
    ("mfa_serial", '"arn:aws:iam::123456789012:user/alice"', "is the ARN of a user, not of an MFA device"),
    (
        "mfa_serial",
        '"arn:aws:iam::123456789012:u2f/user/alice/key"',
        "names a security key, which does not generate codes",
    ),
    ("profile", '"-dev"', "starts with -"),
    ("profile", '"constructor"', "cannot read as a profile"),
    ("profile", '"__proto__"', "cannot read as a profile"),
    ("mfa_process", '""', "is empty"),
    ("mfa_process", "'ykman \"x'", "is not a command"),
    ("mfa_process", '"C:\\tools\\bin\\run.exe oath"', "where \\ starts an escape"),
    ("mfa_process", '"C:\\bin\\new.exe oath"', "where \\ starts an escape"),
    ("mfa_process", '["ykman"]', "is a list, not text"),
    ("session_name", '"a"', "has 1 character"),
    ("session_name", f'"{"a" * 65}"', "has 65 characters"),
    ("session_name", '"a/b"', "has a character that AWS refuses"),
    ("source_identity", '"a b"', "has a character that AWS refuses"),
    ("tags", '"a"', "is a text, not a table"),
    ("session_name", '"m\u00e9"', "has a character that AWS refuses"),
    ("tags", "{ a = 1 }", "is a number, not text"),
    ("tags", '{ "<" = "x" }', "has a character that AWS refuses"),
    ("tags", '{ a = "<" }', "has a character that AWS refuses"),
    ("tags", "{ " + ", ".join(f't{n} = "x"' for n in range(51)) + " }", "has 51 tags"),
    ("transitive_tag_keys", '"team"', "is a text, not a list"),
    ("transitive_tag_keys", "[1]", "is a number, not text"),
    ("policy", "'{'", "is invalid JSON (at line 1, column 2 of the policy)"),
    ("policy", "'[]'", "is not a JSON object"),
    ("policy", f'\'{{"a": "{"x" * 2048}"}}\'', "has 2057 characters"),
    ("policy_arns", '["nope"]', 'has "nope", which is not the ARN of a policy'),
    ("policy_arns", "[" + '"arn:aws:iam::aws:policy/A",' * 11 + "]", "has 11 entries"),
    ("group", "1", "is a number, not text"),
    ("favourite", "'yes'", "is a text, not true or false"),
]


@pytest.mark.parametrize(("key", "value", "what"), BAD_VALUES)
def test_a_bad_value_is_reported_with_its_line(problems, key, value, what):
    text = role(**{key: value})
    (problem,) = problems(text)
    assert what in problem.what
    assert problem.what.startswith(f"{key} of role dev ")
    number = int(problem.location.removeprefix("line "))
    assert text.splitlines()[number - 1].startswith(f"{key} =")


def test_the_arn_of_a_session_is_turned_into_the_role(problems):
    (problem,) = problems(role(role_arn='"arn:aws:sts::111122223333:assumed-role/Dev/me"'))
    assert '"arn:aws:iam::111122223333:role/Dev"' in problem.hint


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        (role(durration="900"), "line 4", "durration of role dev is an unknown key", "Did you mean duration?"),
        ('[roles.dev]\nfrom_profile = "dve"\n', "line 2", 'names "dve"', "Did you mean dev?"),
        (role(source_profile='"bas"'), "line 3", 'names "bas"', "Did you mean base?"),
        (role(source_profile='"zzzzzz"'), "line 3", 'names "zzzzzz"', "Add the profile"),
        ("[setings]\n", "line 1", "setings is an unknown key", "Did you mean settings?"),
        ("zzz = 1\n", "line 1", "zzz is an unknown key", "Known keys: roles, settings, include, accounts, sign_ins."),
        ("[settings]\nnotify_befor = 1\n", "line 2", "notify_befor in [settings]", "Did you mean notify_before?"),
        ('[settings]\npause_when_locked = "yes"\n', "line 2", "is a text, not true or false", "without quotes"),
        ('[settings]\nnotify_before = "13h"\n', "line 2", "is longer than any session", "at most"),
        ('[settings]\nmfa_session = "10m"\n', "line 2", "mfa_session in [settings] is 600 seconds", "36 hours"),
        ('[settings]\nmfa_session = "37h"\n', "line 2", "mfa_session in [settings] is 133200 seconds", "36 hours"),
        ('[settings]\nmfa_process = " "\n', "line 2", "mfa_process in [settings] is not a command", "no shell"),
        ('[settings]\nstore = "disk"\n', "line 2", 'store in [settings] is "disk"', '"keyring" or "memory"'),
        (
            '[settings]\nmax_key_age = "90"\n',
            "line 2",
            'max_key_age in [settings] is "90", not an age in days',
            '"90d"',
        ),
        ('[settings]\nmax_key_age = "0d"\n', "line 2", 'max_key_age in [settings] is "0d", not an age', '"90d"'),
        ("[settings]\nmax_key_age = 90\n", "line 2", "max_key_age in [settings] is a number, not an age", '"90d"'),
        ('[settings]\ntheme = "blue"\n', "line 2", 'theme in [settings] is "blue"', '"auto", "light" or "dark"'),
        ('[settings]\nbrowser = "firefox"\n', "line 2", "browser in [settings] is a text, not a list", "no shell"),
        ("[settings]\ncontainer = 1\n", "line 2", "container in [settings] is a number", "true or false"),
        ("[settings]\nfavourite = true\n", "line 2", "favourite in [settings] is an unknown key", "Known keys"),
        ("roles = 3\n", "line 1", "roles is not a table", "Write [roles]"),
        ("[roles]\ndev = 3\n", "line 2", "roles.dev is not a table", "Write [roles.dev]"),
        (role(from_profile='"dev"'), "line 4", "has both source_profile and from_profile", "Keep"),
        (role(source_profile=""), "line 1", "role dev has no source_profile", "Set it to the profile"),
        (role(role_arn=""), "line 1", "has neither role_arn nor from_profile", "Add role_arn"),
        (
            role(role_arn="", mfa_serial='"arn:aws:iam::111122223333:mfa/me"', external_id='"ext-1"'),
            "line 4",
            "dev has no role_arn, so it cannot have external_id",
            "Remove it, or add the role_arn.",
        ),
        (
            role(role_arn="", mfa_serial='"arn:aws:iam::111122223333:mfa/me"', duration='"1h"'),
            "line 4",
            "dev has no role_arn, so it cannot have duration",
            "mfa_session in [settings]",
        ),
        (role(saml_process='"x"'), "line 4", "role dev has both source_profile and saml_process", "Keep the one"),
        (
            role(source_profile="", saml_process='"x"', from_profile='"dev"'),
            "line 4",
            "has both saml_process and",
            "Keep",
        ),
        (
            role(source_profile="", saml_process='"x"', web_identity_process='"y"'),
            "line 4",
            "role dev has both saml_process and web_identity_process",
            "Keep the one",
        ),
        (
            role(role_arn="", source_profile="", saml_process='"x"'),
            "line 2",
            "saml_process, but no role_arn",
            "Add the",
        ),
        (
            role(source_profile="", saml_process='"x"', session_name='"me"'),
            "line 4",
            "role dev cannot have session_name beside saml_process",
            "Remove it: AWS does not accept session_name with such a token.",
        ),
        (role(saml_provider='"x"'), "line 4", "is not the ARN of a SAML provider", "It looks like"),
        (role(profile='"sso"'), "line 4", "is itself a profile with IAM Identity Center", 'profile = "dev-session"'),
        (role(profile='"web"'), "line 4", "is itself a profile with web identity", 'profile = "dev-session"'),
        (role(profile='"dev"'), "line 4", "is itself a profile with role settings", 'profile = "dev-session"'),
        (role(profile='"base"'), "line 4", "over its own source profile base", 'profile = "dev-session"'),
        ('[roles.d]\nfrom_profile = "dev"\nprofile = "base"\n', "line 3", "over its own source profile", "d-session"),
        ('[roles.d]\nfrom_profile = "mine"\n', "line 2", "has no role", 'source_profile = "mine"'),
        (f'[roles.d]\nfrom_profile = "sso"\nrole_arn = "{ARN}"\n', "line 2", "has no role", 'source_profile = "sso"'),
        (f'[roles.d]\nfrom_profile = "process"\nrole_arn = "{ARN}"\n', "line 2", "has no role", "source_profile"),
        ('[roles."-lead"]\nfrom_profile = "dev"\n', "line 1", 'the role name "-lead" starts with -', "another name"),
        (
            '[roles.toString]\nfrom_profile = "dev"\n',
            "line 1",
            'the role name "toString" is a name that the SDK',
            "another name",
        ),
        ('[roles."my dev"]\nfrom_profile = "dev"\n', "line 1", 'the role name "my dev" is not safe', "letters"),
    ],
)
def test_a_fault_is_reported_with_line_and_remedy(problems, text, where, what, hint):
    reported = problems(text)
    assert len(reported) == 1
    assert reported[0].location == where
    assert what in reported[0].what
    assert hint in reported[0].hint


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


def test_every_fault_is_reported_at_once_in_the_order_of_lines(load):
    text = (
        '[roles.a]\nrole_arn = "x"\nsource_profile = "nobody"\nkeep = 3\nnope = 1\n\n'
        "[roles.b]\n\n[settings]\nnotify_before = []\n[other]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert [problem.location for problem in caught.value.problems] == [
        f"line {line}" for line in (2, 3, 4, 5, 7, 10, 11)
    ]
    assert "has 7 problems, the first in line 2: role_arn of role a is not the ARN" in caught.value.sentence


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
def test_a_syntax_error_is_reported_with_line_and_column(problems, text, where):
    (problem,) = problems(text)
    assert problem.location == where
    assert problem.what.startswith("invalid TOML: ")
    assert "(at" not in problem.what


@pytest.mark.parametrize("line", [r'include = ["C:\Users\me\team.toml"]', r'x = { p = "d:\work\team.toml" }'])
def test_a_windows_path_in_double_quotes_gets_a_hint_how_to_write_it(problems, line):
    (problem,) = problems(f"# mine\n{line}\n")
    assert problem.location.startswith("line 2")
    assert problem.hint == r"Put a Windows path in single quotes, like 'C:\tools\program.exe'."


def test_a_file_that_is_not_utf8(tmp_path, aws):
    (tmp_path / "config.toml").write_bytes(b"# fine\n# \xe9\n")
    with pytest.raises(ConfigError, match="line 2: a byte that is not UTF-8"):
        loader.load(paths.locate({}, tmp_path / "config.toml"), aws)


def test_a_folder_in_place_of_the_file(tmp_path, aws):
    with pytest.raises(ConfigError, match="is not a regular file") as caught:
        loader.load(paths.locate({}, tmp_path), aws)
    assert caught.value.hint == "Move it away, or use another file.", "no mode makes it readable"


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
    assert [(problem.location, problem.what.split()[0]) for problem in problems(text)] == [
        ("line 2", "policy_note"),
        ("line 7", "keep"),
        ("line 8", "keep"),
        ("line 8", "role"),
        ("line 11", "transitive_tag_keys"),
        ("line 15", "keep"),
    ]


def test_faults_of_an_inline_table_stand_at_its_line(problems):
    (problem,) = problems('\n\nroles = { dev = { from_profile = "dev", keep = 1 } }\n')
    assert problem.location == "line 3"


@given(st.lists(st.sampled_from(["", "# c", "s = '''", "'''", "t = [", "]", "k = 1", "[t]", "[[u]]", "a.b = {c = 2}"])))
def test_lines_are_those_of_the_statements(rows):
    text = "\n".join(rows)
    try:
        loader.tomllib.loads(text)
    except loader.tomllib.TOMLDecodeError:
        return
    for path, line in lines_of(text, loader.tomllib.loads).items():
        assert path[-1] in rows[line - 1]
