"""A saved configuration is taken over; a broken edit keeps the last good one and is reported once, with its place."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from tests.support.wait_until import until
from traycreds.app.followers.config_watch import CHECK_BESIDE, CHECK_EVERY, ConfigWatch
from traycreds.app.followers.file_changes import FileChanges
from traycreds.awsfiles import whole_read
from traycreds.config import loader
from traycreds.state import paths

GOOD = '[roles.dev]\nrole_arn = "arn:aws:iam::123456789012:role/dev"\nsource_profile = "base"\n'


class WatchedConfig:
    def __init__(self, where):
        self.where = where
        self.posted, self.notices = [], []
        self.made = []
        self.watch = self.watch_with(self.posted.append)

    def watch_with(self, post, **more):
        """A watch of the same files, which ends with the test."""
        self.made.append(ConfigWatch(self.where, post, self.notices.append, **more))
        return self.made[-1]

    def save(self, text):
        """Save as editors do: a new file in place of the old one."""
        new = self.where.config_file.with_name("new")
        new.write_text(text)
        new.replace(self.where.config_file)
        self.watch.check()


@pytest.fixture
def watched(home):
    where = paths.locate(os.environ)
    where.config_file.parent.mkdir(parents=True)
    where.config_file.write_text(GOOD)
    where.credentials_file.parent.mkdir()
    where.credentials_file.write_text("[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    made = WatchedConfig(where)
    yield made
    for watch in made.made:
        watch.stop()


def names(event):
    return [role.name for role in event.roles]


def test_without_a_change_nothing_is_posted_or_announced(watched):
    watched.watch.check()
    assert (watched.posted, watched.notices) == ([], [])


def test_a_saved_configuration_is_taken_over(watched):
    watched.save(GOOD + GOOD.replace("dev", "ops"))
    assert [names(event) for event in watched.posted] == [["dev", "ops"]]
    assert watched.notices == []


def test_a_change_of_aws_config_is_taken_over_too(watched):
    watched.where.aws_config_file.write_text("[default]\nregion = eu-west-1\n")
    watched.watch.check()
    assert [names(event) for event in watched.posted] == [["dev"]]


def test_a_broken_edit_changes_nothing_and_is_reported_once_with_its_line(watched):
    watched.save(GOOD + "[roles.ops\n")
    watched.watch.check()
    assert watched.posted == []
    (notice,) = watched.notices
    assert notice.title == "Configuration error: not applied"
    assert "line 4" in notice.body
    assert notice.body.startswith("Put strings in quotes")


def test_a_corrected_edit_is_used(watched):
    watched.save(GOOD + "[roles.ops\n")
    watched.save(GOOD)
    assert [names(event) for event in watched.posted] == [["dev"]]


def test_a_second_broken_edit_takes_the_place_of_the_first(watched):
    watched.save(GOOD + "[roles.ops\n")
    watched.save(GOOD.replace("source_profile", "sorce_profile"))
    first, second = watched.notices
    assert first.key == second.key
    assert "source_profile" in second.body


def test_a_configuration_that_is_gone_leaves_what_can_be_found(watched):
    watched.where.config_file.unlink()
    watched.watch.check()
    assert [names(event) for event in watched.posted] == [[]]


HOSTILE = [
    "x = " + "[" * 3000 + "]" * 3000,
    ".".join("a" * 20_000) + " = 1",
    "duration = " + "9" * 5000,
    "[roles.x]\npolicy = '" + "[" * 2000 + "'",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_hostile_edit_is_reported_and_the_next_good_one_is_used(watched, text):
    watched.save(f"include = []\n{text}\n")
    assert [notice.title for notice in watched.notices] == ["Configuration error: not applied"]
    assert watched.posted == []
    watched.save(GOOD + GOOD.replace("dev", "ops"))
    assert [names(event) for event in watched.posted] == [["dev", "ops"]]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [RecursionError, ValueError, MemoryError])
@pytest.mark.parametrize("place", ["files_of", "load"])
def test_the_watch_outlives_whatever_a_file_does_to_the_parser(watched, monkeypatch, error, place):
    """On the thread itself, so that a watch that ended would show."""
    taken = threading.Event()
    watch = watched.watch_with(lambda event: taken.set())
    real = getattr(loader, place)
    monkeypatch.setattr(loader, place, lambda *_, **__: (_ for _ in ()).throw(error("beyond all bounds")))
    monkeypatch.setattr("traycreds.app.followers.config_watch.CHECK_EVERY_WHILE_EDITING", 0.01)
    watch.expect_edits()
    watch.start()
    watched.where.config_file.write_text(GOOD + "# hostile\n")
    until(lambda: watch._seen == watch._stamps(), "it was looked at")
    monkeypatch.setattr(loader, place, real)
    watched.where.config_file.write_text(GOOD + "# a good edit\n")
    assert taken.wait(10)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells who has a file open")
def test_a_half_written_aws_config_is_neither_used_nor_reported(watched, monkeypatch):
    monkeypatch.setattr(whole_read, "PATIENCE", 0)
    watched.where.aws_config_file.write_text("[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/dev\n")
    watched.watch.check()
    watched.posted.clear()
    with watched.where.aws_config_file.open("w"):
        watched.watch.check()
    assert (watched.posted, watched.notices) == ([], [])
    watched.watch.check()
    assert [names(event) for event in watched.posted] == [["dev"]], "its writer has left it so"


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells about changes")
def test_a_change_that_the_system_reports_is_used_at_once(watched):
    taken, polls = threading.Event(), []
    watch = watched.watch_with(lambda event: taken.set(), besides=lambda: polls.append(1))
    watch.start(FileChanges(lambda: watch.files))
    watched.where.config_file.write_text(GOOD + GOOD.replace("dev", "ops"))
    assert taken.wait(CHECK_BESIDE / 6)
    before = until(lambda: len(polls), "it polled")
    watch.nudge()
    until(lambda: len(polls) > before, "it polled again")


@pytest.mark.logs_warnings
@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells about changes")
def test_the_watch_outlives_folders_that_cannot_be_watched(watched):
    taken, asked = threading.Event(), []

    def broken():
        asked.append(1)
        if len(asked) == 1:
            raise OSError(5, "Input/output error")
        return ()

    watch = watched.watch_with(lambda event: taken.set())
    watch.start(FileChanges(broken))
    until(lambda: asked, "it tried")
    watched.where.config_file.write_text(GOOD + GOOD.replace("dev", "ops"))
    watch.nudge()
    assert taken.wait(10)


class Changes:
    """Reports all changes, or not; `waits` is how long it was waited for them."""

    def __init__(self, *, complete=True, fails=False):
        self.complete, self.fails = complete, fails
        self.waits, self.woken = [], threading.Event()

    def follow(self):
        return False

    def wait(self, seconds):
        self.waits.append(seconds)
        if self.fails:
            raise ValueError("filedescriptor out of range in select()")
        self.woken.wait(seconds)
        self.woken.clear()

    def wake(self):
        self.woken.set()

    def close(self):
        pass


@pytest.mark.parametrize(
    ("changes", "rarely", "pause"),
    [
        (Changes(), True, CHECK_BESIDE),
        (Changes(complete=False), True, CHECK_EVERY),
        (Changes(), False, CHECK_EVERY),
    ],
    ids=["told about all", "on a share", "finds a stuck engine"],
)
def test_files_are_checked_rarely_only_where_that_is_enough(watched, changes, rarely, pause):
    watched.watch.start(changes, rarely=rarely)
    assert until(lambda: changes.waits, "it waits") == [pause]
    assert watched.watch.pause == pause


@pytest.mark.logs_warnings
def test_the_watch_goes_on_without_reports_of_changes(watched):
    taken, changes = threading.Event(), Changes(fails=True)
    watch = watched.watch_with(lambda event: taken.set())
    watch.start(changes)
    until(lambda: changes.waits, "it tried")
    watched.where.config_file.write_text(GOOD + GOOD.replace("dev", "ops"))
    watch.nudge()
    assert taken.wait(10)
    assert watch.pause == CHECK_EVERY
