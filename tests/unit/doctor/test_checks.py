from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.unit.doctor.texts import BASE, DEV, KEYS, OURS, ROLE
from traycreds.awsfiles.aws_file import encoding
from traycreds.core.value_class import replace
from traycreds.doctor.checks import examine
from traycreds.doctor.finding import Severity


def test_good_files_give_nothing(found):
    nested = "s3 =\n  max_queue_size = 10\n  addressing_style = path\n"
    config = (
        "[default]\nregion = eu-west-1\n[profile 'sp ok']\nregion = x\n".replace("'sp ok'", "ok")
        + DEV
        + "region = eu-west-1\n"
        + nested
        + "[sso-session corp]\nsso_region = x\n[services s]\nsts =\n  endpoint_url = http://x\n[preview]\na = b\n"
        + "[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n"
        + "[profile next]\n"
        + ROLE
        + "source_profile = dev\nduration_seconds = 3600\n"
        + "[profile selfmade]\n"
        + ROLE
        + "source_profile = selfmade\n"
        + KEYS
    )
    credentials = f"# mine\n{BASE}\n; note\n[dev-session]\n{OURS}[default]\n{OURS}"
    toml = '[roles.dev]\nfrom_profile = "dev"\n'
    assert found(config, credentials, toml) == []
    assert found(config.replace("\n", "\r\n"), credentials.replace("\n", "\r\n"), toml) == []


def test_no_files_give_nothing(places):
    assert examine(places) == ()


@pytest.mark.parametrize(
    ("which", "text", "line", "what"),
    [
        ("credentials", BASE + BASE, 4, "appears a second time"),
        ("credentials", "[a]\nwJalrXUtnFEMI\n", 2, "a line that is neither"),
        ("credentials", "[a]\nx = \udc81\n", 2, f"a byte that is not {encoding().upper()}"),
        ("config", "x = 1\n", 1, "text before the first"),
        ("config", "\ufeff" + DEV, 1, "a byte-order mark"),
        ("toml", "[roles.dev\n", 1, "invalid TOML"),
        ("toml", '[roles.dev]\nfrom_profile = "dev"\nkep = true\n', 3, "kep of role dev is an unknown key"),
    ],
)
def test_what_cannot_be_read(only, which, text, line, what):
    finding = only(**{which: text})
    assert finding[:2] == ("config.toml" if which == "toml" else which, line)
    assert what in finding[2]
    assert finding[4] is Severity.ERROR


def test_every_problem_of_the_toml_is_a_finding(found):
    findings = found(toml='[roles.a]\nfrom_profile = "dev"\nx = 1\nkeep = 3\n')
    assert [(name, line) for name, line, *_ in findings] == [("config.toml", 3), ("config.toml", 4)]


@pytest.mark.parametrize(
    ("row", "what", "remedy"),
    [
        ("region = x # home", "follows the value of region", "its own line"),
        ("region = x ; home", "follows the value of region", "its own line"),
        ("region = x\t# home", "follows the value of region", "its own line"),
        ("region: x", "the key region ends with a colon", "region = ..."),
        ("Region = x", "the key Region has capital letters", "Write region."),
        ("region = 'x'", "the value of region is in quotes", "Remove the quotes"),
        ('region = "x"', "the value of region is in quotes", "Remove the quotes"),
    ],
)
def test_keys_that_other_sdks_read_differently(only, row, what, remedy):
    finding = only(credentials=f"{BASE}{row}\n")
    assert finding[:2] == ("credentials", 4)
    assert what in finding[2]
    assert remedy in finding[3]
    assert finding[4] is Severity.WARNING


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("[other]#c", "text right after the ]"),
        ("[other] junk", "text right after the ]"),
        ("[ other ]", "botocore reads the spaces"),
        ("[my other]", "has characters"),
        ("[ünï]", "has characters"),
        ("[o!]", "has characters"),
        ("[__proto__]", "reads nothing of a file"),
    ],
)
def test_headers_that_other_sdks_read_differently(only, header, what):
    finding = only(credentials=f"{BASE}{header}\nregion = x\n")
    assert finding[:2] == ("credentials", 4)
    assert what in finding[2]


@pytest.mark.parametrize("header", ["[other]", "[other] # c", "[a.b/c@d]"])
def test_headers_that_all_read_alike(found, header):
    assert found(credentials=f"{BASE}{header}\nregion = x\n") == []


def test_profile_names_of_the_config_are_judged_without_their_kind(only, found):
    assert "has characters" in only(config=DEV + '[profile "my p"]\nregion = x\n')[2]
    assert found(config=DEV + '[profile "p"]\nregion = x\n') == []


@pytest.mark.parametrize(
    ("header", "remedy"),
    [
        ("[profile Foo Bar]", 'Write [profile Foo-Bar], or [profile "Foo Bar"], which some SDKs lose.'),
        ("[profiles foo]", "Write [profile foo]."),
        ("[sso-sessions foo]", "Write [sso-session foo]."),
        ("[profile  foo]", "Write [profile foo]."),
        ("[ profile foo]", "Write [profile foo]."),
        ("[foo]", "Write [profile foo]."),
        ('[profile "Foo Bar"]', "Use letters, digits and _-/.%@:+ only."),
    ],
)
def test_a_header_has_one_finding_and_its_remedy_ends_it(only, found, header, remedy):
    assert only(config=f"{DEV}{header}\nk = x\n")[3] == remedy
    right = re.search(r"\[.*?\]", remedy.split(",")[0])
    assert found(config=f"{DEV}{right[0] if right else '[profile Foo-Bar]'}\nk = x\n") == []


