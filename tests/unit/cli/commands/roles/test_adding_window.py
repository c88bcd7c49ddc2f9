"""Our configuration as the window adds to it: mistakes are said before, and every byte that was there stays."""

from __future__ import annotations

import pytest

from traycreds.cli.commands.roles.adding_window import ConfiguredRoles
from traycreds.config import loader
from traycreds.importers.new_role import NewRole
from traycreds.ui.new_role.form import Form
from traycreds.usecases import load
from traycreds.usecases.options import Options

BEFORE = (
    "# mine\r\n[roles.other]   # here too\r\nrole_arn='arn:aws:iam::123456789012:role/x'\r\nsource_profile =  'base'"
)
KEYS = "[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s\n"
FOUND = "[profile found]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n"
WHOLE = Form(account="444455556666", role="Admin", source_profile="base", name="admin", keep=True)


@pytest.fixture
def config(home):
    (home / ".aws").mkdir(mode=0o700)
    (home / ".aws" / "credentials").write_text(KEYS)
    (home / ".aws" / "config").write_text(FOUND)
    return home / "config.toml"


@pytest.fixture
def adds(config):
    config.write_bytes(BEFORE.encode())
    return ConfiguredRoles(NewRole(Options(config=config)))


def test_a_role_is_appended_and_every_byte_before_it_stays(adds, config):
    assert adds.why_not(WHOLE) == ""
    adds.add(WHOLE)
    data = config.read_bytes()
    assert data.startswith(BEFORE.encode())
    assert data.count(b"\n") == data.count(b"\r\n")
    new = load.read_config(load.find_paths(Options(config=config))).roles[-1]
    assert (new.name, new.arn, new.source_profile, new.keep) == (
        "admin",
        "arn:aws:iam::444455556666:role/Admin",
        "base",
        True,
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"source_profile": "bas"}, "There is no profile bas. Did you mean base?"),
        ({"mfa_serial": "x"}, "mfa_serial "),
        ({"name": "other"}, "There is already a role other. Choose another name, or edit "),
        ({"name": "my role"}, 'The role name "my role" is not safe. Use letters'),
        ({"name": "found", "source_profile": "found-session"}, "There is no profile found-session."),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_written(adds, config, fields, why):
    assert adds.why_not(WHOLE._replace(**fields)).startswith(why)
    assert config.read_bytes() == BEFORE.encode()


def test_what_was_edited_meanwhile_counts(adds, config):
    config.write_text("[roles.admin]\nfrom_profile = 'found'\n")
    assert "admin" in adds.why_not(WHOLE)
    config.write_text("[roles")
    assert adds.why_not(WHOLE)


def test_a_name_is_suggested_and_the_profiles_with_keys_are_offered(adds):
    assert adds.suggest_name("team/My.Admin") == "My.Admin"
    assert adds.sources == ("base",)


def test_our_own_sessions_are_not_offered_as_a_source(adds, config):
    session = (
        "aws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = s\naws_session_token = t\ntraycreds_role = dev\n"
    )
    with (config.parent / ".aws" / "credentials").open("a") as file:
        file.write(f"[default]\n{session}[dev-session]\n{session}")
    assert ConfiguredRoles(NewRole(Options(config=config))).sources == ("base",)


def test_a_first_role_says_what_becomes_of_those_that_were_found(adds, config):
    assert adds.note == ""
    config.unlink()
    assert ConfiguredRoles(NewRole(Options(config=config))).note.startswith("The menu will list only configured roles")
    assert loader.text_of(config) is None
