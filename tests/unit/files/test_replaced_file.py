"""A replaced file, which is read by the handle that is left of it, and the exchange that brings it into our hands."""

from __future__ import annotations

import os
import sys

import pytest

from traycreds.files import replaced_file
from traycreds.files.replaced_file import ReplacedFile

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a call of Linux")


@linux_only
def test_two_files_get_each_others_name(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    assert replaced_file.exchange(one, other)
    assert (one.read_text(), other.read_text()) == ("2", "1")


@linux_only
def test_what_is_not_there_or_cannot_be_renamed_is_an_error(tmp_path):
    one = tmp_path / "one"
    one.write_text("1")
    with pytest.raises(FileNotFoundError, match="other"):
        replaced_file.exchange(one, tmp_path / "other")
    assert one.read_text() == "1"


@linux_only
def test_what_the_system_refuses_is_no_error(tmp_path):
    """A folder cannot trade places with what is in it: the error of file systems that cannot exchange at all."""
    (tmp_path / "in").mkdir()
    assert not replaced_file.exchange(tmp_path, tmp_path / "in")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows replaces by MoveFileEx")
def test_a_system_without_the_call_cannot(tmp_path, monkeypatch):
    monkeypatch.setattr(replaced_file.ctypes, "CDLL", lambda *_, **__: object())
    assert not replaced_file.exchange(tmp_path / "one", tmp_path / "other")


def test_it_is_read_whole_again_and_again_until_it_is_closed(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(b"x" * (2 << 20))
    file = ReplacedFile(os.open(path, os.O_RDONLY))
    assert file.read()[0] == file.read()[0] == b"x" * (2 << 20)
    with path.open("r+"):
        assert file.read()[1] in {True, None}
    file.close()
    assert file.read() == (None, None)
    file.close()
