"""What `include` may name, and how the roles of included files and the user's own become one."""

from __future__ import annotations

import pytest

from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.config.schema import COMMAND_KEYS
from traycreds.config.team_files.accepted_files import Accepted
from traycreds.config.team_files.includes import IncludedFile, sources_of
from traycreds.config.template import HEAD
from traycreds.core.errors import ConfigError

ARN = "arn:aws:iam::111122223333:role/"
PIN = "0123456789abcdef" * 4
URL = "https://git.example.com/team/roles.toml"
CREDENTIALS = "[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n[other]\naws_access_key_id = AKIA\n"


def role(name: str, **keys: str) -> str:
    keys = {"role_arn": f'"{ARN}{name}"', "source_profile": '"base"', **keys}
    return f"[roles.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


@pytest.fixture
def read(tmp_path):
    """What is configured, with accepted texts of the included files; a pair is a text and programs allowed to run."""
    (tmp_path / "credentials").write_text(CREDENTIALS)
    aws = profiles.read(tmp_path / "aws-config", tmp_path / "credentials")

    def read(own: str, **accepted):
        names = ", ".join(f'"{name}.toml"' for name in accepted)
        given = {name: text if isinstance(text, tuple) else (text, ()) for name, text in accepted.items()}
        counting = {
            IncludedFile(str(tmp_path / f"{name}.toml")): None
            if text is None
            else Accepted(text.encode(), frozenset(commands))
            for name, (text, commands) in given.items()
        }
        return loader.parse(tmp_path / "config.toml", f"include = [{names}]\n{own}", aws, counting)

    return read


@pytest.fixture
def problems(read):
    def problems(own: str, **accepted):
        with pytest.raises(ConfigError) as caught:
            read(own, **accepted)
        return caught.value

    return problems


def by_name(loaded):
    return {role.name: role for role in loaded.roles}


def test_sources_in_their_order_and_paths_from_the_folder_of_the_configuration(tmp_path, home):
    elsewhere = tmp_path.parent / "t.toml"
    value = ["team.toml", "~/work/../roles.toml", {"url": URL, "sha256": PIN.upper()}, str(elsewhere)]
    sources, faults = sources_of({"include": value}, tmp_path)
    assert faults == ()
    assert sources == (
        IncludedFile(str(tmp_path / "team.toml")),
        IncludedFile(str(home / "roles.toml")),
        IncludedFile(URL, PIN),
        IncludedFile(str(elsewhere)),
    )
    assert [source.name for source in sources] == ["team.toml", "roles.toml", "roles.toml", "t.toml"]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("", ""),
        (HEAD, ""),
        ("# include = no list\n[roles", ""),
        ('include = ["team.toml"]', "team.toml"),
        ('# mine\r\n\t"include"=["team.toml"]\r\n', "team.toml"),
        ("  'include' = ['team.toml']\n", "team.toml"),
        ('theme = """\n"""\ninclude = ["team.toml"]', "team.toml"),
    ],
)
def test_a_text_is_parsed_for_its_include_where_a_line_begins_so(tmp_path, text, sources):
    assert " ".join(each.name for each in loader.sources_in(tmp_path / "config.toml", text)) == sources


def test_a_token_in_an_address_is_not_shown():
    assert IncludedFile(f"{URL}?token=secret", PIN).label == URL
    assert IncludedFile(f"{URL}?token=secret", PIN).name == "roles.toml"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("team.toml", "is not a list"),
        ([3], "neither a path nor a table"),
        ([""], "neither a path nor a table"),
        ([["x"]], "neither a path nor a table"),
        (["~nobody-of-that-name/x.toml"], "an unknown home folder"),
        (["C:\team\roles.toml"], "where \\ starts an escape"),
        ([URL], "without its hash"),
        (["http://x/y"], "without its hash"),
        ([{"url": URL}], "sha256 is missing or not 64"),
        ([{"url": URL, "sha256": PIN[1:]}], "sha256 is missing or not 64"),
        ([{"url": URL, "sha256": PIN[1:] + "g"}], "sha256 is missing or not 64"),
        ([{"sha256": PIN}], "url is not an https address"),
        ([{"url": URL.replace("https", "http"), "sha256": PIN}], "url is not an https address"),
        ([{"url": "https:///x", "sha256": PIN}], "url is not an https address"),
        ([{"url": "https://x/a b", "sha256": PIN}], "url is not an https address"),
        ([{"url": "https://x/\x1b[2J", "sha256": PIN}], "url is not an https address"),
        ([{"url": "https://[x/", "sha256": PIN}], "url is not an address"),
        ([{"url": "https://x:port/", "sha256": PIN}], "url is not an address"),
        ([{"url": 3, "sha256": PIN}], "url is not an https address"),
        ([{"url": "https://me:pw@x/", "sha256": PIN}], "with a user, a password"),
        ([{"url": "https://x/#part", "sha256": PIN}], "#fragment"),
        ([{"url": URL, "sha265": PIN}], "with sha265, which is an unknown key"),
        (["a.toml", "./a.toml"], "twice"),
    ],
)
def test_what_include_cannot_name(tmp_path, value, what):
    _, (fault,) = sources_of({"include": value}, tmp_path)
    assert what in fault.what
    assert fault.hint.endswith((".", "?"))
    assert "pw" not in fault.what + fault.hint


