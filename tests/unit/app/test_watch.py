"""A saved configuration is taken over; a broken edit keeps the last good one and is told once, with its place."""

from __future__ import annotations

import os

import pytest

from traycreds.adapters import places
from traycreds.app.watch import ConfigWatch

GOOD = '[roles.dev]\nrole_arn = "arn:aws:iam::123456789012:role/dev"\nsource_profile = "base"\n'


class Rig:
    def __init__(self, where):
        self.where = where
        self.posted, self.told = [], []
        self.watch = ConfigWatch(where, self.posted.append, self.told.append)

    def save(self, text):
        """Save as editors do: a new file in place of the old one."""
        new = self.where.config_file.with_name("new")
        new.write_text(text)
        new.replace(self.where.config_file)
        self.watch.look()


@pytest.fixture
def rig(home):
    where = places.locate(os.environ)
    where.config_file.parent.mkdir(parents=True)
    where.config_file.write_text(GOOD)
    where.credentials_file.parent.mkdir()
    where.credentials_file.write_text("[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    return Rig(where)


def names(event):
    return [role.name for role in event.roles]


def test_nothing_saved_is_nothing_told(rig):
    rig.watch.look()
    assert (rig.posted, rig.told) == ([], [])


def test_a_saved_configuration_is_taken_over(rig):
    rig.save(GOOD + GOOD.replace("dev", "ops"))
    assert [names(event) for event in rig.posted] == [["dev", "ops"]]
    assert rig.told == []


def test_a_change_of_aws_config_is_taken_over_too(rig):
    rig.where.aws_config_file.write_text("[default]\nregion = eu-west-1\n")
    rig.watch.look()
    assert [names(event) for event in rig.posted] == [["dev"]]


def test_a_broken_edit_changes_nothing_and_is_told_once_with_its_line(rig):
    rig.save(GOOD + "[roles.ops\n")
    rig.watch.look()
    assert rig.posted == []
    (notice,) = rig.told
    assert notice.title == "Configuration has an error, the last good one stays"
    assert "line 4" in notice.body
    assert notice.body.endswith((".", "?"))


def test_a_mended_edit_is_taken_over(rig):
    rig.save(GOOD + "[roles.ops\n")
    rig.save(GOOD)
    assert [names(event) for event in rig.posted] == [["dev"]]


def test_a_second_broken_edit_takes_the_place_of_the_first(rig):
    rig.save(GOOD + "[roles.ops\n")
    rig.save(GOOD.replace("source_profile", "sorce_profile"))
    first, second = rig.told
    assert first.key == second.key
    assert "source_profile" in second.body


def test_a_configuration_that_is_gone_leaves_what_can_be_found(rig):
    rig.where.config_file.unlink()
    rig.watch.look()
    assert [names(event) for event in rig.posted] == [[]]
