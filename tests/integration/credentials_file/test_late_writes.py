"""What another program writes into the file that we have just replaced, step by step."""

from __future__ import annotations

import os

import pytest

from tests.support.builders import HOUR, MINUTE, NOW
from tests.windows.mark import not_on_windows
from traycreds.awsfiles import credentials_file
from traycreds.awsfiles.concurrency import vanished_sections
from traycreds.core.model import Batch
from traycreds.files import writers

# Windows replaces no file that a program has open: there, the program is waited for.
pytestmark = not_on_windows

MINE = "# by hand\n[mine]\nregion = eu-1  \n\n; a remark\n[other]\nk = v\n"


@pytest.fixture(params=["reported", "untold"])
def reported(request, monkeypatch):
    """Whether the system tells who has a file open; where it does not, time has to."""
    if request.param == "untold":
        import contextlib

        @contextlib.contextmanager
        def nobody_knows(handle):
            yield writers.HoldOff(None, handle)

        monkeypatch.setattr(writers, "held_off", nobody_knows)
    return request.param == "reported"


@pytest.fixture
def clock(monkeypatch):
    """Seconds that go by when someone waits, or says so."""
    now = [1000.0]
    monkeypatch.setattr(credentials_file.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def store(on_disk, clock):
    def build(**more):
        def sleep(seconds):
            clock[0] += seconds
            on_disk._nap(seconds)

        return credentials_file.CredentialsFile(
            on_disk.path, lock_dir=on_disk.lock_dir, now=lambda: NOW, sleep=sleep, **more
        )

    return build


def check_again(store, clock, seconds=2.0):
    """As the engine does: after a while, as long as it is worth it."""
    for _ in range(100):
        clock[0] += min(seconds, store.next_check() or seconds)
        if store.changed():
            store.read()
        if store.next_check() is None:
            return


@pytest.mark.logs_warnings
def test_a_program_that_truncated_before_our_write_and_writes_after_it_loses_nothing(
    on_disk, store, clock, a_write, reported
):
    on_disk.put(MINE)
    ours = store()
    ours.write(Batch(sets=(a_write("dev"),)))
    slow = on_disk.path.open("w")
    ours.write(Batch(sets=(a_write("dev", expires_at=NOW + HOUR, n=2),)))
    assert 14 <= sum(on_disk.naps) <= 17, "it waited for the rest"
    assert "[mine]" not in on_disk.text()
    slow.write(MINE.replace("eu-1", "eu-2"))
    slow.close()
    check_again(ours, clock)
    assert on_disk.text().startswith(MINE.replace("eu-1", "eu-2") + "\n[dev]\n")
    assert "ASIAEXAMPLE000000002" in on_disk.text()


def test_a_program_that_reads_truncates_and_writes_between_our_read_and_our_rename_loses_nothing(
    on_disk, store, clock, a_write, reported, monkeypatch
):
    on_disk.put(MINE)
    ours = store()
    rival = on_disk.path.open("r+")
    monkeypatch.setattr(vanished_sections, "HOLD", 0.0)
    ours.write(Batch(sets=(a_write("dev"),)))
    text = rival.read()
    rival.seek(0)
    rival.truncate()
    rival.write(text.replace("; a remark", "; my remark"))
    rival.close()
    check_again(ours, clock)
    assert on_disk.text().startswith(MINE.replace("; a remark", "; my remark") + "\n[dev]\n")


def test_a_write_is_held_back_until_the_sections_are_there_again(on_disk, store, a_write):
    on_disk.put(MINE)
    ours = store()
    ours.read()
    on_disk.put("")
    on_disk.during_naps = [lambda: None] * 60 + [lambda: on_disk.put(MINE)]
    ours.write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(MINE)
    assert 3 <= sum(on_disk.naps) <= 4
    assert on_disk.siblings() == ["credentials"]


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("away", "why"),
    [
        (lambda path: path.unlink(), "The credentials file is missing, so"),
        (lambda path: path.write_text("", newline="\n"), "mine and other vanished from the credentials file, so"),
        (lambda path: path.write_text("[other]\n", newline="\n"), "mine vanished from the credentials file, so"),
    ],
    ids=["the file", "all sections", "a section"],
)
def test_while_sections_are_awaited_it_says_what_is_gone_and_then_keeps_its_promise(on_disk, store, a_write, away, why):
    on_disk.put(MINE)
    reported = []
    ours = store(missing=reported.append)
    ours.read()
    assert ours.held_up is None
    away(on_disk.path)
    reasons = []
    on_disk.during_naps = [lambda: None] * 60 + [lambda: reasons.append(ours.held_up)]
    ours.write(Batch(sets=(a_write("dev"),)))
    assert reasons[0].sentence.startswith(why)
    assert reported == [reasons[0]], "once, as it begins"
    assert reasons[0].hint.endswith("within 15 seconds and keeps a copy of what was in it.")
    assert sum(on_disk.naps) <= 17
    (backup,) = on_disk.path.parent.glob("*.backup-*")
    assert backup.read_text() == MINE


@pytest.mark.logs_warnings
def test_sections_that_stay_away_are_kept_in_a_copy_that_a_notice_names(on_disk, store, a_write):
    on_disk.put(MINE)
    ours = store()
    ours.read()
    on_disk.put("")
    report = ours.write(Batch(sets=(a_write("dev"),)))
    (note,) = report.view.notes
    (backup,) = on_disk.path.parent.glob("*.backup-*")
    assert backup.read_text() == MINE
    assert os.name == "nt" or backup.stat().st_mode & 0o777 == 0o600
    assert note.sentence == f"mine and other vanished from {on_disk.path}."
    assert str(backup) in note.hint
    assert ours.read().notes == (), "told once"


