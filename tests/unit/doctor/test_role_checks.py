from __future__ import annotations

import pytest

from tests.unit.doctor.texts import BASE, DEV, KEYS, OURS, PROCESS, ROLE
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.config.team_files.accepted_files import AcceptedFiles
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.engine_state import Choices, Keeping
from traycreds.doctor.finding import Severity
from traycreds.state import choices

KEPT = '[roles.dev]\nfrom_profile = "dev"\nkeep = true\nregion = "eu-west-1"\n'
OFFERED = KEPT.replace("keep = true\n", "")
LATER = "2099-01-01T00:00:00Z"
SSO = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"


@pytest.fixture
def chosen(places):
    """Have a role be the default that the user chose."""

    def chosen(role: str | None = "dev", **more):
        places.state_dir.mkdir(parents=True, exist_ok=True)
        choices.save(places.state_dir, Choices(chosen=role, **more))

    return chosen


@pytest.mark.parametrize(
    ("own", "what"),
    [
        (KEYS, "traycreds did not write profile dev-session. traycreds leaves it unchanged"),
        (KEYS + "traycreds_role = dev\n", "Profile dev-session now holds long-term keys that traycreds did not write"),
        (OURS + "traycreds_key = ASIAOTHER\n", "Profile dev-session now holds a session that traycreds did not write"),
    ],
)
def test_keys_of_others_where_a_kept_role_is_to_be_written(only, found, own, what):
    finding = only(credentials=f"{BASE}[dev-session]\n{own}", toml=KEPT)
    assert finding[:2] == ("credentials", 4)
    assert finding[2].startswith(what)
    assert finding[3].endswith("traycreds import take-over dev-session --as dev-session-base")
    assert finding[4] is Severity.ERROR
    assert found(credentials=f"{BASE}[dev-session]\n{own}", toml=OFFERED) == [], "nobody wants it written"
    assert found(credentials=f"{BASE}[dev-session-base]\n{KEYS}", toml=KEPT) == []


def test_a_role_that_the_user_keeps_counts_as_kept(only, chosen):
    chosen(None, keeping={"dev": Keeping(keep=True, until=None, configured=False)})
    assert "did not write" in only(credentials=f"{BASE}[dev-session]\n{KEYS}", toml=OFFERED)[2]


def test_keys_of_others_where_the_default_is_to_be_written(found, chosen):
    credentials = f"{BASE}[default]\n{KEYS}"
    assert found(credentials=credentials, toml=OFFERED) == []
    chosen()
    ((file, line, what, remedy, severity),) = found(credentials=credentials, toml=OFFERED)
    assert (file, line, severity) == ("credentials", 4, Severity.ERROR)
    assert what.startswith("traycreds did not write profile default")
    assert remedy.endswith("traycreds import take-over default --as base-2")


@pytest.mark.parametrize("header", ["default", "profile default"])
@pytest.mark.parametrize("settings", [ROLE + "source_profile = base\n", SSO, PROCESS])
def test_settings_that_hide_the_default_that_is_wanted(found, chosen, header, settings):
    session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
    config = f"{DEV}{session}[{header}]\n{settings}"
    assert found(config=config, toml=OFFERED) == []
    chosen()
    ((file, line, what, remedy, severity),) = found(config=config, toml=OFFERED)
    assert (file, line, severity) == ("config", 7, Severity.ERROR)
    assert "to keys in the credentials file" in what
    assert remedy.startswith("Rename it there to [profile own-default]")
    assert found(config=config.replace(header, "profile own-default"), toml=OFFERED) == []


@pytest.mark.parametrize(
    ("region", "remedy", "severity"),
    [
        ("eu-central-9", "Keep it if AWS opened it recently. Did you mean eu-central-2?", Severity.NOTE),
        ("Frankfurt", "Did you mean eu-central-1?", Severity.ERROR),
        ("eu-wst-1", "Did you mean eu-west-1?", Severity.ERROR),
    ],
)
def test_an_invalid_or_unknown_region_of_the_configuration(only, found, region, remedy, severity):
    finding = only(toml=KEPT.replace("eu-west-1", region))
    assert finding[:2] == ("config.toml", 4)
    assert finding[3:] == (remedy, severity)
    assert found(toml=KEPT.replace("eu-west-1", remedy.split()[-1].rstrip("?"))) == []


def test_an_invalid_region_of_an_included_file_is_found_too(found, places, tmp_path):
    team = tmp_path / "team.toml"
    team.write_text(OFFERED.replace("eu-west-1", "Frankfurt"))
    source = IncludedFile(str(team))
    AcceptedFiles(places.state_dir).accept(source, team.read_bytes(), frozenset())
    ((file, line, what, remedy, severity),) = found(toml=f"include = ['{team}']\n")
    assert (file, line, remedy) == ("config.toml", None, "Did you mean eu-central-1?")
    assert what == 'the region of the role dev is "Frankfurt", which is not a region name'
    assert severity is Severity.ERROR
    assert found(toml=f"include = ['{team}']\n[roles.dev]\nregion = 'eu-central-1'\n") == []


def test_a_profile_of_ours_without_a_region_is_noted(only, found):
    toml = KEPT.replace('region = "eu-west-1"\n', "")
    assert only(toml=toml) == (
        "config.toml",
        1,
        "the profile dev-session has no region, so each program that uses it must name one",
        "Give the role dev one, such as eu-west-1, or leave it as it is.",
        Severity.NOTE,
    )
    assert found(toml=KEPT) == []
    assert found(config=DEV + "region = eu-west-1\n", toml=toml) == []
    assert found(config=DEV + "[profile dev-session]\nregion = eu-west-1\n", toml=toml) == []
    assert found(toml=toml.replace("keep = true\n", "")) == [], "it is not there"
    assert only(credentials=f"{BASE}[dev-session]\n{OURS}", toml=OFFERED.replace('region = "eu-west-1"\n', ""))