def test_a_fault_of_include_is_reported_with_its_line_among_others(problems):
    error = problems("[roles.a]\nkeep = 3\n[settings]\ninclude = []\n")
    assert [problem.location for problem in error.problems] == ["line 3", "line 5"]
    assert "above the first [table]" in error.problems[1].hint


def test_roles_of_included_files_come_first_and_count_like_the_users_own(read):
    loaded = read(role("mine"), team=role("dev", keep="true"), more=role("ops"))
    assert [role.name for role in loaded.roles] == ["dev", "ops", "mine"]
    assert by_name(loaded)["dev"].keep
    assert not loaded.discovered


def test_the_users_own_keys_win_one_by_one(read):
    dev = by_name(read('[roles.dev]\nkeep = false\ngroup = "G"\n', team=role("dev", keep="true", duration='"2h"')))[
        "dev"
    ]
    assert (dev.keep, dev.group, dev.arn, dev.duration.total_seconds()) == (False, "G", f"{ARN}dev", 7200)


def test_the_users_own_source_takes_the_place_of_the_teams(read, tmp_path):
    team = '[roles.dev]\nfrom_profile = "nobody"\n'
    own = f'[roles.dev]\nsource_profile = "other"\nrole_arn = "{ARN}x"\n'
    assert by_name(read(own, team=team))["dev"].source_profile == "other"
    (tmp_path / "aws-config").write_text("[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = x\n")
    aws = profiles.read(tmp_path / "aws-config", tmp_path / "credentials")
    counting = {IncludedFile(str(tmp_path / "team.toml")): Accepted(role("dev").encode())}
    text = 'include = ["team.toml"]\n[roles.dev]\nfrom_profile = "sso"\n'
    (dev,) = loader.parse(tmp_path / "config.toml", text, aws, counting).roles
    assert (dev.from_profile, dev.source_profile, dev.arn) == ("sso", None, None)


def test_a_table_that_only_changes_a_role_waits_until_that_role_is_there(read):
    loaded = read("[roles.dev]\nkeep = true\n" + role("mine"), team=None)
    assert [role.name for role in loaded.roles] == ["mine"]
    assert loaded.unused == ("dev",)
    assert read("[roles.dev]\nkeep = true\n", team=role("dev")).unused == ()


def test_without_include_such_a_table_is_an_error_as_ever(tmp_path):
    aws = profiles.AwsProfiles()
    with pytest.raises(ConfigError, match="neither role_arn nor from_profile"):
        loader.parse(tmp_path / "config.toml", "[roles.dev]\nkeep = true\n", aws)


def test_as_long_as_nothing_is_accepted_the_profiles_of_aws_are_offered(read):
    loaded = read("", team=None)
    assert loaded.discovered


def test_a_fault_is_reported_with_its_file(problems, tmp_path):
    team = role("dev") + "\n" + role("ops", duration='"13h"')
    error = problems("[roles.mine]\nnope = 1\n" + role("dev")[12:], team=team)
    places = [problem.full_location for problem in error.problems]
    assert places == [f"{tmp_path / 'config.toml'}, line 3", f"{tmp_path / 'team.toml'}, line 8"]
    assert error.sentence.startswith(f"{tmp_path / 'config.toml'} has 2 problems, the first in {places[0]}: ")
    assert "A key in [roles.ops] of your own file would win." in error.problems[1].hint
    alone = problems("", team=team)
    assert alone.sentence.startswith(f"{tmp_path / 'team.toml'}, line 8: duration of role ops")