@pytest.mark.logs_warnings
def test_a_session_that_is_about_to_end_is_not_held_back(on_disk, store, a_write):
    ours = store()
    on_disk.put(MINE)
    ours.write(Batch(sets=(a_write("dev", expires_at=NOW + MINUTE / 3),)))
    on_disk.put("")
    ours.write(Batch(sets=(a_write("dev", n=2),)))
    assert sum(on_disk.naps) < 1
    assert "ASIAEXAMPLE000000002" in on_disk.text()
    assert len(list(on_disk.path.parent.glob("*.backup-*"))) == 1


def test_a_section_that_its_owner_removed_is_waited_for_and_then_gone(on_disk, store, a_write):
    on_disk.put(MINE)
    ours = store()
    ours.read()
    rest = MINE.replace("[mine]\nregion = eu-1  \n", "")
    on_disk.put(rest)
    ours.write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(rest)
    assert on_disk.siblings() == ["credentials"], "no copy"


@pytest.mark.logs_warnings
def test_what_two_programs_changed_at_one_time_is_kept_in_a_copy(on_disk, store, clock, a_write, reported):
    on_disk.put(MINE)
    ours = store()
    late = on_disk.path.open("r+")
    late.read()
    monkey = vanished_sections.HOLD
    vanished_sections.HOLD = 0.0
    try:
        ours.write(Batch(sets=(a_write("dev"),)))
    finally:
        vanished_sections.HOLD = monkey
    on_disk.put(on_disk.text().replace("eu-1", "eu-3"))
    late.seek(0)
    late.write(MINE.replace("eu-1", "eu-2"))
    late.close()
    notes = []
    for _ in range(50):
        clock[0] += ours.next_check() or 2.0
        if ours.changed():
            notes += ours.read().notes
    assert "region = eu-3" in on_disk.text()
    assert [note.sentence for note in notes] == [
        f"Two programs changed mine in {on_disk.path} at the same time; one version was kept."
    ]
    (backup,) = on_disk.path.parent.glob("*.backup-*")
    assert backup.read_text() == MINE.replace("eu-1", "eu-2")


def test_a_process_that_ends_stays_with_a_program_that_it_overtook(on_disk, store, clock, a_write, reported):
    if not reported:
        pytest.skip("the system does not report a writer that waits")
    on_disk.put(MINE)
    ours = store()
    slow = on_disk.path.open("w")
    ours.write(Batch(sets=(a_write("dev"),)))
    on_disk.during_naps = [lambda: None] * 20 + [lambda: (slow.write(MINE), slow.close())]
    ours.finish()
    assert on_disk.text().startswith(MINE + "\n[dev]\n")
    assert ours.next_check() is None


def test_a_process_that_moved_a_section_stays_with_a_program_that_it_overtook(on_disk, store, monkeypatch):
    on_disk.put(MINE)
    ours = store()
    monkeypatch.setattr(vanished_sections, "HOLD", 0.0)
    with on_disk.path.open("r+") as rival:
        text = rival.read()
        ours.take_over("other", "yours")
        rival.seek(0)
        rival.truncate()

        def write():
            rival.write(text.replace("eu-1", "eu-2"))
            rival.close()

        on_disk.during_naps = [lambda: None] * 20 + [write]
        ours.finish()
    assert on_disk.text() == MINE.replace("eu-1", "eu-2").replace("other", "yours")


def test_a_program_that_never_ends_its_write_is_stayed_with_for_so_long(on_disk, store, monkeypatch, a_write):
    on_disk.put(MINE)
    ours = store()
    monkeypatch.setattr(vanished_sections, "HOLD", 0.0)
    with on_disk.path.open("r+"):
        ours.write(Batch(sets=(a_write("dev"),)))
        before = sum(on_disk.naps)
        ours.finish(seconds=5.0)
    assert 4 <= sum(on_disk.naps) - before <= 6
    assert ours.next_check() is None


def test_an_older_version_of_ours_is_an_undo_too(on_disk, store, a_write):
    on_disk.put(MINE)
    ours = store()
    texts = []
    for n in (1, 2, 3):
        ours.write(Batch(sets=(a_write("dev", expires_at=NOW + HOUR + n * MINUTE, n=n),)))
        texts.append(on_disk.text())
    on_disk.put(texts[0])
    ours.read()
    assert on_disk.text() == texts[2]


@pytest.mark.logs_warnings
def test_a_program_that_read_before_a_merge_and_wrote_into_a_replaced_file_undoes_nothing(
    on_disk, store, clock, a_write
):
    on_disk.put(MINE)
    ours = store()
    ours.write(Batch(sets=(a_write("dev"),)))
    with on_disk.path.open("r+") as first:
        ours.write(Batch(sets=(a_write("dev", expires_at=NOW + HOUR, n=2),)))
        first.write(on_disk.text().replace("eu-1", "eu-2"))
    stale = on_disk.text()
    assert "eu-1" in stale
    clock[0] += 2.0
    ours.read()
    assert "eu-2" in on_disk.text(), "the first program's write is merged"
    with on_disk.path.open("r+") as second:
        ours.write(Batch(sets=(a_write("dev", expires_at=NOW + HOUR, n=3),)))
        second.write(stale + "\n[second]\nk = v\n")
    check_again(ours, clock)
    assert "eu-2" in on_disk.text()
    assert "[second]" in on_disk.text()
