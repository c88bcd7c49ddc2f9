"""A text file is replaced whole, after others have finished, or not at all."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.windows.mark import not_on_windows
from traycreds.core.errors import ConfigError
from traycreds.files import contents, rewrite, write_end


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "folder" / "config"
    path.parent.mkdir()
    return path


def write_long_ago(path, text):
    path.write_bytes(text.encode())
    os.utime(path, (1, 1))


def test_a_new_file_is_made_with_its_folder_for_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "config.toml"
    assert rewrite.rewrite(path, tmp_path / "locks", lambda text: f"{text}!")
    assert path.read_text() == "None!"
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_text_is_no_write(path, tmp_path):
    write_long_ago(path, "\ufeffa\r\n")
    before = contents.stamp(path)
    assert not rewrite.rewrite(path, tmp_path, lambda text: text)
    assert contents.stamp(path) == before


def test_who_writes_meanwhile_is_not_overwritten(path, tmp_path):
    write_long_ago(path, "a")
    seen = []

    def edit(text):
        seen.append(text)
        if len(seen) == 1:
            write_long_ago(path, "b")
        return text + "!"

    assert rewrite.rewrite(path, tmp_path, edit)
    assert (seen, path.read_text()) == (["a", "b"], "b!")


def test_a_file_that_was_just_written_is_given_time(path, tmp_path, monkeypatch):
    path.write_text("half")
    waits = []

    def finish(seconds):
        waits.append(seconds)
        write_long_ago(path, "whole")

    monkeypatch.setattr(write_end.time, "sleep", finish)
    assert rewrite.rewrite(path, tmp_path, lambda text: text + "!")
    assert path.read_text() == "whole!"
    assert waits


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells who has a file open")
def test_a_program_that_pauses_amid_its_write_is_waited_for(path, tmp_path, monkeypatch):
    path.write_text("")
    writer = path.open("w")
    os.utime(path, (time.time() - 5, time.time() - 5))

    def finish(_):
        writer.write("whole")
        writer.close()
        os.utime(path, (1, 1))

    monkeypatch.setattr(write_end.time, "sleep", finish)
    assert rewrite.rewrite(path, tmp_path, lambda text: text + "!")
    assert path.read_text() == "whole!"


def test_a_file_that_never_rests_is_given_up(path, tmp_path, monkeypatch):
    path.write_text("x")
    clock = iter(range(10**6))
    monkeypatch.setattr(write_end.time, "sleep", lambda _: os.utime(path, (time.time() + 1e4, time.time())))
    monkeypatch.setattr(write_end, "LONGEST_WAIT", 0.05)
    with pytest.raises(ConfigError, match="keeps writing"):
        rewrite.rewrite(path, tmp_path, lambda text: text + str(next(clock)))
    assert path.read_text() == "x"


@pytest.mark.parametrize(("data", "message"), [(b"a\n\xff", "line 2: a byte that is not UTF-8")])
def test_bytes_that_are_no_text(path, tmp_path, data, message):
    path.write_bytes(data)
    os.utime(path, (1, 1))
    with pytest.raises(ConfigError, match=message):
        rewrite.rewrite(path, tmp_path, lambda text: text + "!")
    assert path.read_bytes() == data


def test_what_is_no_file(path, tmp_path):
    path.mkdir()
    with pytest.raises(ConfigError, match="is not a regular file"):
        rewrite.rewrite(path, tmp_path, str)


# Wine calls it a missing file, and Windows requires a privilege to create it.
@not_on_windows
def test_a_link_to_itself(path, tmp_path):
    path.symlink_to(path)
    with pytest.raises(ConfigError, match="leads back to itself"):
        rewrite.rewrite(path, tmp_path, str)


@not_on_windows
def test_a_folder_that_is_a_link_to_itself(path, tmp_path):
    path.parent.rmdir()
    path.parent.symlink_to(path.parent)
    with pytest.raises(ConfigError, match="leads back to itself"):
        rewrite.rewrite(path, tmp_path, str)