def test_indented_keys(only):
    assert "the key region is indented" in only(credentials=BASE + "[o]\n  region = x\n")[2]
    finding = only(credentials=BASE + "[o]\nregion = x\n  output = json\n")
    assert finding[1] == 6
    assert "part of the value of region" in finding[2]


def test_lines_ended_by_cr_alone(found):
    findings = found(credentials=BASE.replace("\n", "\r"))
    assert ("credentials", 1) in [finding[:2] for finding in findings]
    assert "CR alone" in findings[0][2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize(
    ("place", "mode", "remedy"),
    [
        ("credentials_file", 0o640, "chmod 600"),
        ("credentials_file", 0o604, "chmod 600"),
        ("aws_config_file", 0o620, "chmod go-w"),
        ("config_file", 0o602, "chmod go-w"),
    ],
)
def test_modes(found, places, place, mode, remedy):
    assert found(toml="") == []
    path = getattr(places, place)
    path.chmod(mode)
    (finding,) = examine(places)
    assert finding.file == str(path)
    assert finding.remedy == f"Run: {remedy} {shlex.quote(str(path))}"
    path.chmod(0o644 if place != "credentials_file" else 0o400)
    assert examine(places) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("place", ["credentials_file", "aws_config_file", "config_file"])
def test_the_mode_of_a_device_is_left_to_the_system(found, places, place):
    """AWS_CONFIG_FILE=/dev/null is common, and a root who does as told would take the device from all others."""
    found()
    findings = examine(replace(places, **{place: Path("/dev/null")}))
    assert not any("chmod" in finding.remedy for finding in findings)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_folder_that_others_can_write_to(found, places):
    found()
    places.credentials_file.parent.chmod(0o777)
    (finding,) = examine(places)
    assert finding.what == "other users can put their own files into this folder"


def test_a_role_profile_shadows_the_keys_of_its_name(only):
    finding = only(credentials=BASE + "[dev]\n" + KEYS)
    assert finding[:2] == ("credentials", 4)
    assert finding[2].startswith("the keys of [dev] are ignored because [profile dev]")
    assert "line 1) has role settings" in finding[2]
    assert finding[4] is Severity.ERROR


def test_keys_shadow_keys_and_processes(only):
    for lines in (KEYS, f"credential_process = {sys.executable}\n"):
        finding = only(config=DEV + "[profile base]\n" + lines)
        assert finding[:2] == ("credentials", 1)
        assert "hide the keys or the credential_process" in finding[2]


def test_one_setting_shadows_another(only, found):
    finding = only(config=DEV + "[profile base]\nregion = y\n", credentials=BASE + "region = x\n")
    assert finding[:2] == ("credentials", 4)
    assert "region of [base] hides another value" in finding[2]
    assert found(config=DEV + "[profile base]\nregion = x\n", credentials=BASE + "region = x\n") == []


def test_two_defaults(only):
    finding = only(config="[default]\nregion = x\n[profile default]\nregion = y\n" + DEV)
    assert finding[:2] == ("config", 3)
    assert "are the same profile" in finding[2]


def test_sections_in_the_wrong_file(only):
    finding = only(config=DEV + "[other]\nregion = x\n")
    assert finding[:4] == ("config", 4, "[other] is not a profile to AWS tools in Python", "Write [profile other].")


def test_the_word_profile_in_the_credentials_file(only):
    assert only(credentials=BASE + "[profile other]\nregion = x\n")[3] == "Write [other] in this file."


@pytest.mark.parametrize(
    ("seconds", "what", "severity"),
    [
        ("1h", "is not a number, so AWS tools silently use 3600", Severity.WARNING),
        ("3600.0", "is not a number", Severity.WARNING),
        ("899", "is outside what AWS allows", Severity.ERROR),
        ("43201", "is outside what AWS allows", Severity.ERROR),
        ("9" * 5000, "is outside what AWS allows", Severity.ERROR),
    ],
)
def test_durations(only, seconds, what, severity):
    finding = only(config=DEV + f"duration_seconds = {seconds}\n")
    assert finding[:2] == ("config", 4)
    assert what in finding[2]
    assert finding[4] is severity


def test_a_chained_duration_above_an_hour(only, found):
    chained = "[profile next]\n" + ROLE + "source_profile = dev\nduration_seconds = {}\n"
    assert "AWS refuses for a role assumed by a role" in only(config=DEV + chained.format(3601))[2]
    assert found(config=DEV + chained.format(3600)) == []
    assert found(config=DEV + "duration_seconds = 7200\n") == []


@pytest.mark.parametrize(
    ("config", "line", "what"),
    [
        ("[profile r]\n" + ROLE + "source_profile = gone\n", 6, "names gone, which does not exist"),
        ("[profile r]\n" + ROLE + "source_profile = r\n", 6, "the same profile, which has no keys"),
        ("[profile r]\n" + ROLE + "source_profile = e\n[profile e]\nregion = x\n", 6, "which has no credentials"),
        ("[profile r]\n" + ROLE, 5, "has neither source_profile nor credential_source"),
        (
            "[profile r]\n" + ROLE + "source_profile = base\ncredential_source = Environment\n",
            5,
            "has both source_profile and credential_source",
        ),
        (
            "[profile r]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = x\n",
            5,
            "names an sso-session corp that does not exist",
        ),
        ("[profile r]\nservices = local\n", 5, "names a services section local that does not exist"),
        ("[profile r]\nservices = local\n[services local]\n", 5, "names a services section local that"),
    ],
)
def test_sources_that_give_nothing(only, config, line, what):
    finding = only(config=DEV + config)
    assert finding[:2] == ("config", line)
    assert what in finding[2]
    assert finding[4] is Severity.ERROR


def test_a_loop_of_sources(found):
    loop = "".join(f"[profile {a}]\n{ROLE}source_profile = {b}\n" for a, b in ("ab", "bc", "ca"))
    assert [what.split(", ")[1] for _, _, what, *_ in found(config=DEV + loop)] == ["which leads back to itself"] * 3


def test_keys_end_a_loop_of_sources_but_not_their_own_profiles(found):
    loop = "".join(f"[profile {a}]\n{ROLE}source_profile = {b}\n" for a, b in ("ab", "ba"))
    findings = found(config=DEV + loop, credentials=f"{BASE}[a]\n{KEYS}")
    assert [what for _, _, what, *_ in findings if "source_profile" in what] == [
        "source_profile of a names b, which leads back to itself"
    ]


@pytest.mark.parametrize("half", KEYS.splitlines())
def test_half_a_pair_of_keys(only, half):
    finding = only(credentials=f"{BASE}[half]\n{half}\n")
    assert finding[:2] == ("credentials", 4)
    assert "the profile half has no aws_" in finding[2]


def test_a_pair_of_keys_in_both_files(found):
    first, second = KEYS.splitlines(keepends=True)
    assert found(config=DEV + "[profile p]\n" + first, credentials=BASE + "[p]\n" + second) == []


def test_a_section_of_ours_that_nobody_writes(only, found):
    toml = '[roles.other]\nfrom_profile = "dev"\n'
    finding = only(credentials=f"{BASE}[dev-session]\n{OURS}", toml=toml)
    assert finding[:2] == ("credentials", 4)
    assert "[dev-session] is left over from the role dev" in finding[2]
    moved = '[roles.dev]\nfrom_profile = "dev"\nprofile = "elsewhere"\n'
    assert "left over" in only(credentials=f"{BASE}[dev-session]\n{OURS}", toml=moved)[2]


def test_a_section_of_ours_that_someone_put_keys_into_is_his(found):
    text = f"{BASE}[old]\n{KEYS}traycreds_role = gone\n"
    assert found(credentials=text) == []


def test_a_file_that_cannot_be_opened(found, places):
    found()
    places.aws_config_file.unlink()
    places.aws_config_file.mkdir()
    assert [(finding.line, finding.what) for finding in examine(places)] == [(None, "is not a regular file")]


MFA = 'mfa_serial = "arn:aws:iam::111122223333:mfa/phone"\n'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('role_arn = "{arn}"\nsource_profile = "dev"\n', "its source dev is itself temporary"),
        ('role_arn = "{arn}"\nsource_profile = "console"\n', "its source console is itself temporary"),
        ('role_arn = "{arn}"\nsource_profile = "base"\n' + MFA, "its MFA code is for a session that all roles"),
        ('role_arn = "{arn}"\nsource_profile = "base"\n', ""),
        ('from_profile = "dev"\n', ""),
        ('from_profile = "web"\n', ""),
        ('role_arn = "{arn}"\nsource_profile = "keyed"\n', ""),
    ],
    ids=["a role", "aws login", "MFA", "keys", "a profile with keys behind it", "web identity", "a role with keys"],
)
def test_a_duration_that_aws_cuts_to_an_hour(found, body, why):
    config = (
        f"{DEV}[profile console]\nlogin_session = x\n[profile web]\n{ROLE}web_identity_token_file = /t\n"
        f"[profile keyed]\n{ROLE}source_profile = keyed\n{KEYS}"
    )
    toml = "[roles.r]\n" + body.replace("{arn}", ROLE.rsplit(maxsplit=1)[-1]) + 'duration = "4h"\n'
    findings = [one for one in found(config=config, toml=toml) if one[0] == "config.toml"]
    if not why:
        assert findings == []
        return
    ((_, line, what, remedy, severity),) = findings
    assert what.startswith(f"the role r gets sessions of one hour, not 4 h, because {why}")
    assert line == len(toml.splitlines())
    assert (remedy[:10], severity) == ('Write "1h"', Severity.WARNING)
    assert not found(config=config, toml=toml.replace("4h", "1h"))
