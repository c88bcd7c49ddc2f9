"""A command's read of a file that someone is writing."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from traycreds.awsfiles import whole_read
from traycreds.awsfiles.aws_file import read_sections
from traycreds.core.errors import UnfinishedError
from traycreds.files import contents, write_end
from traycreds.files.contents import Reading, Stamp
from traycreds.files.write_end import LONGEST_PAUSE

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can be held off")


@pytest.fixture
def naps(monkeypatch):
    taken = []
    monkeypatch.setattr(write_end.time, "sleep", taken.append)
    return taken


def test_a_file_that_is_being_written_is_read_once_it_is_whole(monkeypatch, naps, tmp_path):
    readings = [Reading(b"", None, True), Reading(b"[a]\nk", None, True), Reading(b"[a]\nk = v\n", None, False)]
    monkeypatch.setattr(contents, "read", lambda path: readings.pop(0))
    assert [section.name for section in read_sections(tmp_path / "credentials")] == ["a"]
    assert naps == [0.005, 0.005]


@pytest.mark.parametrize(("is_open", "waited"), [(True, 3.0), (False, 0), (None, 0)])
def test_nobody_waits_forever_or_for_nothing(monkeypatch, naps, tmp_path, is_open, waited):
    monkeypatch.setattr(contents, "read", lambda path: Reading(b"[a]\n", None, is_open))
    assert whole_read.read(tmp_path / "credentials").data == b"[a]\n"
    assert sum(naps) == pytest.approx(waited, abs=0.01)


def stamp(age):
    return Stamp(1, 1, 0, int((time.time() - age) * 1e9))


def test_half_a_file_is_not_taken_for_all_of_it(monkeypatch, naps, tmp_path):
    monkeypatch.setattr(contents, "read", lambda path: Reading(b"[a]\n", stamp(3), True))
    with pytest.raises(UnfinishedError, match="Another program is writing"):
        read_sections(tmp_path / "config")


@pytest.mark.parametrize(
    "reading", [Reading(b"[a]\n", stamp(3), False), Reading(b"[a]\n", stamp(2 * LONGEST_PAUSE), True)]
)
def test_a_program_that_has_a_file_open_and_does_not_write_it_is_no_hindrance(monkeypatch, naps, tmp_path, reading):
    monkeypatch.setattr(contents, "read", lambda path: reading)
    assert [section.name for section in read_sections(tmp_path / "config")] == ["a"]


@linux_only
def test_while_a_file_is_held_nobody_begins_to_write_it(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[a]\nk = v\n")
    order = []

    def write():
        with path.open("w"):
            order.append("written")

    with whole_read.held(path):
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(0.1)
        order.append("read")
        assert path.read_text() == "[a]\nk = v\n"
    writer.join(20)
    assert order == ["read", "written"]


@linux_only
def test_a_file_that_is_being_written_is_held_once_it_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "credentials"
    file = path.open("w")
    file.write("[a]\n")

    def sleep(seconds):
        file.write("k = v\n")
        file.close()

    monkeypatch.setattr(write_end.time, "sleep", sleep)
    with whole_read.held(path):
        assert path.read_text() == "[a]\nk = v\n"


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_is_no_file_is_left_to_who_reads_it(tmp_path, name):
    with whole_read.held(tmp_path / name):
        pass
