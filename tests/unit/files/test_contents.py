from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.windows.mark import not_on_windows
from traycreds.files import contents

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links of folders need a right there")


@pytest.fixture
def file(tmp_path):
    """A file in a folder that is a link."""
    (tmp_path / "volume").mkdir()
    (tmp_path / "aws").symlink_to(tmp_path / "volume")
    return tmp_path / "aws" / "credentials"


def is_refused(file, marks):
    try:
        contents.refuse_emptied(file, marks)
    except contents.LinkToNothingError:
        return True
    return False


def test_what_was_in_a_linked_folder_is_remembered(file, tmp_path):
    marks = tmp_path / "state" / "locks"
    assert not is_refused(file, marks)
    contents.remember_linked(file, marks)
    contents.remember_linked(file, marks)
    assert is_refused(file, marks)
    assert not is_refused(file.with_name("other"), marks)
    assert not is_refused(tmp_path / "volume" / "credentials", marks), "which is no link"
    (mark,) = marks.iterdir()
    assert "credentials" not in mark.name


def test_a_mark_that_cannot_be_left_is_none(file, tmp_path):
    (tmp_path / "state").touch()
    contents.remember_linked(file, tmp_path / "state")
    assert not is_refused(file, tmp_path / "state")


def test_a_link_that_leads_back_to_itself_had_nothing(tmp_path):
    (tmp_path / "aws").symlink_to(tmp_path / "aws")
    contents.remember_linked(tmp_path / "aws" / "credentials", tmp_path / "locks")
    assert not is_refused(tmp_path / "aws" / "credentials", tmp_path / "locks")


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_is_read_whole_or_refused_for_its_size(tmp_path, over):
    path = tmp_path / "credentials"
    path.touch()
    os.truncate(path, contents.LIMIT + over)
    if not over:
        assert len(contents.read(path).data) == contents.LIMIT
        return
    with pytest.raises(contents.TooLargeError, match="larger than 8 MiB"):
        contents.read(path)


@not_on_windows
def test_a_token_is_read_from_a_regular_file_of_its_size_alone(tmp_path):
    """A FIFO would block forever, and a device has no end."""
    path, fifo = tmp_path / "token", tmp_path / "fifo"
    path.write_bytes(b"t" * contents.TOKEN_LIMIT)
    assert contents.token(path) == path.read_bytes()
    path.write_bytes(b"t" * (contents.TOKEN_LIMIT + 1))
    os.mkfifo(fifo)
    for refused in (path, fifo, Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"too large for a token|not a regular file"):
            contents.token(refused)


def test_a_file_that_grows_while_it_is_read_is_read_no_further_than_the_bound(tmp_path, monkeypatch):
    path = tmp_path / "credentials"
    path.touch()
    os.truncate(path, contents.LIMIT + 7)
    small = tmp_path / "small"
    small.write_bytes(b"12")
    # The stamp is from before the file grew.
    monkeypatch.setattr(contents, "stamp_of", lambda _: contents.Stamp(1, 1, 2, 1))
    assert len(contents.read_once(path).data) == contents.LIMIT + 1
    assert contents.read_once(small).data == b"12"


@not_on_windows
def test_of_a_large_file_the_end_is_read_alone(tmp_path):
    path, fifo = tmp_path / "log", tmp_path / "fifo"
    path.write_bytes(b"x" * 1000 + b"the end")
    assert contents.end_of(path, 7) == b"the end"
    assert contents.end_of(path, 5000) == path.read_bytes()
    os.mkfifo(fifo)
    with pytest.raises(OSError, match="not a regular file"):
        contents.end_of(fifo, 7)


@not_on_windows
def test_only_the_empty_device_stands_for_nothing(tmp_path):
    assert contents.is_null(Path(os.devnull))
    assert not contents.is_null(Path("/dev/zero"))
    assert not contents.is_null(tmp_path)
    assert not contents.is_null(tmp_path / "nothing")
