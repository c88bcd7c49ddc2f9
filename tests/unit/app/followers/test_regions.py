"""Regions are written on a thread of their own; what cannot be written becomes a note and hinders nothing."""

from __future__ import annotations

import threading

import pytest

from traycreds.app.followers import regions
from traycreds.app.followers.regions import RegionWriter
from traycreds.awsfiles import config_regions
from traycreds.files import atomic_write
from traycreds.files.errors import file_error
from traycreds.state.paths import Paths

OURS = "[profile dev-session]\nregion = {0}\ntraycreds_region = {0}\n"


@pytest.fixture
def where(tmp_path):
    aws = tmp_path / "aws"
    aws.mkdir()
    return Paths(
        config_file=tmp_path / "config.toml",
        state_dir=tmp_path / "state",
        log_dir=tmp_path / "log",
        runtime_dir=tmp_path / "run",
        credentials_file=aws / "credentials",
        aws_config_file=aws / "config",
    )


def desired(region="eu-west-1"):
    return {"dev-session": region, "default": None}


@pytest.fixture
def follower(where):
    notes = []
    following = RegionWriter(where, lambda event: notes.append(event.notes))
    following.notes = notes
    yield following
    following.finish(0)


def test_what_is_desired_is_written_and_waited_for(where, follower):
    follower.write(desired())
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("eu-west-1")
    follower.write(desired("us-east-1"))
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("us-east-1")
    assert follower.notes == []


def test_before_anything_is_desired_nothing_is_touched(where, follower):
    where.aws_config_file.write_text(OURS.format("eu-west-1"))
    follower.check()
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("eu-west-1")


def test_writing_returns_at_once_though_the_disk_hangs(where, follower, monkeypatch):
    hang, hung = threading.Event(), threading.Event()

    def stuck(*_args, **_more):
        hung.set()
        hang.wait(20)
        raise file_error(OSError(5, "io"), where.aws_config_file)

    monkeypatch.setattr(atomic_write, "replace", stuck)
    follower.write(desired())
    assert hung.wait(10)
    follower.write(desired("us-east-1"))
    assert not follower.wait_until_written(0)
    hang.set()
    assert follower.wait_until_written(10)


def test_a_file_that_cannot_be_written_becomes_a_note_and_is_retried(where, follower, monkeypatch):
    def full(path, *_args, **_more):
        raise file_error(OSError(28, "No space left on device"), path)

    with monkeypatch.context() as patched:
        patched.setattr(atomic_write, "replace", full)
        follower.write(desired())
        assert follower.wait_until_written(10)
        ((note,),) = follower.notes
        assert note.profile == "dev-session"
        assert str(where.aws_config_file) in note.sentence
        follower.write(desired("us-east-1"))
        assert follower.wait_until_written(10)
        assert len(follower.notes) == 1, "the same is not said twice"
    monkeypatch.setattr(regions, "AGAIN", 0.01)
    follower.check()
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("us-east-1")
    assert follower.notes[1:] == [()]


def test_what_failed_is_retried_by_itself(where, follower, monkeypatch):
    monkeypatch.setattr(regions, "AGAIN", 0.01)
    replace_file, tries, well = atomic_write.replace, [], threading.Event()

    def second_time(path, *args, **more):
        tries.append(path)
        if len(tries) == 1:
            raise file_error(OSError(28, "No space left on device"), path)
        stamp = replace_file(path, *args, **more)
        well.set()
        return stamp

    monkeypatch.setattr(atomic_write, "replace", second_time)
    follower.write(desired())
    assert well.wait(10)
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("eu-west-1")


def test_a_change_by_someone_else_is_put_right(where, follower):
    follower.write(desired())
    assert follower.wait_until_written(10)
    where.aws_config_file.write_text("[default]\n")
    follower.check()
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == "[default]\n\n" + OURS.format("eu-west-1")


def test_credentials_that_cannot_be_read_sweep_nothing_away(where, follower):
    where.aws_config_file.write_text(OURS.format("x-1").replace("dev", "old"))
    where.credentials_file.write_text("nonsense\n")
    follower.write(desired())
    assert follower.wait_until_written(10)
    assert "[profile old-session]" in where.aws_config_file.read_text()
    where.credentials_file.write_text("[base]\n")
    follower.check()
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text().lstrip() == OURS.format("eu-west-1")


@pytest.mark.logs_warnings
def test_an_unexpected_error_is_logged_and_the_thread_lives_on(where, follower, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(regions, "_on_file", lambda _: 1 / 0)
        follower.write(desired())
        assert follower.wait_until_written(10)
    assert "regions could not be written" in caplog.text
    follower.check()
    assert follower.wait_until_written(10)
    assert where.aws_config_file.read_text() == OURS.format("eu-west-1")


def test_a_command_gets_the_notes_back(where):
    assert config_regions.write(where, {"dev-session": "eu-west-1"}) == ()
    where.aws_config_file.write_text("nonsense\n")
    (note,) = config_regions.write(where, {"dev-session": "eu-west-1", "x": None})
    assert note.profile == "dev-session"
    assert where.aws_config_file.read_text() == "nonsense\n"