def test_a_fault_of_a_merged_role_is_reported_where_its_key_is(problems, tmp_path):
    error = problems('[roles.dev]\nduration = "13h"\n', team=role("dev", region='"no region"'))
    assert [problem.full_location for problem in error.problems] == [
        f"{tmp_path / 'config.toml'}, line 3",
        f"{tmp_path / 'team.toml'}, line 4",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[settings]\nstore = 'memory'\n", 1, "an included file has [settings]"),
        ("include = []\n", 1, "an included file includes another"),
        ("[accounts.111122223333]\n", 1, "an included file has [accounts]"),
        ("[sign_ins.corp]\nbrowser = ['x']\n", 1, "an included file has [sign_ins]"),
        ("\nrolls = 1\n", 2, "rolls is an unknown key"),
        ("roles = 3\n", 1, "roles is not a table"),
        ("[roles]\ndev = 3\n", 2, "roles.dev is not a table"),
        (role("dev", source_profile='"nobody"'), 3, 'names "nobody", a profile that does not exist'),
        (role("dev", profile='"default"'), 4, "is default, which is written for the role that you switch to"),
        (role("dev", profile='"mine-session"') + role("mine"), 4, "would both write the profile mine-session"),
        (role("dev", profile='"base"'), 4, "over its own source profile base"),
    ],
)
def test_what_an_included_file_may_not_hold(problems, tmp_path, text, line, what):
    error = problems("", team=text)
    (problem,) = [problem for problem in error.problems if what in problem.what]
    assert line <= int(problem.location.removeprefix("line ")) <= line + 3
    assert problem.file == str(tmp_path / "team.toml")


def test_a_profile_of_the_users_own_role_is_not_taken_by_a_role_of_the_team(problems):
    error = problems(role("mine"), team=role("dev", profile='"mine-session"'))
    assert "roles dev and mine would both write the profile mine-session" in error.sentence


def test_two_included_files_with_one_role_are_an_error_that_names_both(problems, tmp_path):
    error = problems("", team=role("dev"), more=role("dev"))
    (problem,) = error.problems
    assert problem.full_location == f"{tmp_path / 'more.toml'}, line 1"
    assert problem.what == f"role dev is in {tmp_path / 'team.toml'} too"


def test_an_included_text_that_is_no_toml(problems, tmp_path):
    assert problems("", team="[roles\n").sentence.startswith(f"{tmp_path / 'team.toml'}, line 1")


def test_what_would_move_a_cursor_is_shown_as_an_escape(problems):
    error = problems("", team='[roles.dev]\n"\\u001b[2J" = 1\nrole_arn = "\\u202e"\n')
    text = error.sentence + "".join(problem.what + problem.hint for problem in error.problems)
    assert text.isprintable()
    assert "\\u202e" in text


def test_programs_need_the_users_leave(read):
    assert {"mfa_process", "saml_process", "web_identity_process"} == COMMAND_KEYS
    team = role("dev", mfa_process='"ykman code"') + role("ops", mfa_process='"curl evil"')
    assert [role.mfa_process for role in read("", team=team).roles] == [None, None]
    assert [role.mfa_process for role in read("", team=(team, ["ykman code"])).roles] == ["ykman code", None]
    own = '[roles.ops]\nmfa_process = "mine"\n'
    assert by_name(read(own, team=team))["ops"].mfa_process == "mine"


@pytest.mark.parametrize("setting", ["saml_process", "web_identity_process"])
def test_a_role_that_depends_on_a_program_is_left_out_without_the_users_leave(read, setting):
    team = f'[roles.fed]\nrole_arn = "{ARN}fed"\n{setting} = "get-token"\n' + role("dev")
    assert set(by_name(read("", team=team))) == {"dev"}
    assert read("[roles.fed]\nkeep = true\n", team=team).unused == ("fed",)
    fed = by_name(read("", team=(team, ["get-token"])))["fed"]
    assert (getattr(fed, setting), fed.source_profile) == ("get-token", None)


def test_a_source_of_the_users_own_takes_the_place_of_a_program(read):
    team = f'[roles.fed]\nrole_arn = "{ARN}fed"\nsaml_process = "get-token"\n'
    team += 'saml_provider = "arn:aws:iam::111122223333:saml-provider/Corp"\n'
    own = '[roles.fed]\nsource_profile = "base"\n'
    for allowed in ((), ["get-token"]):
        fed = by_name(read(own, team=(team, allowed)))["fed"]
        assert (fed.source_profile, fed.saml_process, fed.saml_provider) == ("base", None, None)
    mine = '[roles.fed]\nsaml_process = "my-own"\n'
    fed = by_name(read(mine, team=(team, ())))["fed"]
    assert (fed.saml_process, fed.saml_provider) == ("my-own", "arn:aws:iam::111122223333:saml-provider/Corp")


def test_an_invalid_program_is_reported_and_not_left_out(problems):
    assert "mfa_process of role dev" in problems("", team=role("dev", mfa_process="3")).sentence
