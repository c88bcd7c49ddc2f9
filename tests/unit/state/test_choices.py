"""The user's choices outlive a restart; a damaged file is in nobody's way."""

from __future__ import annotations

import json
import stat
import sys

import pytest

from tests.support.builders import HOUR, NOW, a_role, a_session, a_state
from traycreds.core.engine_state import Choices, Keeping, Region
from traycreds.core.events import ConfigChanged, RegionChosen, RoleChosen, RoleSwitched, RoleUsed
from traycreds.core.model import Settings
from traycreds.lifecycle.follow_ups.choices import events, of
from traycreds.state import choices
from traycreds.usecases import load

SOME = Choices(
    chosen="dev",
    keeping={
        "dev": Keeping(keep=True, until=NOW + HOUR, configured=False),
        "prod": Keeping(keep=False, until=None, configured=True),
    },
    recent=("prod", "dev"),
)


def test_what_is_saved_is_loaded(tmp_path):
    assert choices.load(tmp_path / "state") == Choices()
    choices.save(tmp_path / "state", SOME)
    assert choices.load(tmp_path / "state") == SOME
    choices.save(tmp_path / "state", Choices())
    assert choices.load(tmp_path / "state") == Choices()


def test_only_its_owner_can_read_it_and_nothing_lies_beside_it(tmp_path):
    choices.save(tmp_path / "state", SOME)
    choices.save(tmp_path / "state", SOME)
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["choices.json"]
    # On Windows, the access list of the folder protects the file.
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "state" / "choices.json").stat().st_mode) == 0o600


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"{}",
    b"\xff\xfe",
    b'{"version": 2, "default": null, "roles": {}}',
    b'{"version": 1, "default": null, "roles": {}, "recent": 7}',
    b'{"version": 1, "default": null, "roles": []}',
    b'{"version": 1, "default": null, "roles": {"dev": 1}}',
    b'{"version": 1, "default": null, "roles": {"dev": {"keep": true}}}',
    b'{"version": 1, "default": null, "roles": {"dev": {"keep": true, "until": "soon", "configured": true}}}',
    b'{"version": 1, "default": null, "roles": {"dev": {"keep": true, "until": "2026-11-24", "configured": true}}}',
    b"[" * 100_000,
]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("data", DAMAGED)
def test_a_damaged_file_is_ignored_and_reported(tmp_path, caplog, data):
    (tmp_path / "choices.json").write_bytes(data)
    assert choices.load(tmp_path) == Choices()
    assert "not using" in caplog.text
    choices.save(tmp_path, SOME)
    assert choices.load(tmp_path) == SOME


@pytest.mark.logs_warnings
def test_a_folder_that_cannot_be_written_is_only_logged(tmp_path, caplog):
    (tmp_path / "state").write_text("a file where the folder should be")
    choices.save(tmp_path / "state", SOME)
    begin = f"Your choices will not survive a restart: {tmp_path / 'state' / 'choices.json'} cannot exist"
    assert caplog.messages[0].startswith(begin)


def test_a_state_is_all_it_takes():
    state = a_state(
        a_session("dev", role=a_role("dev", keep=False), keep_until=NOW + HOUR),
        a_session("prod", role=a_role("prod", keep=True), keep=False),
        chosen="dev",
        recent=("prod", "dev"),
    )
    assert of(state) == SOME


def test_no_secret_gets_there(tmp_path):
    choices.save(tmp_path, SOME)
    kept = json.loads((tmp_path / "choices.json").read_text())
    assert set(kept) == {"version", "default", "recent", "roles", "regions"}


def test_a_restart_begins_where_the_last_run_ended():
    roles = (a_role("dev"), a_role("prod", keep=True), a_role("new", keep=True))
    state = load.first_state(ConfigChanged(roles, Settings()), SOME)
    assert state.chosen == "dev"
    assert (state.session("dev").keep, state.session("dev").keep_until) == (True, NOW + HOUR)
    assert not state.session("prod").keep
    assert state.session("new").keep
    assert state.recent == ("prod", "dev"), "in this order, though dev is chosen again at the start"


def test_a_configuration_that_was_edited_meanwhile_counts():
    roles = (a_role("dev", keep=True), a_role("prod"))
    assert events(SOME, roles) == (RoleChosen("dev"), RoleUsed("dev"), RoleUsed("prod"))


def test_keeping_as_the_configuration_says_needs_no_event():
    as_configured = {
        name: Keeping(keep=keep, until=None, configured=keep) for name, keep in (("dev", True), ("prod", False))
    }
    assert events(Choices(keeping=as_configured), (a_role("dev", keep=True), a_role("prod"))) == ()


def test_a_file_of_a_version_that_kept_no_recent_roles_is_read(tmp_path):
    (tmp_path / "choices.json").write_text('{"version": 1, "default": "dev", "roles": {}}')
    assert choices.load(tmp_path) == Choices(chosen="dev")


def test_choices_about_roles_that_are_gone_count_for_nothing():
    assert events(SOME, ()) == ()
    assert events(SOME, (a_role("prod", keep=True),)) == (RoleSwitched("prod", False, None), RoleUsed("prod"))


def test_a_region_that_was_chosen_outlives_a_restart(tmp_path):
    dev, prod = a_role("dev", region="eu-west-1"), a_role("prod")
    state = a_state(a_session("dev", role=dev, region="us-east-1"), a_session("prod", role=prod, region="sa-east-1"))
    choices.save(tmp_path, of(state))
    loaded = choices.load(tmp_path)
    assert loaded.regions == {"dev": Region("us-east-1", "eu-west-1"), "prod": Region("sa-east-1", None)}
    begun = load.first_state(ConfigChanged((dev, prod), Settings()), loaded)
    assert [session.region for session in begun.sessions] == ["us-east-1", "sa-east-1"]
    assert [session.role for session in begun.sessions] == [dev, prod], "STS is asked where the configuration says"


def test_a_region_that_was_configured_anew_counts_more_than_the_choice():
    kept = Choices(regions={"dev": Region("us-east-1", "eu-west-1")})
    assert kept.region_of(a_role("dev", region="eu-west-1")) == "us-east-1"
    assert kept.region_of(a_role("dev", region="eu-west-2")) is None
    assert kept.region_of(a_role("prod")) is None
    assert events(kept, (a_role("dev", region="eu-west-1"), a_role("prod"))) == (RegionChosen("dev", "us-east-1"),)


def test_a_region_that_the_configuration_says_is_no_choice():
    state = a_state(a_session("dev", role=a_role("dev", region="eu-west-1")))
    assert of(state).regions == {}
