"""What is believed of a file that someone writes; more of it in tests/integration/credentials_file."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW
from traycreds.awsfiles.concurrency.shared_file import SharedFile
from traycreds.awsfiles.ini import IniText
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import atomic_write, contents
from traycreds.files.contents import Reading, Stamp


@pytest.fixture
def naps():
    return []


@pytest.fixture
def file(tmp_path, naps):
    return SharedFile(
        tmp_path / "credentials", lock_dir=tmp_path / "locks", now=lambda: NOW, sleep=naps.append, monotonic=lambda: 0.0
    )


def readings(monkeypatch, *each):
    left = list(each)
    monkeypatch.setattr(contents, "read", lambda path: left.pop(0) if len(left) > 1 else left[0])


def reading(text, *, is_open=False, n=1):
    return Reading(text.encode(), Stamp(1, 1, len(text), n), is_open)


def test_a_file_that_is_open_for_writing_is_believed_once_it_is_closed(file, naps, monkeypatch):
    readings(monkeypatch, reading("[a]\n", is_open=True), reading("", is_open=True), reading("[a]\n[b]\n"))
    assert file.read()[0].text == "[a]\n[b]\n"
    assert naps == [0.002, 0.002]


def test_what_we_have_written_is_not_parsed_again(file, monkeypatch):
    written = IniText("[a]\n")
    file.remember(written, b"[a]\n", Stamp(1, 1, 4, 1))
    readings(monkeypatch, reading("[a]\n"))
    assert file.read()[0] is written


def test_a_file_that_stays_open_is_waited_for_once(file, naps, monkeypatch):
    readings(monkeypatch, reading("[a]\n", is_open=True))
    assert file.read()[0].text == "[a]\n"
    assert 15 <= sum(naps) < 16
    assert not file.patient
    naps.clear()
    file.read()
    assert naps == []
    readings(monkeypatch, reading("[a]\n", is_open=True, n=2), reading("[a]\n", n=2))
    file.read()
    assert file.patient
    assert naps == [0.002]


def test_programs_that_write_one_after_the_other_are_waited_for_until_the_file_is_whole(file, naps, monkeypatch):
    """Each of them pauses for 10 seconds; half of what the last one writes is not all."""
    readings(monkeypatch, reading("[a]\n[mine]\n"))
    file.read()
    every = lambda: reading("[a]\n", is_open=True, n=2 + int(sum(naps)) // 10)  # noqa: E731
    monkeypatch.setattr(contents, "read", lambda path: every() if sum(naps) < 20 else reading("[a]\n[mine]\n", n=9))
    assert file.read()[0].text == "[a]\n[mine]\n"
    assert sum(naps) == pytest.approx(20, abs=0.1)


def test_programs_that_write_one_after_the_other_without_end_are_given_up(file, naps, monkeypatch):
    readings(monkeypatch, reading("[a]\n[mine]\n"))
    file.read()
    monkeypatch.setattr(contents, "read", lambda path: reading("", is_open=True, n=2 + int(sum(naps)) // 10))
    with pytest.raises(CredentialsFileError, match="keeps changing"):
        file.read()
    assert 25 <= sum(naps) < 26
    assert "[mine]" in file.known.text


def test_under_the_lock_nobody_is_waited_for_long(file, naps, monkeypatch):
    readings(monkeypatch, reading("", is_open=True))
    with pytest.raises(atomic_write.ChangedMeanwhileError):
        file.read(within=1)
    assert 1 <= sum(naps) < 1.1


@pytest.mark.parametrize(
    ("left", "is_open", "held"),
    [("[a]\nk = v\n", False, 0), ("", False, 15), ("[a]\nk = v\n", None, 15)],
    ids=["nobody writes", "nothing is left", "the system does not tell"],
)
def test_a_write_waits_for_sections_that_vanished_only_where_a_program_may_be_amid_its_write(
    file, monkeypatch, left, is_open, held
):
    readings(monkeypatch, reading("[a]\nk = v\n[b]\nk = v\n"))
    file.read()
    readings(monkeypatch, reading(left, is_open=is_open, n=2))
    assert file.wait_for_vanished(Batch()) == pytest.approx(held)