def test_a_region_that_the_user_chose_is_one(found, chosen):
    chosen(None, regions={"dev": choices.Region(region="eu-west-1", configured=None)})
    assert found(toml=KEPT.replace('region = "eu-west-1"\n', "")) == []


def test_an_offered_role_that_is_kept_is_noted_at_its_profile(found, chosen):
    chosen(None, keeping={"dev": Keeping(keep=True, until=None, configured=False)})
    ((file, line, _, _, severity),) = found()
    assert (file, line, severity) == ("config", 1, Severity.NOTE)


CORP = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
SIGNED_IN = DEV.replace(ROLE + "source_profile = base\n", SSO) + CORP
"""A profile that takes its session from a sign-in."""


def sign_in(ends: str, **more):
    TokenFolder.of_this_user().write(key_of("corp"), {"accessToken": "t", "expiresAt": ends, **more})


def test_a_sign_in_that_is_over_is_reported_until_there_is_one(only, found):
    missing = (
        "config.toml",
        1,
        "you are not signed in to corp, which the role dev needs",
        "Run: traycreds login corp",
        Severity.WARNING,
    )
    assert only(config=SIGNED_IN, toml=KEPT) == missing
    sign_in("2020-01-01T00:00:00Z")
    assert only(config=SIGNED_IN, toml=KEPT) == missing
    sign_in("2020-01-01T00:00:00Z", refreshToken="r", clientId="c", clientSecret="s", registrationExpiresAt=LATER)
    assert found(config=SIGNED_IN, toml=KEPT) == [], "it is renewed without a page"
    sign_in(LATER)
    assert found(config=SIGNED_IN, toml=KEPT) == []
    sign_in("2020-01-01T00:00:00Z")
    assert found(config=SIGNED_IN, toml=OFFERED) == [], "nobody wants the role now"


def test_what_no_other_check_finds_is_reported_as_by_a_refresh(only, found):
    toml = KEPT + 'policy = "{}"\n'
    sign_in(LATER)
    finding = only(config=SIGNED_IN, toml=toml)
    assert finding == (
        "config.toml",
        1,
        "Role dev cannot have policy",
        "Profile dev provides its session as is: remove the setting from the role.",
        Severity.ERROR,
    )
    assert found(config=SIGNED_IN, toml=KEPT) == []


LEAD = '[roles.lead]\nrole_arn = "arn:aws:iam::123456789012:role/Lead"\nregion = "eu-west-1"\nsource_profile = '


def test_a_source_without_credentials_is_reported_at_the_role(only, found):
    bare = f"{DEV}[profile bare]\nregion = eu-west-1\n"
    assert only(config=bare, toml=f'{KEPT}{LEAD}"bare"\n') == (
        "config.toml",
        KEPT.count("\n") + 1,
        "Profile bare, which role lead needs, holds no credentials",
        "Add keys or another source of credentials to it.",
        Severity.ERROR,
    )
    assert only(config="", credentials="[base]\n", toml=f'{LEAD}"base"\n')[2].startswith(
        "Profile base, which role lead"
    )
    assert found(config=bare, toml=KEPT) == [], "nobody needs it"
    assert found(config=f"{bare}{ROLE}source_profile = base\n", toml=f'{KEPT}{LEAD}"bare"\n') == []


def test_a_source_that_another_role_is_yet_to_write_is_no_trouble(found):
    ours = f"{DEV}[profile dev-session]\nregion = eu-west-1\ntraycreds_region = eu-west-1\n"
    assert found(config=ours, toml=f'{KEPT}{LEAD}"dev-session"\n') == []


@pytest.mark.parametrize(("ends", "over"), [("2020-01-01T00:00:00Z", True), (LATER, False), ("soon", False)])
def test_a_session_of_another_tool_that_has_expired_is_reported_where_a_role_needs_it(found, ends, over):
    theirs = BASE.replace("[base]", "[theirs]") + f"aws_session_token = t\nx_security_token_expires = {ends}\n"
    toml = f'{KEPT}{LEAD}"theirs"\n'
    finding = (
        "credentials",
        BASE.count("\n") + 1,
        "the session of profile theirs, which the role lead needs, has expired",
        "Renew the credentials of profile theirs.",
        Severity.WARNING,
    )
    assert found(credentials=BASE + theirs, toml=f"{toml}keep = true\n") == [finding] * over
    assert found(credentials=BASE + theirs, toml=toml) == [], "nobody wants the role now"


@pytest.mark.parametrize(
    ("region", "severity"), [("Frankfurt", Severity.ERROR), ("eu-central-9", Severity.NOTE)], ids=["form", "unknown"]
)
@pytest.mark.parametrize("in_credentials", [True, False])
def test_a_region_from_the_source_profile_is_reported_where_it_is_written(found, region, severity, in_credentials):
    role = "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = base\n"
    line = f"region = {region}\n"
    texts = (
        {"config": role, "credentials": BASE + line} if in_credentials else {"config": f"{role}[profile base]\n{line}"}
    )
    findings = found(**texts, toml='[roles.dev]\nfrom_profile = "dev"\nkeep = true\n')
    (finding,) = (each for each in findings if region in each[2])
    place = ("credentials", BASE.count("\n") + 1) if in_credentials else ("config", 5)
    assert finding[:2] == place
    assert finding[2].startswith("the region of the role dev ")
    assert finding[4] is severity
